//! Identical calls at the same time share one request: whoever comes while it is under way waits
//! for its outcome.
//!
//! The request belongs to all who wait. It goes on when the one that began it leaves, since it may
//! be charged by then, and ends when the last one leaves. Nobody is held to the terms of another:
//! calls are identical only under one retry policy, the request lives until the latest deadline
//! of those who wait, and each of them leaves at its own.

use crate::RetryPolicy;
use crate::fingerprint::Fingerprint;
use crate::progress::Requests;
use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What makes two calls identical.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) request: Fingerprint,
    pub(crate) retry: RetryPolicy,
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

    fn extend(&self, at: Duration) {
        self.0.fetch_max(micros(at), Ordering::AcqRel);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The requests that are under way.
#[derive(Debug)]
pub(crate) struct SingleFlight<T> {
    under_way: Mutex<HashMap<Key, Entry<T>>>,
}

#[derive(Debug)]
struct Entry<T> {
    outcome: WeakShared<Task<T>>,
    terms: Arc<Terms>,
}

/// What those who share a request agree on.
#[derive(Debug)]
struct Terms {
    requests: Arc<Requests>,
    deadline: Deadline,
    /// Whether somebody has taken the outcome as what they pay for.
    claimed: AtomicBool,
    #[cfg(feature = "reqwest")]
    runtimes: Mutex<Vec<tokio::runtime::Id>>,
}

impl Terms {
    /// Notes the runtime that moves the request on: its connection and timers may live there.
    #[cfg(feature = "reqwest")]
    fn note_runtime(&self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (id, mut runtimes) = (runtime.id(), lock(&self.runtimes));
            if !runtimes.contains(&id) {
                runtimes.push(id);
            }
        }
    }

    #[cfg(not(feature = "reqwest"))]
    const fn note_runtime(&self) {}
}

/// One's part in a request; the last one to give theirs up ends it.
#[derive(Debug)]
pub(crate) struct SharedCall<'a, T> {
    flights: &'a SingleFlight<T>,
    key: Key,
    outcome: Option<Shared<Task<T>>>,
    terms: Arc<Terms>,
    has_joined: bool,
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self {
            under_way: Mutex::default(),
        }
    }
}

impl<T: Clone> SingleFlight<T> {
    /// Joins the identical call that is under way, if `may_join` its deadline, or begins one.
    pub(crate) fn join<F>(
        &self,
        key: Key,
        requests: &Arc<Requests>,
        deadline: &Deadline,
        may_join: impl FnOnce(Duration) -> bool,
        begin: impl FnOnce() -> F,
    ) -> SharedCall<'_, T>
    where
        T: 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let mut under_way = lock(&self.under_way);
        if let Some(entry) = under_way.get(&key)
            && let Some(outcome) = entry.outcome.upgrade()
            && outcome.peek().is_none()
            && may_join(entry.terms.deadline.at())
        {
            entry.terms.deadline.extend(deadline.at());
            let terms = Arc::clone(&entry.terms);
            drop(under_way);
            return self.part(key, outcome, terms, true);
        }
        let terms = Arc::new(Terms {
            requests: Arc::clone(requests),
            deadline: deadline.clone(),
            claimed: AtomicBool::new(false),
            #[cfg(feature = "reqwest")]
            runtimes: Mutex::default(),
        });
        let (task, noted) = (begin(), Arc::clone(&terms));
        let task: Task<T> = Box::pin(async move {
            let mut task = pin!(task);
            poll_fn(|cx| {
                noted.note_runtime();
                task.as_mut().poll(cx)
            })
            .await
        });
        let outcome = task.shared();
        if let Some(weak) = outcome.downgrade() {
            let entry = Entry {
                outcome: weak,
                terms: Arc::clone(&terms),
            };
            under_way.insert(key.clone(), entry);
        }
        drop(under_way);
        self.part(key, outcome, terms, false)
    }

    fn part(
        &self,
        key: Key,
        outcome: Shared<Task<T>>,
        terms: Arc<Terms>,
        has_joined: bool,
    ) -> SharedCall<'_, T> {
        SharedCall {
            flights: self,
            key,
            outcome: Some(outcome),
            terms,
            has_joined,
        }
    }

    /// Whether somebody waits for a request that a runtime has had a part in.
    #[cfg(feature = "reqwest")]
    pub(crate) fn needs(&self, runtime: tokio::runtime::Id) -> bool {
        let under_way = lock(&self.under_way);
        let mut waited_for = under_way.values().filter(|entry| !entry.is_over());
        waited_for.any(|entry| lock(&entry.terms.runtimes).contains(&runtime))
    }
}

impl<T> Entry<T> {
    /// Whether it is done, or nobody waits for it any more.
    fn is_over(&self) -> bool {
        let outcome = self.outcome.upgrade();
        outcome.is_none_or(|outcome| outcome.peek().is_some())
    }
}

