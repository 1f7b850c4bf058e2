//! What is written is read again, whatever its form; and bytes that are nothing are no trouble.

use idcard_bulk::input::{Encoding, Format, Input, InputOptions, Row};
use idcard_verification::id_number::expected_check_digit;
use proptest::prelude::*;

/// A row: number, name, and a remark with whatever comes to people's minds.
type Written = (String, String, String);

fn written() -> impl Strategy<Value = Written> {
    let number = (1950_u32..2010, 1_u32..13, 1_u32..29, 0_u32..1000).prop_map(|(y, m, d, s)| {
        let first_17 = format!("001000{y}{m:02}{d:02}{s:03}");
        let digit = expected_check_digit(&first_17).expect("17 digits");
        format!("{first_17}{digit}")
    });
    // Characters of each encoding here.
    let name = "[一中人名山水火木土金]{1,4}(·[天地日月]{1,3})?";
    let remark = "[a-c,;\t| \"'\r\n={}山水·]{0,12}";
    (number, name, remark)
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

fn table(rows: &[Written], delimiter: char, end: &str) -> String {
    let mut text = format!("remark{delimiter}name{delimiter}id number{end}");
    for (number, name, remark) in rows {
        text += &format!(
            "{}{delimiter}{name}{delimiter}{number}{end}",
            quoted(remark)
        );
    }
    text
}

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect();
    let legacy = |encoder: &'static encoding_rs::Encoding| {
        let (bytes, _, has_errors) = encoder.encode(text);
        assert!(!has_errors);
        bytes.into_owned()
    };
    match encoding {
        Encoding::Gb18030 => legacy(encoding_rs::GB18030),
        Encoding::Big5 => legacy(encoding_rs::BIG5),
        Encoding::Utf16Le => wide(u16::to_le_bytes),
        Encoding::Utf16Be => wide(u16::to_be_bytes),
        _ => text.as_bytes().to_vec(),
    }
}

/// The rows as they were written, of which the remarks are cells.
fn again(bytes: &[u8], set: impl FnOnce(&mut InputOptions)) -> Vec<Written> {
    let mut options = InputOptions::default();
    options.keep_cells = true;
    set(&mut options);
    let input = Input::from_reader(bytes, options).expect("it opens");
    let rows: Vec<Row> = input
        .rows()
        .expect("it has rows")
        .map(|row| row.expect("a row"))
        .collect();
    let one = |(count, row): (u64, Row)| {
        assert_eq!(row.row, count);
        let person = row.person.expect("a person");
        (person.id_number, person.name, row.cells[0].clone())
    };
    (1..).zip(rows).map(one).collect()
}

const ENCODINGS: [Encoding; 5] = [
    Encoding::Utf8,
    Encoding::Gb18030,
    Encoding::Big5,
    Encoding::Utf16Le,
    Encoding::Utf16Be,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_is_read_as_it_was_written(
        rows in prop::collection::vec(written(), 1..20),
        encoding in prop::sample::select(ENCODINGS.as_slice()),
        delimiter in prop::sample::select([',', '\t', ';', '|'].as_slice()),
        end in prop::sample::select(["\n", "\r\n", "\r"].as_slice()),
    ) {
        let bytes = encoded(&table(&rows, delimiter, end), encoding);
        let read = again(&bytes, |options| options.encoding = Some(encoding));
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn json_lines_are_read_as_they_were_written(rows in prop::collection::vec(written(), 1..20)) {
        let line = |(number, name, remark): &Written| {
            let line = serde_json::json!({"a": remark, "id_number": number, "name": name});
            format!("{line}\n")
        };
        let text: String = rows.iter().map(line).collect();
        prop_assert_eq!(again(text.as_bytes(), |_| {}), rows);
    }

    #[test]
    fn a_workbook_is_read_as_it_was_written(rows in prop::collection::vec(written(), 1..20)) {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["备注", "姓名", "身份证号"]).expect("written");
        for (line, (number, name, remark)) in (1..).zip(&rows) {
            sheet.write_row(line, 0, [remark, name, number]).expect("written");
        }
        let bytes = book.save_to_buffer().expect("saved");
        prop_assert_eq!(again(&bytes, |_| {}), rows);
    }

    /// Whatever it is, it ends, and says no more after an error.
    #[test]
    fn bytes_that_are_nothing_are_no_trouble(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[0-9X,;\t\"\r\n{}:\\[\\]\u{1a}a-f姓名身份证号山]{0,200}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|rest| [b"PK\x03\x04".to_vec(), rest].concat()),
        ],
        format in prop::sample::select([None, Some(Format::Csv), Some(Format::Tsv), Some(Format::Jsonl), Some(Format::Xlsx)].as_slice()),
        encoding in prop::option::of(prop::sample::select(ENCODINGS.as_slice())),
        place in prop::option::of("[0-3]"),
        normalize: bool,
    ) {
        let mut options = InputOptions::default();
        options.format = format;
        options.encoding = encoding;
        options.number_column = place.clone();
        options.name_column = place.map(|_| "1".to_owned());
        options.normalize = normalize;
        options.keep_cells = true;
        let Ok(input) = Input::from_reader(bytes.as_slice(), options) else {
            return Ok(());
        };
        let Ok(mut rows) = input.rows() else {
            return Ok(());
        };
        let count = rows.by_ref().take(1_000).count();
        prop_assert!(count < 1_000);
        prop_assert!(rows.next().is_none());
    }
}
