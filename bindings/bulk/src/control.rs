//! Ends a run from outside: gently at first.

use idcard_verification::CancelHandle;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::sync::Notify;

/// Ends a run from outside. It may be shared.
#[derive(Clone, Debug)]
pub struct Control {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    stage: AtomicU8,
    changed: Notify,
    cancel: Arc<CancelHandle>,
}

const RUNS: u8 = 0;
const DRAINS: u8 = 1;
const ABORTS: u8 = 2;

impl Default for Control {
    fn default() -> Self {
        let state = State {
            stage: AtomicU8::new(RUNS),
            changed: Notify::new(),
            cancel: CancelHandle::new(),
        };
        Self {
            state: Arc::new(state),
        }
    }
}

impl Control {
    /// Begins no further call, and waits for those under way: nothing becomes of unknown charge.
    pub fn drain(&self) {
        self.raise(DRAINS);
    }

    /// Gives up on the calls under way, too. What had left becomes of unknown charge.
    pub fn abort(&self) {
        self.raise(ABORTS);
        self.state.cancel.cancel();
    }

    /// Drains at first, and aborts when it is called again: what Ctrl-C does.
    pub fn interrupt(&self) {
        if self.state.stage.load(Ordering::Acquire) == RUNS {
            self.drain();
        } else {
            self.abort();
        }
    }

    fn raise(&self, stage: u8) {
        self.state.stage.fetch_max(stage, Ordering::AcqRel);
        self.state.changed.notify_waiters();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.state.stage.load(Ordering::Acquire) != RUNS
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.state.stage.load(Ordering::Acquire) == ABORTS
    }

    /// Cancels the calls under way.
    pub(crate) fn cancel(&self) -> Arc<CancelHandle> {
        Arc::clone(&self.state.cancel)
    }

    /// Completes when somebody stops the run.
    pub(crate) async fn stopped(&self) {
        let changed = self.state.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        if !self.is_stopping() {
            changed.await;
        }
    }
}
