//! Why an output cannot be written.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why an output cannot be written. No text of a row is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// There is such a file, and it may not be overwritten.
    #[error("{} exists already", shown(.path.as_deref()))]
    Exists {
        /// The file. A stream has no path.
        path: Option<PathBuf>,
    },
    /// The system does not write it.
    #[error("{} cannot be written: {}", shown(.path.as_deref()), reason(*.kind))]
    Write {
        /// The file. A stream has no path.
        path: Option<PathBuf>,
        /// What the system says.
        kind: ErrorKind,
    },
    /// A workbook has no place for so many rows.
    #[error("a workbook has no place for more than {limit} rows: write CSV or JSONL")]
    TooManyRows {
        /// Rows that it has place for, without the headings.
        limit: u32,
    },
    /// A workbook has no place for so many columns.
    #[error(
        "a workbook has no place for more than {limit} columns: keep fewer, or write CSV or JSONL"
    )]
    TooManyColumns {
        /// Columns that it has place for.
        limit: u16,
    },
    /// A workbook has no place for so much text.
    #[error("a workbook has no place for so much text: keep fewer columns, or write CSV or JSONL")]
    TooMuchText,
    /// A heading is longer than a cell of a workbook may be.
    #[error("a heading is longer than a cell of a workbook may be: write CSV or JSONL")]
    HeadingTooLong,
    /// A text is longer than a cell of a workbook may be.
    #[error("a text of row {row} is longer than a cell of a workbook may be: write CSV or JSONL")]
    TextTooLong {
        /// The row of the input.
        row: u64,
    },
    /// More columns of a row are kept than there are headings.
    #[error("row {row} has more kept columns than there are headings")]
    NoHeading {
        /// The row of the input.
        row: u64,
    },
    /// A row could not be written before, and none is written any more.
    #[error("the output could not be written, and is closed")]
    Closed,
}

impl OutputError {
    /// What the system says of a failed write, when it was the system.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Exists { .. } => Some(ErrorKind::AlreadyExists),
            Self::Write { kind, .. } => Some(*kind),
            _ => None,
        }
    }

    /// An error of the system, of a path that is yet to be told.
    pub(super) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::AlreadyExists => Self::Exists { path: None },
            kind => Self::Write { path: None, kind },
        }
    }

    /// The same, of a path.
    pub(super) fn at(self, at: Option<&Path>) -> Self {
        let path = at.map(Path::to_owned);
        match self {
            Self::Exists { .. } => Self::Exists { path },
            Self::Write { kind, .. } => Self::Write { path, kind },
            other => other,
        }
    }
}

fn shown(path: Option<&Path>) -> String {
    path.map_or_else(
        || "the output".to_owned(),
        |path| path.display().to_string(),
    )
}

fn reason(kind: ErrorKind) -> String {
    let text = match kind {
        ErrorKind::BrokenPipe => "nobody reads it any more",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "a part of its path is no folder",
        ErrorKind::NotFound => "there is no such folder",
        ErrorKind::PermissionDenied => "it is not allowed",
        ErrorKind::QuotaExceeded => "no more of the disk may be used",
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read",
        ErrorKind::StorageFull => "the disk is full",
        other => return other.to_string(),
    };
    text.to_owned()
}
