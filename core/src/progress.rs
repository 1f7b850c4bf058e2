//! How far a call has come and what it has cost so far, for whoever stops waiting for it.

use crate::outcome::Cost;
use crate::{Charge, Error};
#[cfg(feature = "uniffi")]
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How far the requests of a call have come.
#[derive(Debug, Default)]
pub(crate) struct AttemptProgress {
    attempts: AtomicU32,
    /// Whether any of the latest request may have left.
    left: AtomicBool,
    /// Whether a request that may be charged is with the HTTP stack, or was lost there.
    at_risk: AtomicBool,
}

impl AttemptProgress {
    /// A request is handed to the HTTP stack.
    pub(crate) fn attempt_started(&self) {
        self.left.store(false, Ordering::Release);
        self.attempts.fetch_add(1, Ordering::AcqRel);
    }

    /// Its first byte is about to be written.
    pub(crate) fn may_have_left(&self) {
        self.left.store(true, Ordering::Release);
        self.at_risk.store(true, Ordering::Release);
    }

    /// Whether any of the latest request may have left.
    pub(crate) fn has_left(&self) -> bool {
        self.left.load(Ordering::Acquire)
    }

    /// It came back, and what it cost is known or not.
    pub(crate) fn attempt_finished(&self, at_risk: bool) {
        self.at_risk.store(at_risk, Ordering::Release);
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Acquire)
    }

    pub(crate) fn may_be_charged(&self) -> bool {
        self.at_risk.load(Ordering::Acquire)
    }

    /// What the call has cost if nobody waits for it any more.
    pub(crate) fn charge(&self) -> Charge {
        if self.may_be_charged() {
            Charge::Unknown
        } else {
            Charge::NotCharged
        }
    }
}

/// What one call has cost so far. It can be read at any time and from any thread, and also after
/// the call was dropped by its caller: a cancelled task, a coroutine that timed out.
///
/// Give it to one call by [`CallOptions::progress`](crate::CallOptions::progress).
#[derive(Debug, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct CallProgress {
    watched: Arc<ProgressState>,
}

/// What a call tells while it runs.
#[derive(Debug, Default)]
pub(crate) struct ProgressState(Mutex<Stage>);

#[derive(Debug, Default)]
enum Stage {
    /// It has not begun, or was refused before anything could be sent.
    #[default]
    Idle,
    Running(Arc<AttemptProgress>),
    AttemptOutcome(Charge, u32),
}

impl ProgressState {
    /// The call waits for these requests.
    pub(crate) fn follow(&self, requests: &Arc<AttemptProgress>) {
        *self.lock() = Stage::Running(Arc::clone(requests));
    }

    /// The call has an outcome.
    pub(crate) fn end(&self, outcome: Result<Cost, &Error>) {
        *self.lock() = match outcome {
            Ok(cost) => Stage::AttemptOutcome(cost.charge, cost.attempts),
            Err(error) => Stage::AttemptOutcome(error.charge(), error.attempts()),
        };
    }

    fn read(&self) -> (Charge, u32) {
        match &*self.lock() {
            Stage::Idle => (Charge::NotCharged, 0),
            Stage::Running(requests) => (requests.charge(), requests.attempts()),
            Stage::AttemptOutcome(charge, attempts) => (*charge, *attempts),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl CallProgress {
    /// Makes one for one call.
    #[must_use]
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// What the call has cost so far: `NotCharged` until the first byte of a request is written,
    /// `Unknown` from then on, and the charge of the outcome when there is one.
    #[must_use]
    pub fn charge(&self) -> Charge {
        self.watched.read().0
    }

    /// How many requests were made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.watched.read().1
    }
}

impl CallProgress {
    #[cfg(feature = "uniffi")]
    fn ended((charge, attempts): (Charge, u32)) -> Arc<Self> {
        let this = Self::new();
        *this.watched.lock() = Stage::AttemptOutcome(charge, attempts);
        this
    }

    pub(crate) fn watched(&self) -> Arc<ProgressState> {
        Arc::clone(&self.watched)
    }
}

#[cfg(feature = "uniffi")]
thread_local! {
    /// What the call cost that ended, or was dropped, last on this thread.
    static LATEST: Cell<(Charge, u32)> = const { Cell::new((Charge::NotCharged, 0)) };
    /// What the call cost that was dropped last on this thread, until somebody asks.
    static ABANDONED: Cell<(Charge, u32)> = const { Cell::new((Charge::NotCharged, 0)) };
    /// What is known of the exception that a host's transport threw last on this thread. Its error
    /// has no place for it: nobody who writes a transport shall be asked for one.
    static THROWN: Cell<Option<String>> = const { Cell::new(None) };
}

/// A host's transport threw an exception.
#[cfg(feature = "uniffi")]
pub(crate) fn note_thrown(detail: String) {
    THROWN.set(Some(detail));
}

/// What a host's transport threw just now, if it did.
pub(crate) fn take_thrown() -> Option<String> {
    #[cfg(feature = "uniffi")]
    return THROWN.take();
    #[cfg(not(feature = "uniffi"))]
    None
}

/// A call has ended on this thread.
pub(crate) fn note_end(charge: Charge, attempts: u32) {
    #[cfg(feature = "uniffi")]
    LATEST.set((charge, attempts));
    let _ = (charge, attempts);
}

/// A call was dropped on this thread.
pub(crate) fn note_abandoned(charge: Charge, attempts: u32) {
    note_end(charge, attempts);
    #[cfg(feature = "uniffi")]
    ABANDONED.set((charge, attempts));
}

#[cfg(feature = "uniffi")]
#[uniffi::export]
impl CallProgress {
    /// Of the call that ended, or was dropped, last on this thread: for whoever ends the waiting for
    /// a blocking call by an exception.
    #[doc(hidden)]
    #[uniffi::constructor(name = "of_latest")]
    pub fn ffi_of_latest() -> Arc<Self> {
        Self::ended(LATEST.get())
    }

    /// Of the call that was dropped last on this thread, once: for whoever has just dropped one, by
    /// cancelling a task or a coroutine. One that was dropped before it began has cost nothing.
    #[doc(hidden)]
    #[uniffi::constructor(name = "of_abandoned")]
    pub fn ffi_of_abandoned() -> Arc<Self> {
        Self::ended(ABANDONED.replace((Charge::NotCharged, 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_has_been_paid_at_each_stage() {
        let progress = CallProgress::new();
        assert_eq!(
            (progress.charge(), progress.attempts()),
            (Charge::NotCharged, 0)
        );
        let requests = Arc::new(AttemptProgress::default());
        progress.watched.follow(&requests);
        requests.attempt_started();
        assert_eq!(
            (progress.charge(), progress.attempts()),
            (Charge::NotCharged, 1)
        );
        requests.may_have_left();
        assert_eq!(progress.charge(), Charge::Unknown);
        let outcome = Error::Cancelled {
            sent: true,
            charge: Charge::Unknown,
            attempts: 1,
        };
        requests.attempt_finished(false);
        progress.watched.end(Err(&outcome));
        assert_eq!(
            (progress.charge(), progress.attempts()),
            (Charge::Unknown, 1)
        );
    }
}
