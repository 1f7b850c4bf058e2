//! Why a file cannot be verified, or its journal not be read.

use crate::input::InputError;
use crate::journal::{JournalError, KeyError};
use crate::output::OutputError;
use std::time::Duration;

/// Why a file cannot be verified, or its journal not be read. It shows no number and no name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BulkError {
    /// The input.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The key of the journal.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The output.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The client.
    #[error(transparent)]
    Client(#[from] idcard_verification::Error),
    /// The client has a ledger of its own, which a run would not ask.
    #[error(
        "the client has a ledger of its own: give `run_with` one that asks both, or take another client"
    )]
    HasLedger,
    /// The run is under way already.
    #[error("this run is under way already")]
    Running,
    /// An earlier journal that answers are taken from.
    #[error("the earlier journal {path}: {error}")]
    Known {
        /// Which.
        path: String,
        /// Why not.
        error: Box<BulkError>,
    },
    /// The clock of this machine is behind the journal's last line.
    #[error(
        "the clock of this machine is {} behind the journal's last line: set it, or accept it by --accept-clock",
        in_words(*.0)
    )]
    Clock(Duration),
    /// What somebody says of charges cannot be read.
    #[error("line {line} of the charges: {detail}")]
    Charges {
        /// Which line, counted from 1.
        line: u64,
        /// What is wrong.
        detail: String,
    },
}

/// A span of time in its largest two units.
pub(crate) fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units
        .iter()
        .position(|(unit, _)| seconds >= *unit)
        .unwrap_or(3);
    let (unit, name) = units[first];
    let whole = format!("{} {name}", seconds / unit);
    match units.get(first + 1) {
        Some((smaller, name)) if seconds % unit / smaller > 0 => {
            format!("{whole} {} {name}", seconds % unit / smaller)
        }
        _ => whole,
    }
}
