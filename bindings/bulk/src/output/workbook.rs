//! XLSX.
//!
//! The rows go to a temporary file of `rust_xlsxwriter` as they come. On Unix that file has no name, so that no other
//! account can open it; elsewhere it is removed when it is closed.

use super::OutputError;
use super::row::{COLUMNS, Cell, OutputRow};
use super::target::Target;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::any::Any;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows of a sheet, without that of the headings.
pub const MAX_ROWS: u32 = 1_048_575;
/// Columns of a sheet.
const MAX_COLUMNS: u16 = 16_384;
/// UTF-16 units of a cell.
const MAX_TEXT: usize = 32_767;

/// Bytes of a sheet before it is packed: more takes ZIP64, of which Excel warns in a file that it has not written.
const MAX_BYTES: u64 = u32::MAX as u64;
/// Bytes that a cell of a sheet takes at least, beside its text.
const CELL: u64 = "<c r=\"A2\" s=\"2\" t=\"inlineStr\"><is><t></t></is></c>".len() as u64;

/// Writes a workbook.
pub(super) struct Book {
    target: Target,
    workbook: Workbook,
    text: Format,
    rows: u32,
    /// What the texts take at least. It is better said early than when all the rest is done.
    bytes: u64,
}

impl Book {
    pub(super) fn new(target: Target, headings: &[String]) -> Result<Self, OutputError> {
        if headings.len() > usize::from(MAX_COLUMNS) - COLUMNS.len() {
            return Err(OutputError::TooManyColumns { limit: MAX_COLUMNS });
        }
        if headings.iter().any(|heading| is_too_long(heading)) {
            return Err(OutputError::HeadingTooLong);
        }
        let mut workbook = Workbook::new();
        let folder = target.folder();
        caught(|| {
            if let Some(folder) = folder {
                workbook.set_tempdir(folder)?;
            }
            let bold = Format::new().set_bold();
            let sheet = workbook.add_worksheet_with_constant_memory()?;
            sheet.set_freeze_panes(1, 0)?;
            let headings = headings.iter().map(String::as_str);
            for (column, heading) in (0..).zip(COLUMNS.into_iter().chain(headings)) {
                sheet.write_string_with_format(0, column, heading, &bold)?;
            }
            Ok(())
        })?;
        Ok(Self {
            target,
            workbook,
            // `@`, the format of text: without it an identity number becomes a number when its cell is edited.
            text: Format::new().set_num_format("@"),
            rows: 0,
            bytes: 0,
        })
    }

    pub(super) fn write(&mut self, row: &OutputRow<'_>) -> Result<(), OutputError> {
        if self.rows == MAX_ROWS {
            return Err(OutputError::TooManyRows { limit: MAX_ROWS });
        }
        let kept = row.kept.iter().map(|&text| Cell::Text(text));
        let cells = || row.cells().into_iter().chain(kept.clone());
        for cell in cells() {
            match cell {
                Cell::Text(text) if is_too_long(text) => {
                    return Err(OutputError::TextTooLong { row: row.row });
                }
                Cell::Text(text) if !text.is_empty() => self.bytes += CELL + text.len() as u64,
                _ => {}
            }
        }
        if self.bytes > MAX_BYTES {
            return Err(OutputError::TooMuchText);
        }
        self.rows += 1;
        caught(|| {
            let sheet = self.workbook.worksheet_from_index(0)?;
            for (column, cell) in (0..).zip(cells()) {
                match cell {
                    // Whole up to 2^53, which no count of rows reaches.
                    Cell::Number(number) => {
                        sheet.write_number(self.rows, column, number as f64)?;
                    }
                    // Never a formula, whatever the text begins with.
                    Cell::Text(text) if !text.is_empty() => {
                        sheet.write_string_with_format(self.rows, column, text, &self.text)?;
                    }
                    Cell::Text(_) | Cell::Absent => {}
                }
            }
            Ok(())
        })
    }

