//! Files of people as people write them: what is read, and what is refused.

use encoding_rs::{BIG5, GB18030};
use idcard_bulk::input::{
    Encoding, Format, Input, InputError, InputOptions, Person, Row, RowProblem, Rows,
};
use idcard_verification::id_number::expected_check_digit;
use std::fmt::Write as _;
use std::fs;

/// A number of an area that is none.
fn number(sequence: u32) -> String {
    let first_17 = format!("00100019900101{sequence:03}");
    let digit = expected_check_digit(&first_17).expect("17 digits");
    format!("{first_17}{digit}")
}

fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, has_errors) = GB18030.encode(text);
    assert!(!has_errors);
    bytes.into_owned()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

fn options(set: impl FnOnce(&mut InputOptions)) -> InputOptions {
    let mut options = InputOptions::default();
    set(&mut options);
    options
}

fn named(number: &str, name: &str) -> InputOptions {
    options(|options| {
        options.number_column = Some(number.to_owned());
        options.name_column = Some(name.to_owned());
    })
}

fn open(bytes: impl AsRef<[u8]>, options: InputOptions) -> Result<Input, InputError> {
    Input::from_reader(bytes.as_ref(), options)
}

fn rows_of(bytes: impl AsRef<[u8]>, options: InputOptions) -> Result<Rows, InputError> {
    open(bytes, options)?.rows()
}

fn read_with(bytes: impl AsRef<[u8]>, options: InputOptions) -> Result<Vec<Row>, InputError> {
    rows_of(bytes, options)?.collect()
}

fn read(bytes: impl AsRef<[u8]>) -> Vec<Row> {
    read_with(bytes, InputOptions::default()).expect("it can be read")
}

fn refused(bytes: impl AsRef<[u8]>, options: InputOptions) -> String {
    match read_with(bytes, options) {
        Ok(rows) => panic!("it was read: {} rows", rows.len()),
        Err(error) => error.to_string(),
    }
}

fn person(row: &Row) -> (&str, &str) {
    let Person {
        id_number, name, ..
    } = row.person.as_ref().expect("a person");
    (id_number, name)
}

fn problem(row: &Row) -> &RowProblem {
    row.person.as_ref().expect_err("a problem")
}

fn lines(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|row| row.line).collect()
}

#[test]
fn a_file_of_excel_in_china_is_read() {
    let text = format!(
        "序号,姓名,身份证号码\r\n1,林小满,{}\r\n2,王芳,{}\r\n",
        number(1),
        number(2)
    );
    let input = open(gb18030(&text), options(|options| options.keep_cells = true)).expect("open");
    assert_eq!(input.format(), Format::Csv);
    assert_eq!(input.encoding(), Some(Encoding::Gb18030));
    let rows = input.rows().expect("rows");
    assert_eq!(
        rows.headings(),
        Some(["序号", "姓名", "身份证号码"].map(str::to_owned).as_slice())
    );
    let rows: Vec<Row> = rows.map(|row| row.expect("a row")).collect();
    assert_eq!(person(&rows[0]), (number(1).as_str(), "林小满"));
    assert_eq!(person(&rows[1]), (number(2).as_str(), "王芳"));
    assert_eq!(rows[1].id.as_deref(), Some("2"));
    assert_eq!((rows[1].row, rows[1].line), (2, 3));
    assert_eq!(rows[1].cells, ["2", "王芳", &number(2)]);
}

#[test]
fn a_file_is_read_many_times_at_once() {
    let text = format!("number,name\n{},林小满\n{},王芳\n", number(1), number(2));
    let input = open(text, InputOptions::default()).expect("open");
    let (mut one, mut other) = (input.rows().expect("rows"), input.rows().expect("rows"));
    let first = one.next().expect("a row").expect("a row");
    assert_eq!(first, other.next().expect("a row").expect("a row"));
    drop(one);
    assert_eq!(other.next().expect("a row").expect("a row").row, 2);
    assert!(other.next().is_none());
    let digest = input.digest(b"key").expect("a digest");
    assert_eq!(digest, input.digest(b"key").expect("a digest"));
    assert_ne!(digest, input.digest(b"other").expect("a digest"));
}

