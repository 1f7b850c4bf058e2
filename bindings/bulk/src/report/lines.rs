//! The journal, to look things up.

use crate::journal::{Index, JournalError, Key, Outcome, Standing, read_outcome};
use std::fs::File;

/// The journal, to look things up.
pub(super) struct Lines<'a> {
    pub(super) index: &'a Index,
    pub(super) file: &'a File,
    /// Up to where it can be read: a write that failed is not there.
    pub(super) written: u64,
}

impl Lines<'_> {
    /// How it stands with somebody, and what came of the last call.
    pub(super) fn of(&self, key: Key) -> Result<(Standing, Option<Outcome>), JournalError> {
        let (standing, at) = self.index.get(key);
        if standing != Standing::Untouched && at >= self.written {
            return Ok((Standing::Open, None));
        }
        let outcome = match standing {
            Standing::Untouched | Standing::Open => None,
            _ => read_outcome(self.file, at, key)?,
        };
        Ok((standing, outcome))
    }
}
