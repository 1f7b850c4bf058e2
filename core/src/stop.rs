//! Stops a future that shall not go on: its time is over, or it was cancelled.

use crate::CancelHandle;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Why a future was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Deadline,
    Cancelled,
}

/// Runs a future until it completes, the time is over or it is cancelled. What has completed
/// wins: an answer that is there is never thrown away.
///
/// A timer that needs no runtime costs a thread a wake-up, so there is none without a time.
pub(crate) async fn until<F: Future>(
    future: F,
    time: Option<Duration>,
    cancel: Option<&CancelHandle>,
) -> Result<F::Output, Stop> {
    let mut future = pin!(future);
    let mut timer = time.map(futures_timer::Delay::new);
    let mut cancelled = pin!(async {
        match cancel {
            Some(handle) => handle.cancelled().await,
            None => std::future::pending().await,
        }
    });
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if cancelled.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(Stop::Cancelled));
        }
        match &mut timer {
            Some(timer) => pin!(timer).poll(cx).map(|()| Err(Stop::Deadline)),
            None => Poll::Pending,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    const SHORT: Duration = Duration::from_millis(10);

    #[test]
    fn what_has_completed_wins() {
        let handle = CancelHandle::new();
        handle.cancel();
        let result = pollster::block_on(until(ready(1), Some(Duration::ZERO), Some(&handle)));
        assert_eq!(result, Ok(1));
    }

    #[test]
    fn time_and_cancelling_stop() {
        let handle = CancelHandle::new();
        let stopped = pollster::block_on(until(pending::<()>(), Some(SHORT), Some(&handle)));
        assert_eq!(stopped, Err(Stop::Deadline));
        handle.cancel();
        assert_eq!(
            pollster::block_on(until(pending::<()>(), None, Some(&handle))),
            Err(Stop::Cancelled)
        );
    }
}