#[test]
fn the_kind_of_a_file_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = format!("{}\t林小满\n", number(1));
    let json = format!("{{\"id_number\":\"{}\",\"name\":\"林小满\"}}\n", number(1));
    for (name, text, format) in [
        ("a.csv", &row, Format::Csv),
        ("a.TSV", &row, Format::Tsv),
        ("a.txt", &row, Format::Csv),
        ("a.ndjson", &json, Format::Jsonl),
        ("a", &json, Format::Jsonl),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        let input = Input::open(&path, InputOptions::default()).expect(name);
        assert_eq!(input.format(), format, "{name}");
        let rows: Vec<Row> = input
            .rows()
            .expect(name)
            .map(|row| row.expect(name))
            .collect();
        assert_eq!(person(&rows[0]), (number(1).as_str(), "林小满"), "{name}");
    }
    let path = folder.path().join("a.xlsx");
    fs::write(&path, &row).expect("written");
    let error = Input::open(&path, InputOptions::default()).expect_err("it is text");
    assert!(matches!(error, InputError::NotAWorkbook), "{error}");
    assert!(Input::open(folder.path(), InputOptions::default()).is_err());
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on";
    assert!(refused(old, InputOptions::default()).contains("save it as .xlsx"));
    assert!(
        refused(
            format!("[{json}]"),
            options(|options| options.format = Some(Format::Jsonl))
        )
        .contains("list")
    );
    let csv = options(|options| options.format = Some(Format::Csv));
    assert!(refused(b"PK\x03\x04 and so on", csv).contains("is a workbook"));
}

#[test]
fn nobody_is_refused() {
    for text in [
        "",
        "\n",
        "\r\n\r\n",
        ",,\n",
        "\u{1a}",
        "\u{feff}",
        "姓名,身份证号\n",
        "  \n\n",
    ] {
        let error = read_with(text, InputOptions::default()).expect_err(text);
        assert!(matches!(error, InputError::Empty), "{text:?}: {error}");
    }
}

#[test]
fn encodings_that_are_named_or_marked_are_read() {
    let text = format!("姓名,身份證號\r\n林小滿,{}\r\n", number(1));
    let (big5, _, _) = BIG5.encode(&text);
    let le = utf16(&text, u16::to_le_bytes);
    let be = utf16(&text, u16::to_be_bytes);
    let marked = |mark: &[u8], text: &[u8]| [mark, text].concat();
    for (bytes, name, encoding) in [
        (text.clone().into_bytes(), None, Encoding::Utf8),
        (
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            None,
            Encoding::Utf8,
        ),
        (gb18030(&text), Some(Encoding::Gb18030), Encoding::Gb18030),
        (big5.to_vec(), Some(Encoding::Big5), Encoding::Big5),
        (le.clone(), Some(Encoding::Utf16Le), Encoding::Utf16Le),
        (be.clone(), Some(Encoding::Utf16Be), Encoding::Utf16Be),
        (marked(b"\xff\xfe", &le), None, Encoding::Utf16Le),
        (marked(b"\xfe\xff", &be), None, Encoding::Utf16Be),
        // The mark knows better.
        (
            marked(b"\xfe\xff", &be),
            Some(Encoding::Utf16Le),
            Encoding::Utf16Be,
        ),
    ] {
        let input = open(&bytes, options(|options| options.encoding = name)).expect("open");
        assert_eq!(input.encoding(), Some(encoding));
        let rows: Vec<Row> = input
            .rows()
            .expect("rows")
            .map(|row| row.expect("a row"))
            .collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(
            person(&rows[0]),
            (number(1).as_str(), "林小滿"),
            "{encoding:?}"
        );
    }
}

#[test]
fn encodings_that_are_not_sure_are_asked_about() {
    let text = format!("身分證字號,姓名\r\n{},林小滿\r\n", number(1));
    let (big5, _, _) = BIG5.encode(&text);
    let error = refused(&big5, InputOptions::default());
    assert!(error.contains("gb18030 or --encoding big5"), "{error}");
    for (unit, name) in [
        (u16::to_le_bytes as fn(u16) -> [u8; 2], "utf-16le"),
        (u16::to_be_bytes, "utf-16be"),
    ] {
        let error = refused(utf16(&text, unit), InputOptions::default());
        assert!(
            error.ends_with(&format!("add --encoding {name}")),
            "{error}"
        );
    }
    // These bytes are good UTF-8 as well.
    let short = format!("{},钱强\n", number(1));
    let error = refused(gb18030(&short), InputOptions::default());
    assert!(error.contains("utf-8 or --encoding gb18030"), "{error}");
    let named = options(|options| options.encoding = Some(Encoding::Gb18030));
    let rows = read_with(gb18030(&short), named.clone()).expect("it is named");
    assert_eq!(person(&rows[0]).1, "钱强");
    for told in [Encoding::Utf8, Encoding::Gb18030] {
        let wide = utf16(&format!("{text}小"), u16::to_le_bytes);
        let error = refused(
            [wide, vec![0xff]].concat(),
            options(|options| options.encoding = Some(told)),
        );
        assert!(error.ends_with("add --encoding utf-16le"), "{error}");
    }
    // It was named, and cannot be.
    let error = refused(&text, named);
    assert!(error.ends_with("add --encoding utf-8"), "{error}");
    for name in ["José", "Zoë", "Ángel"] {
        assert_eq!(person(&read(format!("{},{name}\n", number(1)))[0]).1, name);
    }
}

