//! Cancelling a call from outside, in every language alike.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Cancels the calls it is given to. Thread-safe; one handle may cancel several calls, and cancelling twice has
/// no effect. A call that is given a cancelled handle ends before anything is sent.
///
/// Cancelling stops the waiting, not the service: a request that had left may be charged, and
/// the error then says so.
#[derive(Debug, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct CancelHandle {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    cancelled: bool,
    /// Wakers of the calls that wait, by the number each was given.
    waiting: Vec<(u64, Waker)>,
    next: u64,
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl CancelHandle {
    /// Makes a handle for one or several calls.
    #[must_use]
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Cancels the calls in progress and those to come.
    pub fn cancel(&self) {
        let waiting = {
            let mut state = self.lock();
            state.cancelled = true;
            std::mem::take(&mut state.waiting)
        };
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    /// Whether it has been cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }
}

impl CancelHandle {
    /// Completes when it is cancelled.
    pub(crate) async fn cancelled(&self) {
        let slot = Slot {
            handle: self,
            number: self.number(),
        };
        poll_fn(|cx| {
            let mut state = slot.handle.lock();
            if state.cancelled {
                return Poll::Ready(());
            }
            match state
                .waiting
                .iter_mut()
                .find(|(number, _)| *number == slot.number)
            {
                Some((_, waker)) => waker.clone_from(cx.waker()),
                None => state.waiting.push((slot.number, cx.waker().clone())),
            }
            Poll::Pending
        })
        .await;
    }

    fn number(&self) -> u64 {
        let mut state = self.lock();
        state.next += 1;
        state.next
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a call's waker when the call ends, so that a handle of many calls does not grow.
struct Slot<'a> {
    handle: &'a CancelHandle,
    number: u64,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.handle
            .lock()
            .waiting
            .retain(|(number, _)| *number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn cancelling_wakes_every_waiter() {
        let handle = CancelHandle::new();
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let handle = Arc::clone(&handle);
                std::thread::spawn(move || pollster::block_on(handle.cancelled()))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(20));
        assert!(!handle.is_cancelled());
        handle.cancel();
        for waiter in waiters {
            waiter.join().expect("the waiter ends");
        }
        assert!(handle.is_cancelled());
        pollster::block_on(handle.cancelled());
    }

    #[test]
    fn a_call_that_ends_leaves_nothing_behind() {
        let handle = CancelHandle::new();
        for _ in 0..10 {
            let mut waiting = std::pin::pin!(handle.cancelled());
            let mut cx = std::task::Context::from_waker(Waker::noop());
            assert!(waiting.as_mut().poll(&mut cx).is_pending());
        }
        assert!(handle.lock().waiting.is_empty());
    }
}
