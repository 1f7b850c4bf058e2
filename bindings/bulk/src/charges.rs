//! What somebody says of rows of unknown charge, after they have looked at the bill.

use crate::error::BulkError;
use crate::journal::Key;
use std::io::Read;

const YES: [&str; 5] = ["yes", "y", "true", "1", "charged"];
const NO: [&str; 5] = ["no", "n", "false", "0", "not-charged"];

/// Reads CSV with the columns `key` and `charged`. All of it is understood before any is given back.
pub(crate) fn read(charges: impl Read) -> Result<Vec<(Key, bool)>, BulkError> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(charges);
    let wrong = |line: u64, detail: &str| BulkError::Charges {
        line,
        detail: detail.to_owned(),
    };
    let headings = reader.headers();
    let headings = headings.map_err(|_| wrong(1, "it is no CSV in UTF-8"))?;
    let column = |name: &str| {
        let mut cells = headings.iter();
        cells.position(|cell| cell.trim().eq_ignore_ascii_case(name))
    };
    let columns = column("key").zip(column("charged"));
    let (of_key, of_charged) =
        columns.ok_or_else(|| wrong(1, "there are no columns `key` and `charged`"))?;
    let mut read = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, "it is no CSV in UTF-8")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let charged = record.get(of_charged).unwrap_or_default().trim();
        if charged.is_empty() {
            continue;
        }
        let charged = charged.to_lowercase();
        let says = match charged.as_str() {
            yes if YES.contains(&yes) => true,
            no if NO.contains(&no) => false,
            _ => return Err(wrong(line, "`charged` is neither yes nor no")),
        };
        let key = Key::parse(record.get(of_key).unwrap_or_default().trim());
        read.push((
            key.ok_or_else(|| wrong(line, "`key` is no key of a row"))?,
            says,
        ));
    }
    Ok(read)
}