#[test]
fn bytes_of_no_encoding_are_shown_by_their_place() {
    let begin = format!("姓名,身份证号\r\n林小满,{}\r\n", number(1));
    for padding in [0, 1, 65_520, 65_535, 65_536, 200_000] {
        let mut bytes = begin.clone().into_bytes();
        let line = format!("{}\n", "x".repeat(padding));
        bytes.extend(line.as_bytes());
        let place = bytes.len() as u64 + 3;
        bytes.extend("小\u{ff}".as_bytes().iter().take(3));
        bytes.extend(b"\xff\n");
        match open(&bytes, InputOptions::default()).expect_err("it is none") {
            InputError::Encoding { line, byte, .. } => assert_eq!((line, byte), (4, place)),
            other => panic!("{other}"),
        }
    }
    let mut cut = gb18030(&begin);
    cut.extend(b"\xc1");
    let named = options(|options| options.encoding = Some(Encoding::Gb18030));
    match open(&cut, named).expect_err("it is cut") {
        InputError::Encoding {
            line,
            byte,
            encoding,
            ..
        } => {
            assert_eq!(
                (line, byte, encoding),
                (3, cut.len() as u64 - 1, Encoding::Gb18030)
            );
        }
        other => panic!("{other}"),
    }
    let odd = [
        b"\xff\xfe".to_vec(),
        utf16(&begin, u16::to_le_bytes),
        vec![0x31],
    ]
    .concat();
    assert!(refused(odd, InputOptions::default()).contains("line 3: byte"));
}

#[test]
fn characters_across_the_borders_of_buffers_are_read() {
    for shift in 0..6 {
        let mut text = format!("{},姓名,身份证号\n", "x".repeat(shift));
        for sequence in 0..3000 {
            let _ = writeln!(text, ",林小满𠮷,{}", number(sequence % 1000));
        }
        for bytes in [text.clone().into_bytes(), gb18030(&text)] {
            let rows = read(bytes);
            assert_eq!(rows.len(), 3000);
            assert!(rows.iter().all(|row| person(row).1 == "林小满𠮷"));
        }
    }
}

#[test]
fn delimiters_are_found_or_named() {
    let (one, two) = (number(1), number(2));
    for (text, delimiter) in [
        (format!("{one},林小满\n{two},王芳"), None),
        (format!("{one};林小满\r\n{two};王芳\r\n"), None),
        (format!("{one}\t林小满\r{two}\t王芳\r"), None),
        (format!("{one}|林小满\n\n\n{two}|王芳\n\x1a"), None),
        (format!("sep=;\r\n{one};林小满\r\n{two};王芳\x1a"), None),
        (
            format!("\u{feff}sep=\t\n\"{one}\"\t\"林小满\"\n,\t\n{two}\t王芳\n")
                .replace(",\t\n", "\t\n"),
            None,
        ),
        (format!("{one}^林小满\n{two}^王芳\n"), Some(b'^')),
        (
            format!("\"a,b,c\";姓名;身份证号\n;林小满;{one}\n;王芳;{two}\n"),
            None,
        ),
    ] {
        let rows = read_with(&text, options(|options| options.delimiter = delimiter));
        let rows = rows.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(rows.len(), 2, "{text:?}");
        assert_eq!(person(&rows[0]), (one.as_str(), "林小满"), "{text:?}");
        assert_eq!(person(&rows[1]), (two.as_str(), "王芳"), "{text:?}");
    }
    for delimiter in [b'"', b'\n', b'1', 0xc3] {
        let error = refused(
            "a,b",
            options(|options| options.delimiter = Some(delimiter)),
        );
        assert!(error.contains("delimiter"), "{error}");
    }
}

