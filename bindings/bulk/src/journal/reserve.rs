//! Room on the disk that is given up when it is full, so that the outcomes of what is under way can be written.

use super::{Durability, private, sync_folder};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Enough for the outcomes of 2,000 requests that are under way.
const BYTES: usize = 1 << 20;

/// A file of random bytes beside the journal, which is removed with it.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    pub(super) fn make(journal: &Path, durability: Durability) -> io::Result<Self> {
        let mut name = journal.as_os_str().to_owned();
        name.push(".reserve");
        let path = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        let reserve = Self { path };
        // Of what can be made smaller some systems keep less room.
        let mut block = vec![0; BYTES];
        getrandom::fill(&mut block).map_err(|_| io::Error::other("there are no random numbers"))?;
        // One that a killed run has left. Whatever it is, it is not written through.
        let _ = fs::remove_file(&reserve.path);
        let mut file = options.open(&reserve.path)?;
        file.write_all(&block)?;
        if durability == Durability::Power {
            file.sync_data()?;
        }
        Ok(reserve)
    }

    /// Gives the room to others.
    pub(super) fn give_up(self) -> io::Result<()> {
        fs::remove_file(&self.path)?;
        sync_folder(&self.path)
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = fs::remove_file(&self.path);
    }
}
