//! The journal: what may have been asked, and what came of it. It is written before a request may leave and
//! read after whatever has ended the process.
//!
//! It is a file of lines, each with a checksum, to which lines are only ever added. An intent is written before its
//! request is sent, an outcome before its row counts as done. An intent without an outcome is of unknown
//! charge: nobody knows whether the request left. It is never sent again by itself.

mod index;
mod key;
mod lock;
mod record;
mod reserve;
mod scan;

pub(crate) use index::{ELSEWHERE, Index, standing};
pub use index::{Standing, Totals};
pub use key::{JobKey, KeyError};
pub(crate) use key::{hash, hex};
pub use record::{Header, Intent, Key, Outcome, Record, Settled};
pub use scan::{read_at, read_header, scan, totals};
pub(crate) use scan::{read_outcome, scan_file};

pub(crate) use lock::is_locked;

use lock::Lock;
use reserve::Reserve;
use scan::Scan;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// What the journal survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process: the system keeps what was written.
    Process,
    /// The end of the machine: what was written is on the disk before a request leaves.
    #[default]
    Power,
}

/// Why a journal cannot be used, or can no longer be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// There is none.
    #[error("there is no journal {0}")]
    Missing(String),
    /// There is one already.
    #[error("there is a journal {0} already")]
    Exists(String),
    /// Another process writes it.
    #[error("another run writes this journal")]
    InUse,
    /// It is no journal, or one of a later version.
    #[error("this is no journal of this version")]
    NotAJournal,
    /// It is the journal of something else. Says what differs.
    #[error("the journal is of another run: {}", .0.join(", "))]
    OtherRun(Vec<String>),
    /// It was written under another key, and would know nobody.
    #[error("the journal was written under another key: it would know nobody")]
    OtherKey,
    /// It was opened before a fork, by the parent.
    #[error("the journal was opened in another process")]
    OtherProcess,
    /// A line in the middle cannot be read: no crash does that.
    #[error("line {0} of the journal is damaged, and others follow it")]
    Damaged(u64),
    /// It is not what it was when it was opened.
    #[error("the journal is not what it was when it was opened")]
    Changed,
    /// It could not be written. Nothing is written after that.
    #[error("the journal cannot be written: {}", in_words(.0))]
    Write(#[source] io::Error),
    /// The disk is full. What was under way could be written, and nothing else is begun.
    #[error("the disk is full: what was under way is written, and nothing else is begun")]
    Full,
    /// It could not be written before, and is not written any more.
    #[error("the journal could not be written, and is closed")]
    Closed,
    /// It could not be read.
    #[error("the journal cannot be read: {}", in_words(.0))]
    Read(#[source] io::Error),
}

/// An error of the system by its kind: its own text has a number behind it.
pub(crate) fn in_words(error: &io::Error) -> String {
    error.kind().to_string()
}

/// A journal that is open for writing, by one process at a time.
#[derive(Debug)]
pub struct Journal {
    file: File,
    /// Held as long as this is.
    _lock: Lock,
    durability: Durability,
    length: u64,
    group: u32,
    reserve: Option<Reserve>,
    is_closed: bool,
}

impl Journal {
    /// Begins a journal in a file that must not be there yet.
    ///
    /// # Errors
    /// When there is such a file, or it cannot be written.
    pub fn create(
        path: &Path,
        header: &Header,
        durability: Durability,
    ) -> Result<Self, JournalError> {
        // It has its name when its first line is whole: whatever ends the process, there is a journal or none. It
        // holds no person, but says how many were asked about, so nobody else reads it.
        let new = new_file(path).map_err(JournalError::Write)?;
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).open(new.path());
        let file = file.map_err(JournalError::Write)?;
        let mut journal = Self {
            _lock: Lock::of(path, &file)?,
            file,
            durability,
            length: 0,
            group: 0,
            reserve: None,
            is_closed: false,
        };
        journal.append(&[Record::Header(header.clone())])?;
        new.persist_noclobber(path)
            .map_err(|error| match error.error.kind() {
                ErrorKind::AlreadyExists => JournalError::Exists(path.display().to_string()),
                _ => JournalError::Write(error.error),
            })?;
        // It lies beside the journal of whoever came first.
        let reserve = Reserve::make(path, durability);
        journal.reserve = Some(reserve.map_err(JournalError::Write)?);
        // The name of a new file is in its folder.
        if durability == Durability::Power {
            sync_folder(path).map_err(JournalError::Write)?;
        }
        Ok(journal)
    }

    /// Opens a journal and hands each record to `see`, in order, with the place of its line. What was not finished
    /// when the machine or the process ended is cut off: nothing of it was sent.
    ///
    /// # Errors
    /// When it is in use or damaged.
    pub fn open(
        path: &Path,
        durability: Durability,
        see: impl FnMut(u64, Record),
    ) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        let file =
            options
                .read(true)
                .write(true)
                .open(path)
                .map_err(|error| match error.kind() {
                    ErrorKind::NotFound => JournalError::Missing(path.display().to_string()),
                    _ => JournalError::Read(error),
                })?;
        let lock = Lock::of(path, &file)?;
        let found = Scan::of(&file, see)?;
        let mut journal = Self {
            file,
            _lock: lock,
            durability,
            length: found.length,
            group: found.group.wrapping_add(1),
            reserve: Some(Reserve::make(path, durability).map_err(JournalError::Write)?),
            is_closed: false,
        };
        if found.there > found.length {
            journal.cut().map_err(JournalError::Write)?;
        }
        let end = SeekFrom::Start(found.length);
        journal.file.seek(end).map_err(JournalError::Read)?;
        Ok(journal)
    }

    /// Where the next line begins.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Number of the group that is written next.
    pub(crate) const fn group(&self) -> u32 {
        self.group
    }

    /// Whether it is synced, which takes a thread.
    pub(crate) const fn has_thread(&self) -> bool {
        matches!(self.durability, Durability::Power)
    }

    /// The lines of records, of the group that is written next.
    fn lines(&self, records: &[Record]) -> Vec<u8> {
        let lines = records.iter().map(|record| line(record, self.group));
        lines.flatten().collect()
    }

    /// Writes records, and returns when they are as durable as the journal promises. After an error the journal is
    /// closed: what the system does with what it could not write is not known.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, records: &[Record]) -> Result<(), JournalError> {
        let lines = self.lines(records);
        self.append_lines(&lines)
    }

    /// Writes lines of this group.
    pub(crate) fn append_lines(&mut self, lines: &[u8]) -> Result<(), JournalError> {
        if self.is_closed {
            return Err(JournalError::Closed);
        }
        let mut written = self.write(lines);
        if matches!(&written, Err(error) if is_full(error))
            && !self.is_closed
            && let Some(reserve) = self.reserve.take()
        {
            // What is under way still has to be written.
            written = reserve.give_up().and_then(|()| self.write(lines));
        }
        if let Err(error) = written {
            self.is_closed = true;
            return Err(JournalError::Write(error));
        }
        self.length += lines.len() as u64;
        self.group = self.group.wrapping_add(1);
        Ok(())
    }

    /// Whether nothing may be begun any more, because the disk is full.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.reserve.is_none()
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(lines).and_then(|()| self.sync());
        if written.is_err() {
            // What comes next would stand behind a part of a line.
            self.is_closed = self.cut().is_err();
        }
        written
    }

    fn sync(&self) -> io::Result<()> {
        match self.durability {
            Durability::Process => Ok(()),
            Durability::Power => self.file.sync_data(),
        }
    }

    /// Cuts off what stands behind the last whole line.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.sync()
    }
}

/// A record as a line of a group.
pub(crate) fn line(record: &Record, group: u32) -> Vec<u8> {
    record::encode(record, group)
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

/// A new file that nobody else reads, beside the one that it will be.
pub(crate) fn new_file(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    tempfile::Builder::new()
        .prefix(".idcard-")
        .suffix(".tmp")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
}

/// Nobody else reads a new file.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
    match synced {
        // There are file systems, and rights, with which no folder can be synced.
        Err(error) if is_not_for_folders(&error) => Ok(()),
        synced => synced,
    }
}

#[cfg(unix)]
fn is_not_for_folders(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::Unsupported | ErrorKind::InvalidInput
    )
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
