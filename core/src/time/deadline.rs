//! Deadlines and cancellation: stops a future whose timeout is reached, or that was cancelled.

use crate::time::time_source::{Sleep, TimeSource};
use crate::{CancelHandle, Error};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// Shortest time a call can be given.
pub(crate) const MIN_TIMEOUT: Duration = Duration::from_millis(1);
/// Longest time a call can be given; clocks cannot count to every `Duration`.
pub(crate) const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3_600);

/// A timeout, if a call can have it.
pub(crate) fn validated_timeout(timeout: Duration) -> Result<Duration, Error> {
    if timeout < MIN_TIMEOUT {
        Err(Error::configuration("the timeout is shorter than 1 ms"))
    } else if timeout > MAX_TIMEOUT {
        Err(Error::configuration("the timeout is longer than a day"))
    } else {
        Ok(timeout)
    }
}

/// When those who wait for a request stop: the latest of them, on the steady clock.
#[derive(Clone, Debug)]
pub(crate) struct Deadline(Arc<AtomicU64>);

impl Deadline {
    pub(crate) fn new(at: Duration) -> Self {
        Self(Arc::new(AtomicU64::new(micros(at))))
    }

    pub(crate) fn at(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Acquire))
    }

    pub(crate) fn extend(&self, at: Duration) {
        self.0.fetch_max(micros(at), Ordering::AcqRel);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Why a future was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    Deadline,
    Cancelled,
}

/// When a future's time is over, on the steady clock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End<'a> {
    Never,
    At(Duration),
    /// Of a shared call, which others may extend.
    Of(&'a Deadline),
    /// At this time, if a shared call has been extended beyond it. Until then its own end is
    /// this one's, and wakes all who wait for it.
    IfExtended(Duration, &'a Deadline),
}

/// Handles that cancel a call: its own, and those of its client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CancelHandles<'a> {
    pub(crate) of_call: Option<&'a CancelHandle>,
    pub(crate) of_client: &'a [Arc<CancelHandle>],
}

impl<'a> CancelHandles<'a> {
    fn handles(self) -> impl Iterator<Item = &'a CancelHandle> {
        let of_client = self.of_client.iter().map(|handle| &**handle);
        self.of_call.into_iter().chain(of_client)
    }

    pub(crate) fn is_cancelled(self) -> bool {
        self.handles().any(CancelHandle::is_cancelled)
    }
}

/// What stops a future. None of it is generic, so that there is one copy of it in the library.
struct Limits<'a> {
    time_source: &'a dyn TimeSource,
    end: End<'a>,
    /// A timer costs an allocation and a lock, and most futures that are bounded are there at once.
    timer: Option<Sleep>,
    cancelled: Vec<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
}

impl Limits<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<StopReason> {
        for cancelled in &mut self.cancelled {
            if cancelled.as_mut().poll(cx).is_ready() {
                return Poll::Ready(StopReason::Cancelled);
            }
        }
        loop {
            let at = match self.end {
                End::Never => return Poll::Pending,
                End::At(at) => at,
                End::Of(deadline) => deadline.at(),
                End::IfExtended(at, deadline) if deadline.at() > at => at,
                End::IfExtended(..) => return Poll::Pending,
            };
            let left = at.saturating_sub(self.time_source.elapsed());
            if left.is_zero() {
                return Poll::Ready(StopReason::Deadline);
            }
            let time_source = self.time_source;
            let timer = self.timer.get_or_insert_with(|| time_source.deadline(left));
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
        }
    }
}

/// Runs a future until it completes, the time is over or it is cancelled. What has completed
/// wins: an answer that is there is never thrown away.
///
/// The future is pinned by the caller: taken by value it would be held twice, as an argument and
/// where it is pinned, and twice again in each layer around it.
pub(crate) async fn run_until<F: Future + ?Sized>(
    time_source: &dyn TimeSource,
    mut future: Pin<&mut F>,
    end: End<'_>,
    cancels: CancelHandles<'_>,
) -> Result<F::Output, StopReason> {
    let mut limits = Limits {
        time_source,
        end,
        timer: None,
        cancelled: cancels
            .handles()
            .map(|handle| Box::pin(handle.cancelled()) as _)
            .collect(),
    };
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => limits.poll(cx).map(Err),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::time_source::MachineTime;
    use crate::time::time_source::fake::Fake;
    use std::future::{pending, ready};
    use std::pin::pin;

    const SHORT: Duration = Duration::from_millis(10);

    /// What `until` comes to.
    fn stopped<F: Future>(
        time: &dyn TimeSource,
        future: F,
        end: End<'_>,
        cancel: Option<&CancelHandle>,
    ) -> Result<F::Output, StopReason> {
        let cancels = CancelHandles {
            of_call: cancel,
            ..CancelHandles::default()
        };
        pollster::block_on(run_until(time, pin!(future), end, cancels))
    }

    #[test]
    fn what_has_completed_wins() {
        let (handle, time) = (CancelHandle::new(), Fake::new(0));
        handle.cancel();
        let ended = stopped(&*time, ready(1), End::At(Duration::ZERO), Some(&handle));
        assert_eq!(ended, Ok(1));
    }

    #[test]
    fn time_and_cancelling_stop() {
        let (handle, time) = (CancelHandle::new(), MachineTime::new());
        let never = pending::<()>();
        let ended = stopped(&*time, never, End::At(SHORT), Some(&handle));
        assert_eq!(ended, Err(StopReason::Deadline));
        handle.cancel();
        let ended = stopped(&*time, pending::<()>(), End::Never, Some(&handle));
        assert_eq!(ended, Err(StopReason::Cancelled));
    }

    #[test]
    fn the_time_is_the_time_sources() {
        let time = Fake::new(0);
        let slow = poll_fn(|cx| {
            time.pass(SHORT);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let ended = stopped(&*time, slow, End::At(SHORT), None);
        assert_eq!(ended, Err(StopReason::Deadline));
    }
}