impl<T: Clone> SharedCall<'_, T> {
    /// Waits for the outcome; all who wait move the request on.
    pub(crate) async fn outcome(&self) -> T {
        let outcome = self.outcome.clone();
        outcome.expect("it is given up when it is dropped").await
    }

    /// Whether the request was under way.
    pub(crate) const fn has_joined(&self) -> bool {
        self.has_joined
    }

    /// Takes the outcome as what the caller pays for; true for the first who does.
    pub(crate) fn claim(&self) -> bool {
        !self.terms.claimed.swap(true, Ordering::AcqRel)
    }

    /// How far the request has come.
    pub(crate) fn requests(&self) -> &Arc<Requests> {
        &self.terms.requests
    }
}

impl<T> Drop for SharedCall<'_, T> {
    fn drop(&mut self) {
        drop(self.outcome.take());
        let mut under_way = lock(&self.flights.under_way);
        let over = under_way.get(&self.key).is_some_and(Entry::is_over);
        let removed = if over {
            under_way.remove(&self.key)
        } else {
            None
        };
        drop(under_way);
        drop(removed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::Fingerprinter;
    use pollster::block_on;
    use std::sync::atomic::AtomicU32;
    use std::task::{Context, Waker};

    const SOON: Duration = Duration::from_secs(1);

    fn key() -> Key {
        let prints = Fingerprinter::new().expect("random numbers");
        Key {
            request: prints.of("", b""),
            retry: RetryPolicy::default(),
        }
    }

    fn join<'a, T: Clone + Send + 'static>(
        flights: &'a SingleFlight<T>,
        key: &Key,
        begin: impl FnOnce() -> Task<T>,
    ) -> SharedCall<'a, T> {
        let deadline = Deadline::new(SOON);
        flights.join(key.clone(), &Arc::default(), &deadline, |_| true, begin)
    }

    #[test]
    fn many_share_one_and_one_of_them_pays() {
        let flights = Arc::new(SingleFlight::default());
        let begun = Arc::new(AtomicU32::new(0));
        let key = key();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (flights, begun, key) = (Arc::clone(&flights), Arc::clone(&begun), key.clone());
                std::thread::spawn(move || {
                    let call = join(&flights, &key, || {
                        begun.fetch_add(1, Ordering::Relaxed);
                        Box::pin(async {
                            futures_timer::Delay::new(Duration::from_millis(200)).await;
                            7
                        })
                    });
                    (block_on(call.outcome()), call.claim())
                })
            })
            .collect();
        let outcomes: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect();
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        assert!(outcomes.iter().all(|(outcome, _)| *outcome == 7));
        assert_eq!(outcomes.iter().filter(|(_, pays)| *pays).count(), 1);
    }

    #[test]
    fn the_request_goes_on_when_the_first_leaves_and_ends_with_the_last() {
        struct Ends(Arc<AtomicBool>);
        impl Drop for Ends {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Release);
            }
        }
        let flights = SingleFlight::default();
        let key = key();
        let ended = Arc::new(AtomicBool::new(false));
        let begun = AtomicU32::new(0);
        let begin = || -> Task<i32> {
            begun.fetch_add(1, Ordering::Relaxed);
            let ends = Ends(Arc::clone(&ended));
            Box::pin(async move {
                let _ends = ends;
                futures_timer::Delay::new(Duration::from_millis(50)).await;
                7
            })
        };
        let first = join(&flights, &key, begin);
        let mut cx = Context::from_waker(Waker::noop());
        let mut leaving = Box::pin(first.outcome());
        assert!(leaving.as_mut().poll(&mut cx).is_pending());
        let second = join(&flights, &key, begin);
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        drop(leaving);
        drop(first);
        assert_eq!(block_on(second.outcome()), 7);
        drop(second);
        let third = join(&flights, &key, begin);
        assert_eq!(begun.load(Ordering::Relaxed), 2);
        ended.store(false, Ordering::Release);
        drop(third);
        assert!(ended.load(Ordering::Acquire));
        assert!(lock(&flights.under_way).is_empty());
    }

    #[test]
    fn what_is_done_is_not_joined() {
        let flights = SingleFlight::default();
        let key = key();
        let first = join(&flights, &key, || Box::pin(std::future::ready(1)));
        assert_eq!(block_on(first.outcome()), 1);
        let second = join(&flights, &key, || Box::pin(std::future::ready(2)));
        assert_eq!(block_on(second.outcome()), 2);
    }

    #[test]
    fn a_joiner_extends_the_deadline_and_another_policy_does_not_join() {
        let flights = SingleFlight::default();
        let (key, deadline) = (key(), Deadline::new(SOON));
        let never = || -> Task<i32> { Box::pin(std::future::pending()) };
        let _first = flights.join(key.clone(), &Arc::default(), &deadline, |_| true, never);
        let later = Deadline::new(SOON * 2);
        let begin = || -> Task<i32> { unreachable!("it joins") };
        let _second = flights.join(key.clone(), &Arc::default(), &later, |_| true, begin);
        assert_eq!(deadline.at(), SOON * 2);

        let mut daring = key;
        daring.retry.retry_unknown_charge = true;
        let other = flights.join(
            daring,
            &Arc::default(),
            &later,
            |_| true,
            || Box::pin(std::future::ready(3)),
        );
        assert_eq!(block_on(other.outcome()), 3);
    }
}