#[test]
fn lines_are_those_of_an_editor() {
    let (one, two, three) = (number(1), number(2), number(3));
    for end in ["\n", "\r\n", "\r"] {
        let text = format!(
            "姓名,身份证号,备注\n\n林小满,{one},\"two\nlines\"\n,,\n\"王\n芳\",{two},\n王芳,{three},\n"
        );
        let rows = read(text.replace('\n', end));
        assert_eq!(lines(&rows), [3, 6, 8], "{end:?}");
        assert_eq!([1, 2, 3], [rows[0].row, rows[1].row, rows[2].row]);
        assert_eq!(problem(&rows[1]).field, "name");
        assert_eq!(person(&rows[2]).0, three);
    }
}

#[test]
fn the_mark_of_an_end_is_no_text() {
    let one = number(1);
    for end in ["\u{1a}", "\n\u{1a}", "\r\n\u{1a}\n", "\n"] {
        let rows = read(format!("{one},林小满{end}"));
        assert_eq!(rows.len(), 1, "{end:?}");
        assert_eq!(person(&rows[0]).1, "林小满");
    }
    // In the middle it is a character like others.
    assert_eq!(
        problem(&read(format!("{one},林小满\u{1a},"))[0]).field,
        "name"
    );
}

#[test]
fn a_quotation_mark_that_is_never_closed_ends_it() {
    let begin = format!("姓名,身份证号\r\n林小满,{}\r\n", number(1));
    let error = refused(
        format!("{begin}王芳,\"{}\r\n", number(2)),
        InputOptions::default(),
    );
    assert!(error.starts_with("line 3: the quotation mark"), "{error}");
    let long = format!("{begin}王芳,\"{}", "x\n".repeat(600_000));
    let error = refused(&long, InputOptions::default());
    assert!(error.starts_with("line 3: the quotation mark"), "{error}");
    for long in [
        format!("{begin}{}", "x".repeat(1 << 21)),
        format!("{begin}{}", ",".repeat(1 << 21)),
    ] {
        let mut rows = rows_of(long, InputOptions::default()).expect("rows");
        assert!(rows.next().is_some_and(|row| row.is_ok()));
        let error = rows.next().expect("an error").expect_err("it is too long");
        assert!(error.to_string().starts_with("line 3: the row"), "{error}");
        assert!(rows.next().is_none());
    }
}

#[test]
fn rows_whose_cells_have_moved_are_not_asked_about() {
    let (one, two) = (number(1), number(2));
    let text = format!(
        "编号,姓名,身份证号,备注\n1,林小满,{one},x\n2,林,小满,{one},x\n3,王芳\n4,王芳,{two}\n"
    );
    let rows = read(text);
    assert_eq!(person(&rows[0]).0, one);
    for (row, than) in [(1, "more"), (2, "fewer")] {
        let problem = problem(&rows[row]);
        assert_eq!((problem.field, problem.kind), ("row", "ragged"));
        assert!(problem.detail.contains(than), "{problem}");
    }
    assert_eq!(rows[1].id, None);
    assert_eq!(person(&rows[3]).0, two);
    let rows = read(format!("{one},林小满\n{two},王,芳\n"));
    assert_eq!(problem(&rows[1]).kind, "ragged");
}

#[test]
fn columns_are_found_by_their_headings() {
    let one = number(1);
    for (headings, row, id) in [
        ("身份证号,姓名", format!("{one},林小满"), None),
        (
            "（必填）姓名,[*]身份证号(18位)",
            format!("林小满,{one}"),
            None,
        ),
        ("*姓名 ,证件号码（必填）", format!("林小满,{one}"), None),
        ("ID Card Number,Full Name", format!("{one},林小满"), None),
        ("id,name", format!("{one},林小满"), None),
        ("id,number,name", format!("7,{one},林小满"), Some("ask")),
        ("id,name,id_number", format!("7,林小满,{one}"), Some("7")),
        (
            "No.,User-ID,name,id no",
            format!("7, 8 ,林小满,{one}"),
            Some("8"),
        ),
        (
            "订单号,客户姓名,公民身份号码",
            format!("A-1,林小满,{one}"),
            Some("A-1"),
        ),
        (
            "身份证号,证件号,姓名",
            format!("{one},{one},林小满"),
            Some("ask"),
        ),
        (
            "姓名,真实姓名,身份证",
            format!("林小满,林小满,{one}"),
            Some("ask"),
        ),
        (
            "工号,编号,姓名,身份证",
            format!("1,2,林小满,{one}"),
            Some("ask"),
        ),
        ("员工名单\n姓名,身份证", format!("林小满,{one}"), None),
    ] {
        let text = format!("{headings}\n{row}\n");
        match (read_with(&text, InputOptions::default()), id) {
            (Ok(rows), id) => {
                assert_eq!(person(&rows[0]), (one.as_str(), "林小满"), "{text}");
                assert_eq!(rows[0].id.as_deref(), id, "{text}");
            }
            (Err(error @ InputError::AmbiguousColumn { .. }), Some("ask")) => {
                assert!(error.to_string().contains("-column"), "{error}");
            }
            (Err(error), _) => panic!("{text}: {error}"),
        }
    }
}

