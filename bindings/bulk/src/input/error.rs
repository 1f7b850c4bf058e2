//! Why a file cannot be read.

use super::{Encoding, MAX_ROW};
use std::fmt;
use std::io;

/// Why a file cannot be read. It shows no number and no name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The system does not give it.
    #[error("the input cannot be read: {0}")]
    Read(#[from] io::Error),
    /// Nobody is in it.
    #[error("there is nobody in it")]
    Empty,
    /// Bytes that are not of its encoding.
    #[error(
        "line {line}: byte {byte} of the input is not {}{}",
        encoding.as_str(),
        seems_to_be(.seems)
    )]
    Encoding {
        /// The encoding that was named, found, or goes furthest.
        encoding: Encoding,
        /// The line, counted from 1.
        line: u64,
        /// The byte of the file, counted from 0.
        byte: u64,
        /// What it seems to be instead, if that is known.
        seems: Option<Encoding>,
    },
    /// The bytes speak for another encoding.
    #[error("the input is not {}; it seems to be {1}: add --encoding {1}", .encoding.as_str(), .seems.as_str())]
    WrongEncoding {
        /// The encoding that was named, or UTF-8.
        encoding: Encoding,
        /// What it seems to be.
        seems: Encoding,
    },
    /// The bytes are good in two encodings, of which one gives other names.
    #[error("the input may be {0} or {1}: add --encoding {0} or --encoding {1}", .one.as_str(), .other.as_str())]
    DoubtfulEncoding {
        /// One of the two.
        one: Encoding,
        /// The other.
        other: Encoding,
    },
    /// It is not what it was when it was opened.
    #[error("the input has changed while it was read")]
    Changed,
    /// A quotation mark opens a cell that never ends.
    #[error("line {line}: the quotation mark that opens here is never closed")]
    UnclosedQuote {
        /// The line of the quotation mark, counted from 1.
        line: u64,
    },
    /// A row is too long to be one.
    #[error("line {line}: the row that begins here is longer than {} KiB", MAX_ROW / 1024)]
    RowTooLong {
        /// The line in which it begins, counted from 1.
        line: u64,
    },
    /// A delimiter that cannot be one.
    #[error(
        "a delimiter is one ASCII character, no letter, digit, quotation mark or end of a line"
    )]
    Delimiter,
    /// The columns of number and name cannot be told.
    #[error(
        "it is not known which columns hold number and name{0}; name them by --number-column and \
         --name-column, each a heading or a place, counted from 1"
    )]
    UnknownColumns(Headings),
    /// A column that was named is not there.
    #[error("there is no column {named:?} for the {role}{headings}")]
    NoSuchColumn {
        /// What the column was to hold.
        role: ColumnRole,
        /// What was named.
        named: String,
        /// The headings that there are.
        headings: Headings,
    },
    /// Two columns may be meant.
    #[error("more than one column may hold the {role}{headings}; name it by {}", role.option())]
    AmbiguousColumn {
        /// What the column is to hold.
        role: ColumnRole,
        /// Their headings.
        headings: Headings,
    },
    /// One column was named for two things.
    #[error("one column cannot hold both the {0} and the {1}")]
    SameColumn(ColumnRole, ColumnRole),
    /// The first line of JSON lines is no object.
    #[error("line {line} is no JSON object, and the first one tells the columns")]
    NoJsonObject {
        /// The line, counted from 1.
        line: u64,
    },
    /// JSON, but one list instead of lines.
    #[error("the input is one JSON list; write each object of it into a line of its own")]
    JsonList,
    /// A workbook from before 2007, or one with a password.
    #[error(
        "the input is an old workbook (.xls), or one with a password; save it as .xlsx without a password, \
         or as CSV"
    )]
    OldWorkbook,
    /// It was said to be a workbook.
    #[error("the input is no .xlsx workbook")]
    NotAWorkbook,
    /// It was said to be text.
    #[error("the input is a workbook or another archive, not text")]
    IsAWorkbook,
    /// A workbook that cannot be read.
    #[error("the workbook is damaged, or is no .xlsx workbook{0}")]
    DamagedWorkbook(&'static str),
    /// A workbook that would fill the memory.
    #[error("the workbook is too large when it is unpacked; save the sheet as CSV")]
    WorkbookTooLarge,
    /// A sheet that is not there.
    #[error("there is no sheet {named:?}; there is {}", quoted(.sheets))]
    NoSuchSheet {
        /// What was named.
        named: String,
        /// The sheets that there are.
        sheets: Vec<String>,
    },
}

fn seems_to_be(encoding: &Option<Encoding>) -> String {
    let told = |encoding: Encoding| {
        let name = encoding.as_str();
        format!("; it seems to be {name}: add --encoding {name}")
    };
    encoding.map_or_else(String::new, told)
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnRole {
    /// The identity-card number.
    Number,
    /// The name.
    Name,
    /// The caller's own key of a row.
    Id,
}

impl ColumnRole {
    /// The option that names its column.
    const fn option(self) -> &'static str {
        match self {
            Self::Number => "--number-column",
            Self::Name => "--name-column",
            Self::Id => "--id-column",
        }
    }
}

impl fmt::Display for ColumnRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "number",
            Self::Name => "name",
            Self::Id => "id",
        })
    }
}

/// What an error shows of the first row: how many cells it has, and the usual headings in it, as letters in lower case.
/// Whatever else is there may be somebody's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headings {
    pub(super) cells: usize,
    pub(super) known: Vec<String>,
}

impl Headings {
    /// How many cells the first row has.
    #[must_use]
    pub const fn cells(&self) -> usize {
        self.cells
    }

    /// Those that are usual headings.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }
}

impl fmt::Display for Headings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.cells, self.known.as_slice()) {
            (0, _) => Ok(()),
            (1, []) => f.write_str("; its first row has 1 cell, and no usual heading"),
            (cells, []) => write!(f, "; its first row has {cells} cells, and no usual heading"),
            (_, known) => write!(
                f,
                "; of its first row these are usual headings: {}",
                quoted(known)
            ),
        }
    }
}

/// Texts of a file, of which nobody knows what they are: some of each, and with control characters escaped.
fn quoted(texts: &[String]) -> String {
    const MOST: usize = 40;
    let short = |text: &String| format!("{:?}", text.chars().take(MOST).collect::<String>());
    let mut shown: Vec<String> = texts.iter().take(MOST).map(short).collect();
    if texts.len() > MOST {
        shown.push(format!("{} more", texts.len() - MOST));
    }
    shown.join(", ")
}
