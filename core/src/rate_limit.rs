//! Keeps a client under the service's rate limit, first in, first out, and slows down when the service says so.
//!
//! It is the generic cell rate algorithm (GCRA): one moment says when the next request is due, and requests may be
//! early by the burst that is allowed.

use crate::protocol::ActionInfo;
use crate::time::time_source::TimeSource;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A tenth of a second's requests may leave at once; the rest is spread. The service's way of
/// counting is not documented, and this stays below the limit in every way that is usual.
const BURST_DIVISOR: u32 = 10;
/// How long a lowered rate lasts before it is raised by a step.
const RECOVERY: Duration = Duration::from_secs(1);
/// A step up, as a part of the limit.
const STEPS: u32 = 10;

/// The rate limits of a client, one for each action.
#[derive(Debug)]
pub(crate) struct RateLimits {
    time_source: Arc<dyn TimeSource>,
    /// What the caller wants in place of the service's limit; 0 for none.
    wanted: Option<u32>,
    by_action: Mutex<HashMap<&'static str, Option<Arc<RateLimit>>>>,
}

impl RateLimits {
    pub(crate) fn new(wanted: Option<u32>, time_source: Arc<dyn TimeSource>) -> Self {
        Self {
            time_source,
            wanted,
            by_action: Mutex::default(),
        }
    }

    /// The rate limit of an action, if it has a limit.
    pub(crate) fn of(&self, action: &ActionInfo) -> Option<Arc<RateLimit>> {
        let mut by_action = self
            .by_action
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let rate_limit = by_action.entry(action.name).or_insert_with(|| {
            let limit = self.wanted.or(action.requests_per_second);
            let limit = limit.and_then(NonZeroU32::new)?;
            Some(Arc::new(RateLimit::new(
                limit,
                Arc::clone(&self.time_source),
            )))
        });
        rate_limit.clone()
    }
}

/// A rate limit that callers wait for in the order in which they came. Waiting can be given up at any
/// time: a caller that is dropped leaves the queue and takes nothing.
#[derive(Debug)]
pub(crate) struct RateLimit {
    time_source: Arc<dyn TimeSource>,
    limit: NonZeroU32,
    queue: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rate: NonZeroU32,
    changed: Duration,
    /// When the next request is due, if all came evenly.
    due: Duration,
}

impl State {
    /// Takes a place at a time, or says how long there is none.
    fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let interval = Duration::from_secs(1) / self.rate.get();
        let burst = (self.rate.get() / BURST_DIVISOR).max(1);
        let due = self.due.max(now);
        let early = (due - now).saturating_sub(interval * (burst - 1));
        if !early.is_zero() {
            return Err(early);
        }
        self.due = due + interval;
        Ok(())
    }
}

impl RateLimit {
    /// A rate limit of so many requests per second.
    pub(crate) fn new(limit: NonZeroU32, time_source: Arc<dyn TimeSource>) -> Self {
        let state = State {
            rate: limit,
            changed: time_source.elapsed(),
            due: Duration::ZERO,
        };
        Self {
            time_source,
            limit,
            queue: Semaphore::new(1),
            state: Mutex::new(state),
        }
    }

    /// Waits until a request may leave.
    pub(crate) async fn take(&self) {
        // The semaphore is never closed, and without a turn there would be no order but a rate.
        let _turn = self.queue.acquire().await;
        while let Err(wait) = self.check() {
            self.time_source.sleep(wait).await;
        }
    }

    /// Takes a place at once, if nobody waits and there is room.
    pub(crate) fn try_take(&self) -> bool {
        let turn = self.queue.try_acquire();
        turn.is_ok() && self.check().is_ok()
    }

    /// The service has refused a request for its rate: somebody else uses the account too.
    pub(crate) fn refused(&self) {
        let mut state = self.lock();
        let now = self.time_source.elapsed();
        // Requests that were under way together are refused together; they count once.
        if state.rate == self.limit || now.saturating_sub(state.changed) >= RECOVERY {
            state.rate = NonZeroU32::new(state.rate.get() / 2).unwrap_or(NonZeroU32::MIN);
            state.changed = now;
        }
    }

    /// Takes a place, or says how long there is none. The rate is raised first, when it is time.
    fn check(&self) -> Result<(), Duration> {
        let now = self.time_source.elapsed();
        let mut state = self.lock();
        if state.rate < self.limit && now.saturating_sub(state.changed) >= RECOVERY {
            let step = (self.limit.get() / STEPS).max(1);
            state.rate = state.rate.saturating_add(step).min(self.limit);
            state.changed = now;
        }
        state.take(now)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::time_source::fake::Fake;
    use pollster::block_on;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    fn rate_limit(limit: u32) -> (RateLimit, Arc<Fake>) {
        let time = Fake::new(0);
        let limit = NonZeroU32::new(limit).expect("not zero");
        (RateLimit::new(limit, Arc::clone(&time) as _), time)
    }

    #[test]
    fn a_thousand_take_ten_seconds_and_never_more_than_a_second_holds() {
        let (rate_limit, time) = rate_limit(100);
        let mut left: Vec<Duration> = Vec::new();
        for _ in 0..1_000 {
            block_on(rate_limit.take());
            left.push(time.elapsed());
        }
        assert!(left[999] >= Duration::from_millis(9_890), "{:?}", left[999]);
        assert!(left[999] <= Duration::from_secs(10), "{:?}", left[999]);
        for (first, last) in left.iter().zip(&left[110..]) {
            assert!(*last - *first >= Duration::from_millis(999));
        }
    }

    #[test]
    fn a_refusal_halves_the_rate_and_time_brings_it_back() {
        let (rate_limit, time) = rate_limit(100);
        rate_limit.refused();
        rate_limit.refused();
        let begun = time.elapsed();
        for _ in 0..55 {
            block_on(rate_limit.take());
        }
        assert!(time.elapsed() - begun >= Duration::from_millis(900));
        for _ in 0..20 {
            time.pass(RECOVERY);
            block_on(rate_limit.take());
        }
        assert_eq!(rate_limit.lock().rate.get(), 100);
    }

    #[test]
    fn whoever_came_first_goes_first_and_whoever_leaves_takes_nothing() {
        let (rate_limit, _) = rate_limit(10);
        let mut cx = Context::from_waker(Waker::noop());
        let turn = block_on(rate_limit.queue.acquire());
        let mut first = Box::pin(rate_limit.take());
        let mut second = pin!(rate_limit.take());
        assert!(first.as_mut().poll(&mut cx).is_pending());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        drop(turn);
        assert!(
            second.as_mut().poll(&mut cx).is_pending(),
            "it jumped the queue"
        );
        drop(first);
        assert!(second.as_mut().poll(&mut cx).is_ready());
    }
}
