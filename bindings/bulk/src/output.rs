//! Writes what came of each row: one row for each of the input, in its order, as CSV, JSONL or XLSX.
//!
//! A file is written beside its target, readable by its owner alone, and takes the target's place when it is
//! whole and on the disk. Whatever ends the run before leaves the target as it was. What ends the process
//! without a word, such as a loss of power, leaves a file `.idcard-*.tmp` behind.
//!
//! Memory does not grow with the rows. Those of a workbook wait in a second temporary file, which has no name
//! on Unix: in the folder of the target, or in the system's when there is no such folder.

mod error;
mod headings;
mod lines;
mod row;
mod target;
mod workbook;

pub use error::OutputError;
pub use row::OutputRow;
pub use workbook::MAX_ROWS as MAX_WORKBOOK_ROWS;

use lines::{Csv, Jsonl};
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use target::Target;
use workbook::Book;

/// What an output is written as.
///
/// The columns and their names are the same in each: `row`, `id`, `status`, `verdict`, `result`, `charge`,
/// `request_id`, `attempts`, `duplicate_of`, `problem`, and then those kept of the input under their headings. A
/// heading that is there already gets a number: `id (2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// RFC 4180, in UTF-8, with a line of headings. Lines end with `\n` alone, as tools of Unix have it, and every
    /// reader of CSV takes. What is absent is empty.
    Csv,
    /// An object a line. What is absent is left out; the kept columns are an object `input`.
    Jsonl,
    /// A workbook of one sheet. Numbers of rows and attempts are numbers; all else is text and stays text when it
    /// is edited. It has no place for more than 1,048,575 rows, or about 4 GB before they are packed.
    Xlsx,
}

impl OutputFormat {
    /// The format that the extension of a path names: `csv`, `jsonl`, `ndjson` or `xlsx`.
    #[must_use]
    pub fn from_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// How an output is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputOptions {
    /// The format. Without one the extension says it, and CSV is written when that says nothing.
    pub format: Option<OutputFormat>,
    /// Whether a CSV is meant for Excel. It begins with a byte order mark, without which Excel takes it for another
    /// encoding, and a text that Excel would calculate gets an apostrophe before it. Excel rounds long numbers
    /// of a CSV all the same: for those, write XLSX. The other formats need none of it.
    pub bom: bool,
}

/// Writes the rows of one output.
pub struct Output {
    encoder: Encoder,
    headings: Vec<String>,
    path: Option<PathBuf>,
    is_closed: bool,
}

enum Encoder {
    Csv(Box<Csv>),
    Jsonl(Jsonl),
    Xlsx(Box<Book>),
}

impl Output {
    /// Begins an output that will stand at `path`. Nothing is there before [`finish`](Self::finish). What is no file,
    /// such as a pipe or `/dev/stdout`, is written as the rows come. Of a link, the file that it names is written.
    ///
    /// # Errors
    /// When there is such a file and `overwrite` is not set, or the folder cannot be written.
    pub fn create(
        path: &Path,
        options: &OutputOptions,
        kept_headings: &[&str],
        overwrite: bool,
    ) -> Result<Self, OutputError> {
        let named = options.format;
        let format = named.or_else(|| OutputFormat::from_extension(path));
        Target::create(path, overwrite)
            .and_then(|target| Self::new(target, format, options.bom, kept_headings))
            .map(|output| Self {
                path: Some(path.to_owned()),
                ..output
            })
            .map_err(|error| error.at(Some(path)))
    }

    /// Begins an output to a stream, such as standard output. Each row is there when it has been written, but a
    /// workbook is made first and written at the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn to_writer(
        writer: Box<dyn Write + Send>,
        options: &OutputOptions,
        kept_headings: &[&str],
    ) -> Result<Self, OutputError> {
        let target = Target::Stream(writer);
        Self::new(target, options.format, options.bom, kept_headings)
    }

    fn new(
        target: Target,
        format: Option<OutputFormat>,
        bom: bool,
        kept_headings: &[&str],
    ) -> Result<Self, OutputError> {
        let headings = headings::unique(kept_headings);
        let encoder = match format.unwrap_or(OutputFormat::Csv) {
            OutputFormat::Csv => Encoder::Csv(Box::new(Csv::new(target, bom, &headings)?)),
            OutputFormat::Jsonl => Encoder::Jsonl(Jsonl::new(target)),
            OutputFormat::Xlsx => Encoder::Xlsx(Box::new(Book::new(target, &headings)?)),
        };
        Ok(Self {
            encoder,
            headings,
            path: None,
            is_closed: false,
        })
    }

    /// Writes the next row. After an error the output is closed, since it may hold half a row: it cannot be finished.
    ///
    /// # Errors
    /// When it cannot be written, or the format has no place for it.
    pub fn write(&mut self, row: &OutputRow<'_>) -> Result<(), OutputError> {
        if self.is_closed {
            return Err(OutputError::Closed);
        }
        let written = self.encode(row);
        self.is_closed = written.is_err();
        written.map_err(|error| error.at(self.path.as_deref()))
    }

    /// How many columns of the input are kept.
    pub(crate) fn kept(&self) -> usize {
        self.headings.len()
    }

    fn encode(&mut self, row: &OutputRow<'_>) -> Result<(), OutputError> {
        if row.kept.len() > self.headings.len() {
            return Err(OutputError::NoHeading { row: row.row });
        }
        match &mut self.encoder {
            Encoder::Csv(csv) => csv.write(row, self.headings.len()),
            Encoder::Jsonl(jsonl) => jsonl.write(row, &self.headings),
            Encoder::Xlsx(book) => book.write(row),
        }
    }

    /// Writes what is left, and puts the file in its place when it is on the disk. An output that is dropped
    /// instead leaves nothing behind.
    ///
    /// # Errors
    /// When it cannot be written, or a file has come to its place that may not be overwritten. It is gone then: write
    /// it again, from the journal.
    pub fn finish(self) -> Result<(), OutputError> {
        if self.is_closed {
            return Err(OutputError::Closed);
        }
        let target = match self.encoder {
            Encoder::Csv(csv) => csv.finish(),
            Encoder::Jsonl(jsonl) => jsonl.finish(),
            Encoder::Xlsx(book) => book.finish(),
        };
        target
            .and_then(Target::finish)
            .map_err(|error| error.at(self.path.as_deref()))
    }
}

impl fmt::Debug for Output {
    // What waits to be written is of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("path", &self.path)
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}
