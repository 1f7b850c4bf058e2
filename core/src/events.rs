//! Events for `tracing`, behind the feature of that name. They have hosts, codes, kinds, counts, times and the texts
//! of errors; nothing of a person, a key or a text of the service.

use crate::ledger::LedgerError;
use crate::transport::TransportError;
use crate::{Charge, Error};
use std::time::Duration;

/// A request is about to leave.
pub(crate) fn request(action: &str, host: &str, attempt: u32) {
    #[cfg(feature = "tracing")]
    tracing::debug!(action, host, attempt, "request");
    let _ = (action, host, attempt);
}

/// A call has an answer or an error.
pub(crate) fn outcome(action: &str, outcome: Result<Charge, &Error>, took: Duration) {
    #[cfg(feature = "tracing")]
    {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        match outcome {
            Ok(charge) => tracing::info!(action, charge = charge.as_str(), took_us, "answer"),
            Err(error) => tracing::warn!(
                action,
                charge = error.charge().as_str(),
                attempts = error.attempts(),
                took_us,
                %error,
                "error"
            ),
        }
    }
    let _ = (action, outcome, took);
}

/// A request came back without an answer.
pub(crate) fn failed(action: &str, error: &TransportError) {
    #[cfg(feature = "tracing")]
    {
        let TransportError::Failed { failure, sent } = error;
        tracing::debug!(action, failure = failure.as_str(), sent, "no answer");
    }
    let _ = (action, error);
}

/// A request that was free is repeated.
pub(crate) fn repeats(action: &str, decision: &dyn std::fmt::Debug, delay: Duration) {
    #[cfg(feature = "tracing")]
    tracing::debug!(action, ?decision, ?delay, "repeats");
    let _ = (action, decision, delay);
}

/// A ledger did not take what came of a call; its claim stays open.
pub(crate) fn not_settled(error: &LedgerError) {
    #[cfg(feature = "tracing")]
    tracing::warn!(%error, "the ledger did not take the outcome");
    let _ = error;
}

/// The clock was corrected from an answer.
pub(crate) fn clock_corrected() {
    #[cfg(feature = "tracing")]
    tracing::info!("the clock differs from the service's; the service's is used");
}
