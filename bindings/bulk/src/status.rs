//! How far a run is, from its journal alone: neither its input nor its key is needed.

use crate::error::BulkError;
use crate::journal::{Index, Standing, Totals, is_locked, read_header, scan};
use std::path::Path;

/// What a journal says, in numbers alone. Whom nobody has asked about is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Site of the account.
    pub site: String,
    /// People who have an answer.
    pub answered: u64,
    /// People for whom it failed, and was free.
    pub failed: u64,
    /// People for whom the day's attempts are used up.
    pub parked: u64,
    /// People of unknown charge.
    pub unknown: u64,
    /// People of whom the bill has settled the charge.
    pub settled: u64,
    /// Calls under way; of unknown charge, if nobody runs.
    pub open: u64,
    /// What it comes to, in money.
    pub totals: Totals,
    /// When the last line was written, in Unix time in milliseconds; nothing if nobody was asked.
    pub latest: Option<u64>,
    /// Whether a process writes it now.
    pub is_running: bool,
}

/// Reads a journal, while another process may write it, and changes nothing.
///
/// # Errors
/// When it cannot be read.
pub fn status(journal: &Path) -> Result<Status, BulkError> {
    let header = read_header(journal)?;
    let is_running = is_locked(journal)?;
    let (mut index, mut latest) = (Index::default(), None);
    scan(journal, |at, record| {
        latest = latest.max(record.time());
        index.apply(at, &record);
    })?;
    let counts = index.counts();
    Ok(Status {
        site: header.site,
        answered: counts.of(Standing::Answered),
        failed: counts.of(Standing::Failed),
        parked: counts.of(Standing::Parked),
        unknown: counts.of(Standing::Unknown),
        settled: counts.of(Standing::Settled),
        open: counts.of(Standing::Open),
        totals: index.totals,
        latest,
        is_running,
    })
}
