//! What came of a call, as a line of the journal.

use crate::journal::{Key, Outcome};
use crate::ledger::now;
use idcard_verification::{Error, Verification};

/// What came of a call, as a line of the journal.
pub(super) fn line(key: Key, row: u64, outcome: &Result<Verification, Error>) -> Outcome {
    let (result, error, charge, request_id, attempts) = match outcome {
        Ok(answer) => (
            Some(answer.code.clone()),
            None,
            answer.charge,
            Some(answer.request_id.clone()),
            answer.attempts,
        ),
        Err(error) => (
            None,
            Some(error.label()),
            error.charge(),
            error.request_id().map(str::to_owned),
            error.attempts(),
        ),
    };
    Outcome {
        key,
        row,
        result,
        error,
        charge: charge.as_str().to_owned(),
        request_id,
        attempts,
        uncertain_attempts: outcome
            .as_ref()
            .map_or(0, |answer| answer.uncertain_attempts),
        time: now(),
    }
    .bounded()
}
