//! One process writes a journal.
//!
//! The lock is the file's own, and ends with the process. On Windows nobody could read a file that is locked, so there it
//! is on a file beside it.

use super::JournalError;
use std::fs::{File, TryLockError};
use std::path::Path;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    #[cfg(windows)]
    _beside: File,
}

impl Lock {
    #[cfg(not(windows))]
    pub(super) fn of(_: &Path, journal: &File) -> Result<Self, JournalError> {
        journal.try_lock().map_err(refused)?;
        Ok(Self {})
    }

    #[cfg(windows)]
    pub(super) fn of(path: &Path, _: &File) -> Result<Self, JournalError> {
        let mut options = File::options();
        let beside = options.read(true).write(true).create(true).truncate(false);
        let beside = beside.open(beside_of(path)).map_err(JournalError::Write)?;
        beside.try_lock().map_err(refused)?;
        Ok(Self { _beside: beside })
    }
}

#[cfg(windows)]
fn beside_of(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn refused(error: TryLockError) -> JournalError {
    match error {
        TryLockError::WouldBlock => JournalError::InUse,
        TryLockError::Error(error) => JournalError::Read(error),
    }
}

/// Whether a process writes a journal. A lock that is shared is taken for a moment, and only to see that it can be.
pub(crate) fn is_locked(path: &Path) -> Result<bool, JournalError> {
    #[cfg(windows)]
    let path = &beside_of(path);
    let file = match File::open(path) {
        #[cfg(windows)]
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        opened => opened.map_err(JournalError::Read)?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(JournalError::Read(error)),
    }
}
