//! Reads rows of people from a file: CSV, TSV, JSON lines or a workbook of a spreadsheet.
//!
//! Nothing is guessed that could be paid for: an encoding of which the bytes are not sure, columns that nobody
//! can tell apart and a row whose cells have moved are refused, with what to do.
//!
//! A file is read row by row, so that memory does not grow with it. The exception is a workbook, whose table
//! of texts is read at once. Its sizes are looked at first, as its directory tells them.

mod columns;
mod detect;
mod encoding;
mod error;
mod jsonl;
mod person;
mod records;
mod row;
mod sheet;
mod source;
mod table;
mod text;

pub use encoding::Encoding;
pub use error::{ColumnRole, Headings, InputError};
pub use row::{Person, Row, RowProblem};

use source::Source;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

/// Longest row in bytes. Nobody's is longer; a file that is no table may be one endless row.
pub const MAX_ROW: usize = 1024 * 1024;

/// How a file is to be read. What is not said is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputOptions {
    /// What kind of file it is.
    pub format: Option<Format>,
    /// The encoding of a file of text.
    pub encoding: Option<Encoding>,
    /// What separates the cells of CSV.
    pub delimiter: Option<u8>,
    /// The column of numbers: its heading, or its place, counted from 1. Where places alone are named, the first
    /// row holds headings if its cell of the number has letters and no digit.
    pub number_column: Option<String>,
    /// The column of names: its heading, or its place, counted from 1.
    pub name_column: Option<String>,
    /// The column of the caller's own key of a row: its heading, or its place, counted from 1.
    pub id_column: Option<String>,
    /// The sheet of a workbook; the first one that is visible, if it is not said.
    pub sheet: Option<String>,
    /// Whether numbers and names are mended before they are checked.
    pub normalize: bool,
    /// Whether [`Row::cells`] is filled.
    pub keep_cells: bool,
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Cells with commas, semicolons, tabs or bars between them.
    Csv,
    /// Cells with tabs between them.
    Tsv,
    /// A JSON object in each line.
    Jsonl,
    /// A workbook of Excel from 2007 on.
    Xlsx,
}

impl Format {
    /// Its name, which is the usual extension of such files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Xlsx => "xlsx",
        }
    }

    fn of_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "json" | "jsonl" | "ndjson" => Some(Self::Jsonl),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// An opened file, which can be read many times.
///
/// ```
/// use idcard_bulk::input::{Input, InputOptions};
///
/// let file = "身份证号,姓名\n440305199505132561,林小满\n44030519950513256X,林小满\n";
/// let input = Input::from_reader(file.as_bytes(), InputOptions::default())?;
/// let mut rows = input.rows()?;
/// assert!(rows.next().is_some_and(|row| row.is_ok_and(|row| row.person.is_ok())));
/// let row = rows.next().expect("another row")?;
/// let problem = row.person.expect_err("a wrong check digit");
/// assert_eq!((row.line, problem.field, problem.kind), (3, "id_number", "check-digit"));
/// # Ok::<(), idcard_bulk::input::InputError>(())
/// ```
#[derive(Debug)]
pub struct Input {
    source: Source,
    options: InputOptions,
    format: Format,
    encoding: Option<Encoding>,
}

impl Input {
    /// What was said of how it is to be read, as far as that decides whom a row is about.
    pub(crate) fn said(&self) -> String {
        let options = &self.options;
        let mut said = vec![self.format.as_str().to_owned()];
        said.extend(self.encoding.map(|encoding| encoding.as_str().to_owned()));
        let columns = [
            ("number", &options.number_column),
            ("name", &options.name_column),
            ("sheet", &options.sheet),
        ];
        for (what, named) in columns {
            said.extend(named.as_ref().map(|named| format!("{what}={named:?}")));
        }
        if options.normalize {
            said.push("normalize".to_owned());
        }
        said.join(" ")
    }

    /// Opens a file and finds out what it is. A text is read once, to know its encoding.
    ///
    /// # Errors
    /// When it cannot be read, or it is not sure what it is.
    pub fn open(path: &Path, options: InputOptions) -> Result<Self, InputError> {
        let source = Source::open(path)?;
        Self::new(source, options, Format::of_extension(path))
    }

