//! Stops a future that shall not go on: its time is over, or it was cancelled.

use crate::CancelHandle;
use crate::single_flight::Deadline;
use crate::timeline::{Sleep, Timeline};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Why a future was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
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
pub(crate) struct Cancels<'a> {
    pub(crate) of_call: Option<&'a CancelHandle>,
    pub(crate) of_client: &'a [Arc<CancelHandle>],
}

impl<'a> Cancels<'a> {
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
    timeline: &'a dyn Timeline,
    end: End<'a>,
    /// A timer costs an allocation and a lock, and most futures that are bounded are there at once.
    timer: Option<Sleep>,
    cancelled: Vec<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
}

impl Limits<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Stop> {
        for cancelled in &mut self.cancelled {
            if cancelled.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Stop::Cancelled);
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
            let left = at.saturating_sub(self.timeline.elapsed());
            if left.is_zero() {
                return Poll::Ready(Stop::Deadline);
            }
            let timeline = self.timeline;
            let timer = self.timer.get_or_insert_with(|| timeline.deadline(left));
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
pub(crate) async fn until<F: Future + ?Sized>(
    timeline: &dyn Timeline,
    mut future: Pin<&mut F>,
    end: End<'_>,
    cancels: Cancels<'_>,
) -> Result<F::Output, Stop> {
    let mut limits = Limits {
        timeline,
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
    use crate::timeline::Machine;
    use crate::timeline::fake::Fake;
    use std::future::{pending, ready};
    use std::pin::pin;

    const SHORT: Duration = Duration::from_millis(10);

    /// What `until` comes to.
    fn stopped<F: Future>(
        time: &dyn Timeline,
        future: F,
        end: End<'_>,
        cancel: Option<&CancelHandle>,
    ) -> Result<F::Output, Stop> {
        let cancels = Cancels {
            of_call: cancel,
            ..Cancels::default()
        };
        pollster::block_on(until(time, pin!(future), end, cancels))
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
        let (handle, time) = (CancelHandle::new(), Machine::new());
        let never = pending::<()>();
        let ended = stopped(&*time, never, End::At(SHORT), Some(&handle));
        assert_eq!(ended, Err(Stop::Deadline));
        handle.cancel();
        let ended = stopped(&*time, pending::<()>(), End::Never, Some(&handle));
        assert_eq!(ended, Err(Stop::Cancelled));
    }

    #[test]
    fn the_time_is_the_timelines() {
        let time = Fake::new(0);
        let slow = poll_fn(|cx| {
            time.pass(SHORT);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let ended = stopped(&*time, slow, End::At(SHORT), None);
        assert_eq!(ended, Err(Stop::Deadline));
    }
}
