//! Files of people, of every kind.

use crate::stand_in::{NAME, NUMBER, assert_silent_about};
use idcard_bulk::input::{Input, InputOptions};

pub(crate) fn run(data: &[u8]) -> bool {
    let input = match Input::from_reader(data, InputOptions::default()) {
        Ok(input) => input,
        Err(error) => {
            assert_silent_about(&format!("{error} {error:?}"), &[NAME, NUMBER]);
            return false;
        }
    };
    let rows = match input.rows() {
        Ok(rows) => rows,
        Err(error) => {
            assert_silent_about(&format!("{error} {error:?}"), &[NAME, NUMBER]);
            return false;
        }
    };
    let (mut count, mut people) = (0, 0);
    for row in rows {
        let printed = match &row {
            Ok(row) => {
                count += 1;
                assert_eq!(row.row, count, "rows are counted");
                people += u64::from(row.person.is_ok());
                format!("{row:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        assert_silent_about(&printed, &[NAME, NUMBER]);
    }
    people > 0
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let csv = format!("编号,身份证号,姓名\r\n1,{NUMBER},{NAME}\r\n2,\"4.4E+17\",\"a\"\"b\"\r\n");
    let gb18030 = encoding_rs::GB18030.encode(&csv).0.into_owned();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(csv.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let jsonl =
        format!("{{\"id_number\":\"{NUMBER}\",\"name\":\"{NAME}\"}}\n{{\"id_number\":4.4e17}}\n");
    vec![
        csv.clone().into_bytes(),
        gb18030,
        utf16,
        jsonl.into_bytes(),
        workbook(),
        csv.replace(',', "\t").into_bytes(),
        format!("sep=;\n{NUMBER};{NAME}\n").into_bytes(),
        Vec::new(),
    ]
}

fn workbook() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, (heading, value)) in [("身份证号", NUMBER), ("姓名", NAME)]
        .into_iter()
        .enumerate()
    {
        let column = u16::try_from(column).unwrap_or_default();
        if sheet.write_string(0, column, heading).is_err()
            || sheet.write_string(1, column, value).is_err()
        {
            return Vec::new();
        }
    }
    workbook.save_to_buffer().unwrap_or_default()
}