    pub(super) fn finish(mut self) -> Result<Target, OutputError> {
        caught(|| {
            let mut writer = io::BufWriter::new(&mut self.target);
            self.workbook.save_to_writer(&mut writer)?;
            // Dropped, it would write the rest, too, and nobody would hear of an error.
            Ok(writer.flush()?)
        })?;
        Ok(self.target)
    }
}

fn is_too_long(text: &str) -> bool {
    // A UTF-16 unit takes one byte at least.
    text.len() > MAX_TEXT && text.encode_utf16().count() > MAX_TEXT
}

/// `rust_xlsxwriter` panics when its temporary file cannot be written, as on a full disk. The hook of the process tells
/// of it on standard error, but not of a row. Nobody uses the workbook after that: the output is closed.
fn caught(write: impl FnOnce() -> Result<(), XlsxError>) -> Result<(), OutputError> {
    match catch_unwind(AssertUnwindSafe(write)) {
        Ok(written) => written.map_err(|error| OutputError::of(kind(error))),
        Err(panic) => Err(OutputError::of(kind_of_panic(panic.as_ref()))),
    }
}

fn kind(error: XlsxError) -> io::ErrorKind {
    match error {
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => error.kind(),
        XlsxError::ZipError(error) => io::Error::from(error).kind(),
        _ => io::ErrorKind::Other,
    }
}

/// The error is in the text of the panic alone.
fn kind_of_panic(panic: &(dyn Any + Send)) -> io::ErrorKind {
    let text = panic.downcast_ref::<String>().map_or("", String::as_str);
    [
        ("StorageFull", io::ErrorKind::StorageFull),
        ("QuotaExceeded", io::ErrorKind::QuotaExceeded),
        ("FileTooLarge", io::ErrorKind::FileTooLarge),
    ]
    .into_iter()
    .find_map(|(name, kind)| text.contains(name).then_some(kind))
    .unwrap_or(io::ErrorKind::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: OutputRow<'_> = OutputRow {
        row: 1,
        id: None,
        status: "done",
        verdict: None,
        result: None,
        charge: None,
        request_id: None,
        attempts: None,
        duplicate_of: None,
        problem: None,
        kept: &[],
    };

    fn book() -> Book {
        let target = Target::Stream(Box::new(io::sink()));
        Book::new(target, &[]).expect("a book")
    }

    #[test]
    fn a_sheet_is_no_larger_than_it_can_be_packed() {
        let mut book = book();
        book.bytes = MAX_BYTES - CELL - 4;
        book.write(&ROW).expect("the last text");
        assert_eq!(book.write(&ROW), Err(OutputError::TooMuchText));
    }

    #[test]
    fn a_sheet_ends_with_its_last_row() {
        let mut book = book();
        book.rows = MAX_ROWS - 1;
        book.write(&ROW).expect("the last row");
        let error = book.write(&ROW).expect_err("no row left");
        assert_eq!(error, OutputError::TooManyRows { limit: 1_048_575 });
        assert!(error.to_string().contains("1048575 rows"), "{error}");
    }

    #[test]
    fn a_panic_of_a_full_disk_is_an_error() {
        let full = || io::Result::<()>::Err(io::ErrorKind::StorageFull.into());
        let error = caught(|| {
            full().expect("Couldn't write to xml file");
            Ok(())
        });
        let expected = OutputError::of(io::ErrorKind::StorageFull);
        assert_eq!(error, Err(expected));
        let other = caught(|| panic!("another"));
        assert_eq!(other, Err(OutputError::of(io::ErrorKind::Other)));
    }

    #[test]
    fn a_text_is_measured_as_excel_does() {
        assert!(!is_too_long(&"a".repeat(MAX_TEXT)));
        assert!(!is_too_long(&"林".repeat(MAX_TEXT)));
        assert!(is_too_long(&"𠮷".repeat(MAX_TEXT / 2 + 1)));
    }
}
