//! CSV and JSONL.

use super::OutputError;
use super::row::{COLUMNS, Cell, OutputRow};
use super::target::Target;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::io::{self, BufWriter, Write as _};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes CSV.
pub(super) struct Csv {
    writer: csv::Writer<Target>,
    is_for_excel: bool,
    is_stream: bool,
}

impl Csv {
    pub(super) fn new(
        mut target: Target,
        is_for_excel: bool,
        headings: &[String],
    ) -> Result<Self, OutputError> {
        if is_for_excel {
            target
                .write_all(BYTE_ORDER_MARK.as_bytes())
                .map_err(of_io)?;
        }
        let is_stream = target.is_stream();
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .from_writer(target);
        let mut csv = Self {
            writer,
            is_for_excel,
            is_stream,
        };
        for column in COLUMNS {
            csv.text(column)?;
        }
        for heading in headings {
            csv.text(heading)?;
        }
        csv.end()?;
        Ok(csv)
    }

    pub(super) fn write(
        &mut self,
        row: &OutputRow<'_>,
        headings: usize,
    ) -> Result<(), OutputError> {
        for cell in row.cells() {
            match cell {
                Cell::Number(number) => self.text(&number.to_string()),
                Cell::Text(text) => self.text(text),
                Cell::Absent => self.text(""),
            }?;
        }
        let kept = row.kept.iter().chain(std::iter::repeat(&""));
        for text in kept.take(headings) {
            self.text(text)?;
        }
        self.end()
    }

    fn text(&mut self, text: &str) -> Result<(), OutputError> {
        let text = if self.is_for_excel {
            uncalculated(text)
        } else {
            Cow::Borrowed(text)
        };
        self.writer.write_field(text.as_bytes()).map_err(of_csv)
    }

    fn end(&mut self) -> Result<(), OutputError> {
        self.writer.write_record(None::<&[u8]>).map_err(of_csv)?;
        if self.is_stream {
            self.writer.flush().map_err(of_io)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Target, OutputError> {
        self.writer
            .into_inner()
            .map_err(|error| OutputError::of(error.error().kind()))
    }
}

/// A text that a spreadsheet does not take for a formula. Under a Chinese locale the wide signs begin one, too, and
/// spaces before them do not help.
fn uncalculated(text: &str) -> Cow<'_, str> {
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn of_csv(error: csv::Error) -> OutputError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => of_io(error),
        _ => OutputError::of(io::ErrorKind::Other),
    }
}

fn of_io(error: io::Error) -> OutputError {
    OutputError::of(error.kind())
}

/// Writes JSONL.
pub(super) struct Jsonl {
    writer: BufWriter<Target>,
    is_stream: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    charge: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    #[serde(skip_serializing_if = "Kept::is_empty")]
    input: Kept<'a>,
}

struct Kept<'a> {
    headings: &'a [String],
    texts: &'a [&'a str],
}

impl Kept<'_> {
    fn is_empty(&self) -> bool {
        self.headings.is_empty()
    }
}

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.headings.iter().zip(self.texts))
    }
}

impl Jsonl {
    pub(super) fn new(target: Target) -> Self {
        Self {
            is_stream: target.is_stream(),
            writer: BufWriter::new(target),
        }
    }

    pub(super) fn write(
        &mut self,
        row: &OutputRow<'_>,
        headings: &[String],
    ) -> Result<(), OutputError> {
        let line = Line {
            row: row.row,
            id: row.id,
            status: row.status,
            verdict: row.verdict,
            result: row.result,
            charge: row.charge,
            request_id: row.request_id,
            attempts: row.attempts,
            duplicate_of: row.duplicate_of,
            problem: row.problem,
            input: Kept {
                headings,
                texts: row.kept,
            },
        };
        serde_json::to_writer(&mut self.writer, &line).map_err(|error| of_io(error.into()))?;
        self.writer.write_all(b"\n").map_err(of_io)?;
        if self.is_stream {
            self.writer.flush().map_err(of_io)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Target, OutputError> {
        self.writer
            .into_inner()
            .map_err(|error| of_io(error.into_error()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_text() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@A1",
            "\t=1",
            "\rA",
            "\nA",
            " =1",
            "\u{3000}＝1",
            "＋1",
            "－1",
            "＠A1",
        ] {
            assert_eq!(uncalculated(text), format!("'{text}"));
        }
        for text in ["", " ", "1-1", "林", "'=1", "a=b"] {
            assert_eq!(uncalculated(text), text);
        }
    }
}