    /// Takes standard input, which can be read once, into a temporary file that has no name.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn stdin(options: InputOptions) -> Result<Self, InputError> {
        Self::from_reader(io::stdin().lock(), options)
    }

    /// Takes what a reader gives into a temporary file that has no name.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn from_reader(reader: impl Read, options: InputOptions) -> Result<Self, InputError> {
        Self::new(Source::spool(reader)?, options, None)
    }

    fn new(
        source: Source,
        options: InputOptions,
        extension: Option<Format>,
    ) -> Result<Self, InputError> {
        if source.is_empty() {
            return Err(InputError::Empty);
        }
        let begin = source.begin()?;
        let is_workbook = begin.starts_with(b"PK\x03\x04");
        let named = options.format;
        if begin.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(InputError::OldWorkbook);
        }
        match named.or(extension) {
            Some(Format::Xlsx) if !is_workbook => return Err(InputError::NotAWorkbook),
            _ if is_workbook && named.is_some_and(|named| named != Format::Xlsx) => {
                return Err(InputError::IsAWorkbook);
            }
            _ => {}
        }
        if is_workbook {
            sheet::look_at_sizes(&source)?;
            return Ok(Self {
                source,
                options,
                format: Format::Xlsx,
                encoding: None,
            });
        }
        let encoding = detect::encoding_of(&source, options.encoding)?;
        let format = match named.or(extension) {
            Some(format) => format,
            None if text::begins_with(&source, encoding, '{')? => Format::Jsonl,
            None => Format::Csv,
        };
        if format == Format::Jsonl && text::begins_with(&source, encoding, '[')? {
            return Err(InputError::JsonList);
        }
        Ok(Self {
            source,
            options,
            format,
            encoding: Some(encoding),
        })
    }

    /// Its rows from the beginning, whatever else reads it.
    ///
    /// # Errors
    /// When it is not sure which columns hold numbers and names, or there is nobody in it.
    pub fn rows(&self) -> Result<Rows, InputError> {
        let encoding = self.encoding.unwrap_or(Encoding::Utf8);
        let kind = match self.format {
            Format::Csv | Format::Tsv => {
                let delimiter = match self.format {
                    Format::Tsv => self.options.delimiter.or(Some(b'\t')),
                    _ => self.options.delimiter,
                };
                let text = text::Text::new(&self.source, encoding);
                Kind::Table(table::Table::new(text, delimiter, &self.options)?)
            }
            Format::Jsonl => {
                let text = text::Text::new(&self.source, encoding);
                Kind::Jsonl(jsonl::Jsonl::new(text, &self.options)?)
            }
            Format::Xlsx => Kind::Sheet(sheet::Sheet::new(&self.source, &self.options)?),
        };
        Ok(Rows {
            kind,
            row: 0,
            is_over: false,
        })
    }

    /// HMAC-SHA256 of its bytes. Whoever has the digest without the key cannot try persons against it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn digest(&self, key: &[u8]) -> Result<[u8; 32], InputError> {
        Ok(self.source.digest(key)?)
    }

    /// What kind of file it is.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Its encoding, if it is text.
    #[must_use]
    pub const fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }
}

/// The rows of a file, in order. Nothing follows an error.
pub struct Rows {
    kind: Kind,
    row: u64,
    is_over: bool,
}

enum Kind {
    Table(table::Table),
    Jsonl(jsonl::Jsonl),
    Sheet(sheet::Sheet),
}

/// By its place: what it holds is somebody's.
impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

impl Rows {
    /// The headings, or the keys of the first object; nothing for a table without headings.
    #[must_use]
    pub fn headings(&self) -> Option<&[String]> {
        match &self.kind {
            Kind::Table(table) => table.headings(),
            Kind::Jsonl(lines) => Some(lines.headings()),
            Kind::Sheet(sheet) => sheet.headings(),
        }
    }
}

impl Iterator for Rows {
    type Item = Result<Row, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = match &mut self.kind {
            Kind::Table(table) => table.next(self.row + 1),
            Kind::Jsonl(lines) => lines.next(self.row + 1),
            Kind::Sheet(sheet) => sheet.next(self.row + 1),
        };
        let next = match next {
            // Headings, and nothing below them.
            Ok(None) if self.row == 0 => Some(Err(InputError::Empty)),
            other => other.transpose(),
        };
        self.row += 1;
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}