#[test]
fn columns_are_named() {
    let (one, two) = (number(1), number(2));
    let text = format!("a,证件,b,收件人\nx,{one},y,林小满\n");
    for options in [
        named("证件", "收件人"),
        named("2", "4"),
        named(" 证件 ", "4"),
        named("2", "收件人"),
    ] {
        let rows = read_with(&text, options.clone()).expect("they are named");
        assert_eq!(rows.len(), 1, "{options:?}");
        assert_eq!(person(&rows[0]), (one.as_str(), "林小满"));
    }
    let error = refused(&text, InputOptions::default());
    assert!(
        error.contains("--number-column") && error.contains("4 cells"),
        "{error}"
    );
    let error = refused(&text, named("身份", "收件人"));
    assert!(
        error.contains("no column \"身份\" for the number"),
        "{error}"
    );
    for options in [named("0", "1"), named("2", "5"), named("2", "2")] {
        assert!(read_with(&text, options).is_err());
    }
    // By places alone, the first row may be somebody's.
    let rows =
        read_with(format!("林小满,x,{one}\n王芳,y,{two}\n"), named("3", "1")).expect("named");
    assert_eq!(rows.len(), 2);
    let mut with_id = named("3", "1");
    with_id.id_column = Some("2".to_owned());
    let rows = read_with(format!("林小满,x,{one}\n"), with_id.clone()).expect("named");
    assert_eq!(rows[0].id.as_deref(), Some("x"));
    with_id.id_column = Some("3".to_owned());
    let error = refused(format!("林小满,x,{one}\n"), with_id.clone());
    assert!(error.contains("both the id and the number"), "{error}");
    with_id.id_column = Some("ref".to_owned());
    assert!(read_with(format!("林小满,x,{one}\n"), with_id).is_err());
    // A number that is malformed is no heading.
    let rows = read_with(format!("林小满,12345\n王芳,{two}\n"), named("2", "1")).expect("named");
    assert_eq!(problem(&rows[0]).kind, "number-length");
}

#[test]
fn without_headings_the_number_shows_the_order() {
    let one = number(1);
    for text in [
        format!("{one},林小满"),
        format!("林小满,{one}"),
        format!("{one},林小满,x,y"),
    ] {
        assert_eq!(person(&read(text)[0]), (one.as_str(), "林小满"));
    }
    // No error shows whom it may be about.
    for text in [
        format!("1,林小满,{one}"),
        format!("{one},{one}"),
        format!("{one}\n"),
        format!("林小满 {one}\n"),
    ] {
        let error = refused(&text, InputOptions::default());
        assert!(error.contains("place, counted from 1"), "{error}");
        assert!(
            !error.contains("林小满") && !error.contains("0010"),
            "{error}"
        );
    }
}

#[test]
fn what_a_spreadsheet_has_lost_is_damage() {
    let ok = number(1);
    let text = format!(
        "姓名,身份证号\n林小满,{ok}\n王芳,4.40305E+17\n王芳,440305199505130000\n王芳,\n,{ok}\n林小满,001000199001010000\n"
    );
    let rows = read(text);
    for row in [1, 2] {
        let problem = problem(&rows[row]);
        assert_eq!(
            (problem.field, problem.kind, problem.is_damage),
            ("id_number", "digits-lost", true)
        );
    }
    assert_eq!(
        (problem(&rows[3]).field, problem(&rows[3]).kind),
        ("id_number", "missing")
    );
    assert_eq!(
        (problem(&rows[4]).field, problem(&rows[4]).kind),
        ("name", "missing")
    );
    assert!(!problem(&rows[3]).is_damage);
    assert!(rows[5].is_doubtful && rows[5].person.is_ok());
    assert!(!rows[0].is_doubtful);
}

