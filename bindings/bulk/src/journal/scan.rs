//! Reads a journal from its first line to its last whole one.

use super::record::{self, VERSION};
use super::{Header, Index, JournalError, Key, Outcome, Record, Totals};
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read};
use std::path::Path;

/// Longest line that is one; anything longer is damage.
const LONGEST: usize = 1 << 16;

/// What was found.
pub(super) struct Scan {
    /// Up to the end of the last whole line.
    pub(super) length: u64,
    /// Length of the file.
    pub(super) there: u64,
    /// Number of the last group.
    pub(super) group: u32,
}

/// A line that could not be read.
struct Gap {
    line: u64,
    at: u64,
    /// The group of what follows it.
    group: Option<u32>,
}

impl Scan {
    /// Reads from the beginning, and hands each record to `see` with the place of its line.
    ///
    /// When the machine ends, of a group that was not synced any part may be there, in any order. Nothing of it was
    /// sent: so a line that cannot be read ends the journal, if all that follows it is of one group, its own.
    pub(super) fn of(
        journal: impl Read,
        mut see: impl FnMut(u64, Record),
    ) -> Result<Self, JournalError> {
        let mut reader = BufReader::with_capacity(1 << 16, journal);
        let mut scan = Self {
            length: 0,
            there: 0,
            group: 0,
        };
        let (mut number, mut line, mut gap) = (0, Vec::new(), None::<Gap>);
        loop {
            line.clear();
            let mut limited = (&mut reader).take(LONGEST as u64);
            let read = limited.read_until(b'\n', &mut line);
            if read.map_err(JournalError::Read)? == 0 {
                break;
            }
            let (at, whole) = (scan.there, record::decode(&line));
            scan.there += line.len() as u64;
            number += 1;
            match (&mut gap, whole) {
                (None, Some((group, record))) => {
                    check_first(number, &record)?;
                    scan.group = group;
                    scan.length = scan.there;
                    see(at, record);
                }
                (None, None) => {
                    gap = Some(Gap {
                        line: number,
                        at,
                        group: None,
                    });
                }
                (Some(gap), Some((group, _))) => {
                    // An earlier group was synced before a later one was written.
                    let is_last = group == scan.group || group == scan.group.wrapping_add(1);
                    if !is_last || gap.group.is_some_and(|own| own != group) {
                        return Err(JournalError::Damaged(gap.line));
                    }
                    gap.group = Some(group);
                }
                (Some(_), None) => {}
            }
        }
        if number == 0 || scan.length == 0 {
            return Err(JournalError::NotAJournal);
        }
        debug_assert!(gap.is_none_or(|gap| gap.at == scan.length));
        Ok(scan)
    }
}

fn check_first(number: u64, record: &Record) -> Result<(), JournalError> {
    let is_header = match record {
        Record::Header(header) if header.version != VERSION => false,
        Record::Header(_) => number == 1,
        _ => number > 1,
    };
    if is_header {
        Ok(())
    } else {
        Err(JournalError::NotAJournal)
    }
}

/// Reads a journal that another process may be writing, without changing it.
///
/// # Errors
/// When it cannot be read, is none or is damaged.
pub fn scan(path: &Path, see: impl FnMut(u64, Record)) -> Result<(), JournalError> {
    scan_file(&open(path)?, see)
}

/// The same of a file that is open, as far as it goes now: what is written meanwhile is left.
pub(crate) fn scan_file(file: &File, see: impl FnMut(u64, Record)) -> Result<(), JournalError> {
    let length = file.metadata().map_err(JournalError::Read)?.len();
    Scan::of(file.take(length), see).map(|_| ())
}

/// What a journal comes to, in money.
///
/// # Errors
/// When it cannot be read, is none or is damaged.
pub fn totals(journal: impl Read) -> Result<Totals, JournalError> {
    let mut index = Index::default();
    Scan::of(journal, |at, record| index.apply(at, &record))?;
    Ok(index.totals)
}

/// What a journal belongs to.
///
/// # Errors
/// When it cannot be read or is none.
pub fn read_header(path: &Path) -> Result<Header, JournalError> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(open(path)?.take(LONGEST as u64));
    reader
        .read_until(b'\n', &mut line)
        .map_err(JournalError::Read)?;
    match record::decode(&line) {
        Some((_, Record::Header(header))) if header.version == VERSION => Ok(header),
        _ => Err(JournalError::NotAJournal),
    }
}

fn open(path: &Path) -> Result<File, JournalError> {
    File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => JournalError::Missing(path.display().to_string()),
        _ => JournalError::Read(error),
    })
}

/// The record of the line at a place.
///
/// # Errors
/// When it cannot be read.
pub fn read_at(file: &File, at: u64) -> Result<Record, JournalError> {
    let mut line = vec![0; 512];
    loop {
        let read = pread(file, &mut line, at).map_err(JournalError::Read)?;
        if let Some(end) = line[..read].iter().position(|byte| *byte == b'\n') {
            let decoded = record::decode(&line[..=end]);
            return decoded
                .map(|(_, record)| record)
                .ok_or(JournalError::Changed);
        }
        if read < line.len() || line.len() > LONGEST {
            return Err(JournalError::Changed);
        }
        line.resize(line.len() * 4, 0);
    }
}

/// What came of somebody, by the line at a place; nothing if that line says something else of them.
pub(crate) fn read_outcome(
    file: &File,
    at: u64,
    key: Key,
) -> Result<Option<Outcome>, JournalError> {
    match read_at(file, at)? {
        // Nobody is given the verdict of another.
        Record::Outcome(outcome) if outcome.key != key => Err(JournalError::Changed),
        Record::Outcome(outcome) => Ok(Some(outcome)),
        _ => Ok(None),
    }
}

#[cfg(unix)]
fn pread(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn pread(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