#[test]
fn what_people_type_is_mended_when_asked() {
    let text = format!(
        "{},林小满\n'{}, 王•芳\u{3000}\n{},\u{e863}芳\n",
        number(1),
        number(2),
        number(3)
    );
    let rows = read(&text);
    assert!(problem(&rows[1]).kind == "number-length" || problem(&rows[1]).kind == "not-a-digit");
    let rows = read_with(&text, options(|options| options.normalize = true)).expect("rows");
    assert_eq!(person(&rows[1]), (number(2).as_str(), "王·芳"));
    assert_eq!(
        rows[1].notes,
        ["id_number: unquoted", "name: middle-dot, space-removed"]
    );
    assert!(rows[0].notes.is_empty());
    assert!(rows[2].notes[0].contains("U+E863") && rows[2].notes[0].contains("the card decides"));
}

#[test]
fn json_lines_are_read() {
    let (one, two) = (number(1), number(2));
    let text = format!(
        "{{\"id\":7,\"name\":\"林小满\",\"id_number\":\"{one}\",\"n\":[1, 2]}}\r\n\r\n\
         {{\"id_number\":\"{two}\",\"name\":\"\\u738b\\u82b3\",\"id\":\"b\"}}\n\
         {{\"id_number\":440305199505132561,\"name\":\"王芳\"}}\n\
         [1]\nnot json\n\
         {{\"id_number\":null,\"name\":\"王芳\"}}\n\
         {{\"id_number\":\"{two}\",\"name\":5}}\n\
         {{\"id_number\":\"{two}\",\"name\":\"a\",\"name\":\"王芳\"}}\n\
         {{\"id_number\":\"{two}\",\"name\":true}}\n\
         {{\"id_number\":\"{two}\",\"name\":\"\\ud800\"}}"
    );
    let rows = rows_of(&text, options(|options| options.keep_cells = true)).expect("rows");
    assert_eq!(
        rows.headings(),
        Some(
            ["id", "name", "id_number", "n"]
                .map(str::to_owned)
                .as_slice()
        )
    );
    let rows: Vec<Row> = rows.map(|row| row.expect("a row")).collect();
    assert_eq!(person(&rows[0]), (one.as_str(), "林小满"));
    assert_eq!(rows[0].cells, ["7", "林小满", &one, "[1, 2]"]);
    assert_eq!(
        (rows[0].id.as_deref(), rows[1].id.as_deref()),
        (Some("7"), Some("b"))
    );
    assert_eq!(person(&rows[1]), (two.as_str(), "王芳"));
    assert_eq!(rows[1].cells, ["b", "王芳", &two, ""]);
    assert_eq!(lines(&rows), [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let kinds: Vec<_> = rows[2..].iter().map(|row| problem(row).kind).collect();
    assert_eq!(
        kinds,
        [
            "numeric-cell",
            "not-json",
            "not-json",
            "missing",
            "not-text",
            "duplicate-key",
            "not-text",
            "not-text"
        ]
    );
    assert!(problem(&rows[2]).is_damage && !problem(&rows[6]).is_damage);
    assert_eq!(rows[2].cells[2], "440305199505132561");
}

#[test]
fn json_lines_that_cannot_be_read_are_refused() {
    let jsonl = || options(|options| options.format = Some(Format::Jsonl));
    assert!(refused("\n5\n{}", jsonl()).starts_with("line 2 is no JSON object"));
    let error = refused("{\"a\":1,\"b\":2}\n", jsonl());
    assert!(error.contains("2 cells"), "{error}");
    // What is no usual heading may be somebody's name.
    let error = refused("姓名(王芳),b,王芳\n", InputOptions::default());
    assert!(
        error.contains("\"姓名\"") && !error.contains("王芳"),
        "{error}"
    );
    let long = format!(
        "{{\"name\":\"王芳\",\"id_number\":\"\"}}\n{{\"name\":\"{}\"}}",
        "x".repeat(1 << 20)
    );
    let error = refused(long, jsonl());
    assert!(error.starts_with("line 2: the row"), "{error}");
    let text = format!("{{\"wer\":\"王芳\",\"was\":\"{}\"}}", number(1));
    let rows = read_with(text, named("was", "1")).expect("they are named");
    assert_eq!(person(&rows[0]).1, "王芳");
}

#[test]
fn nothing_printed_shows_anybody() {
    let text = format!(
        "编号,姓名,身份证号\n秘密,林小满,{}\n秘密,林x小满,{}\n",
        number(1),
        "44030519950513256Y"
    );
    let input = open(text, options(|options| options.keep_cells = true)).expect("open");
    let mut reading = input.rows().expect("rows");
    let rows: Vec<Row> = reading.by_ref().map(|row| row.expect("a row")).collect();
    let printed = format!("{input:?} {reading:?} {rows:?} {}", problem(&rows[1]));
    for secret in ["林", "小满", "秘密", "001000", "440305"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

/// A workbook with these rows, of which `write` may change cells.
fn workbook(
    rows: &[&[&str]],
    write: impl FnOnce(&mut rust_xlsxwriter::Worksheet) -> Result<(), rust_xlsxwriter::XlsxError>,
) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("人员").expect("a name");
    for (line, row) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*row) {
            sheet.write_string(line, column, *cell).expect("written");
        }
    }
    write(sheet).expect("written");
    book.add_worksheet().set_name("另一个").expect("a name");
    book.save_to_buffer().expect("saved")
}

#[test]
fn a_workbook_is_read() {
    use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula};
    let (one, two) = (number(1), number(2));
    let head: &[&str] = &["编号", "姓名", "身份证号", "备注"];
    let (one_row, two_row): (&[&str], &[&str]) =
        (&["", "林小满", &one], &["k", "王芳", &two, "", "x"]);
    let bytes = workbook(&[&["员工名单"], head, one_row, &[], two_row], |sheet| {
        let date = ExcelDateTime::from_ymd(1990, 1, 1)?;
        let date_format = CellFormat::new().set_num_format("yyyy-mm-dd");
        sheet.write_number(2, 0, 7.0)?;
        sheet.write_datetime_with_format(2, 3, &date, &date_format)?;
        for line in 5..12 {
            sheet
                .write_string(line, 1, "王芳")?
                .write_string(line, 2, &two)?;
        }
        sheet.write_number(5, 2, 440_305_199_505_132_561_f64)?;
        sheet.write_number(6, 1, 5.0)?;
        sheet.write_datetime_with_format(7, 2, &date, &date_format)?;
        sheet.write_boolean(8, 1, true)?;
        sheet.write_formula(9, 1, Formula::new("=A1").set_result("林小满"))?;
        sheet.write_formula(10, 2, Formula::new("=NA()").set_result("#N/A"))?;
        sheet.write_blank(11, 1, &CellFormat::new().set_bold())?;
        sheet.write_blank(40, 3, &CellFormat::new().set_bold())?;
        Ok(())
    });
    let input = open(&bytes, options(|options| options.keep_cells = true)).expect("open");
    assert_eq!((input.format(), input.encoding()), (Format::Xlsx, None));
    let rows = input.rows().expect("rows");
    assert_eq!(rows.headings().map(<[String]>::len), Some(4));
    let rows: Vec<Row> = rows.map(|row| row.expect("a row")).collect();
    assert_eq!(lines(&rows), [3, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert_eq!(person(&rows[0]), (one.as_str(), "林小满"));
    assert_eq!(rows[0].cells, ["7", "林小满", &one, "1990-01-01"]);
    assert_eq!(
        (rows[0].id.as_deref(), rows[1].id.as_deref()),
        (Some("7"), Some("k"))
    );
    assert_eq!(rows[1].cells, ["k", "王芳", &two, "", "x"]);
    assert_eq!(rows[2].cells[2], "440305199505132540");
    assert_eq!(person(&rows[6]), (two.as_str(), "林小满"));
    let kinds: Vec<_> = [2, 3, 4, 5, 8].map(|row| problem(&rows[row])).into();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|one| (one.field, one.kind, one.is_damage))
        .collect();
    assert_eq!(
        kinds,
        [
            ("id_number", "numeric-cell", true),
            ("name", "not-text", false),
            ("id_number", "numeric-cell", true),
            ("name", "not-text", false),
            ("name", "missing", false),
        ]
    );
    assert!(rows[7].person.is_err());
}

#[test]
fn a_sheet_is_the_first_or_named() {
    let one = number(1);
    let row: &[&str] = &[&one, "林小满"];
    let bytes = workbook(&[row], |_| Ok(()));
    let of = |sheet: &str| options(|options| options.sheet = Some(sheet.to_owned()));
    assert_eq!(
        person(&read_with(&bytes, of("人员")).expect("rows")[0]).0,
        one
    );
    assert_eq!(person(&read(&bytes)[0]).0, one);
    let error = refused(&bytes, of("没有"));
    assert!(
        error.contains("\"没有\"; there is \"人员\", \"另一个\""),
        "{error}"
    );
    assert!(refused(&bytes, of("另一个")).contains("nobody"));
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet()
        .set_hidden(true)
        .write_string(0, 0, "nobody")
        .expect("written");
    let sheet = book.add_worksheet();
    sheet.set_active(true);
    sheet.write_row(0, 0, row.iter().copied()).expect("written");
    assert_eq!(read(book.save_to_buffer().expect("saved")).len(), 1);
}

#[test]
fn a_workbook_that_is_damaged_is_refused() {
    let one = number(1);
    let row: &[&str] = &[&one, "林小满"];
    let bytes = workbook(&[row], |_| Ok(()));
    let error = refused(&bytes[..bytes.len() / 2], InputOptions::default());
    assert!(error.contains("damaged"), "{error}");
    for at in (4..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Err(error) = read_with(&damaged, InputOptions::default()) {
            let error = error.to_string();
            assert!(
                !error.contains("林小满") && !error.contains(&one),
                "{error}"
            );
        }
    }
    // The sizes that the directory tells.
    let mut bomb = bytes.clone();
    let places: Vec<usize> = (0..bomb.len() - 4)
        .filter(|at| bomb[*at..].starts_with(b"PK\x01\x02"))
        .collect();
    for place in places {
        bomb[place + 24..place + 28].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    }
    assert!(refused(&bomb, InputOptions::default()).contains("too large"));
}

#[test]
fn a_workbook_that_nobody_reads_on_ends_its_thread() {
    let (one, name) = (number(1), "林小满");
    let row: &[&str] = &[&one, name];
    let bytes = workbook(&vec![row; 5_000], |_| Ok(()));
    let input = open(&bytes, InputOptions::default()).expect("open");
    for _ in 0..20 {
        assert!(input.rows().expect("rows").next().is_some());
    }
    assert_eq!(input.rows().expect("rows").count(), 5_000);
}

#[test]
fn a_title_is_no_person() {
    let (one, two) = (number(1), number(2));
    let data = format!("1,{one},林小满\n");
    let rows = read_with(format!("员工名单\n{data}"), named("2", "3")).expect("they are named");
    assert_eq!(person(&rows[0]).0, one);
    // Nobody is left out for a title.
    for text in [
        format!("员工名单\n{one},林小满\n"),
        format!("{one}\n{one},林小满\n"),
    ] {
        assert!(matches!(
            read_with(&text, InputOptions::default()),
            Err(InputError::UnknownColumns(_))
        ));
    }
    assert!(read_with(format!("{two}\n{data}"), named("2", "3")).is_err());
    let titles = "a\n".repeat(11);
    assert!(
        read_with(
            format!("{titles}姓名,身份证\n林小满,{one}\n"),
            InputOptions::default()
        )
        .is_err()
    );
}

#[test]
fn rare_names_are_good_gb18030() {
    let mut text = "姓名,身份证号\r\n".to_owned();
    for (sequence, name) in (1..).zip(["林小满", "王芳", "朱镕", "买买提·吐尔逊", "张伟", "李雷"])
    {
        let _ = write!(text, "{name},{}\r\n", number(sequence));
    }
    let rows = read(gb18030(&text));
    assert_eq!(person(&rows[2]).1, "朱镕");
    assert_eq!(person(&rows[3]).1, "买买提·吐尔逊");
}

#[test]
fn a_file_that_becomes_shorter_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    let row = format!("{},林小满\n", number(1));
    fs::write(&path, row.repeat(10_000)).expect("written");
    let input = Input::open(&path, InputOptions::default()).expect("open");
    let mut rows = input.rows().expect("rows");
    let file = fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("a file");
    // What is added is not seen.
    std::io::Write::write_all(&mut &file, row.as_bytes()).expect("written");
    assert_eq!(input.rows().expect("rows").count(), 10_000);
    file.set_len(100_000).expect("cut");
    let last = rows.by_ref().last().expect("a last one");
    assert!(matches!(last, Err(InputError::Read(_))), "{last:?}");
    assert!(rows.next().is_none());
    assert!(input.digest(b"key").is_err());
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_and_given_many_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|status| status.success()));
    let writer = std::thread::spawn({
        let path = path.clone();
        move || fs::write(path, format!("{},林小满\n", number(1)))
    });
    let input = Input::open(&path, InputOptions::default()).expect("open");
    writer.join().expect("it ends").expect("written");
    for _ in 0..2 {
        assert_eq!(input.rows().expect("rows").count(), 1);
    }
}
