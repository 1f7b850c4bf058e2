//! Identical calls at the same time share one request: whoever comes while it is under way waits
//! for its outcome.
//!
//! The request belongs to all who wait. It goes on when the one that began it leaves, since it may
//! be charged by then, and ends when the last one leaves. Nobody is held to the terms of another:
//! calls are identical only under one retry policy, the request lives until the latest deadline
//! of those who wait, and each of them leaves at its own.

use super::shared_task::{SharedTask, Task, lock};
use crate::RetryPolicy;
use crate::progress::AttemptProgress;
use crate::reuse::fingerprint::Fingerprint;
use crate::time::deadline::Deadline;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// What makes two calls identical.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) request: Fingerprint,
    pub(crate) retry: RetryPolicy,
    /// Where the ledger is that the call is claimed in.
    pub(crate) ledger: Option<usize>,
}

/// The requests that are under way. `C` is what whoever began one leaves to the last who waits for it.
#[derive(Debug)]
pub(crate) struct SingleFlight<T, C = ()> {
    under_way: Mutex<HashMap<Key, Entry<T, C>>>,
}

#[derive(Debug)]
struct Entry<T, C> {
    task: Weak<SharedTask<T>>,
    terms: Arc<SharedTerms<C>>,
}

/// What those who share a request agree on.
#[derive(Debug)]
struct SharedTerms<C> {
    left_over: C,
    requests: Arc<AttemptProgress>,
    deadline: Deadline,
    /// Whether somebody has taken the outcome as what they pay for.
    claimed: AtomicBool,
    #[cfg(feature = "reqwest")]
    runtimes: Mutex<Vec<tokio::runtime::Id>>,
}

impl<C> SharedTerms<C> {
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
pub(crate) struct SharedCall<'a, T, C = ()> {
    shared_calls: &'a SingleFlight<T, C>,
    key: Key,
    task: Option<Arc<SharedTask<T>>>,
    terms: Arc<SharedTerms<C>>,
    has_joined: bool,
}

impl<T, C> Default for SingleFlight<T, C> {
    fn default() -> Self {
        Self {
            under_way: Mutex::default(),
        }
    }
}

impl<T: Clone, C: Send + Sync + 'static> SingleFlight<T, C> {
    /// Joins the identical call that is under way, if `may_join` its deadline, or begins one.
    pub(crate) fn join<F>(
        &self,
        (key, left_over): (Key, C),
        requests: &Arc<AttemptProgress>,
        deadline: &Deadline,
        may_join: impl FnOnce(Duration) -> bool,
        begin: impl FnOnce() -> F,
    ) -> SharedCall<'_, T, C>
    where
        T: 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let mut under_way = lock(&self.under_way);
        if let Some(entry) = under_way.get(&key)
            && let Some(task) = entry.task.upgrade()
            && !task.is_done()
            && may_join(entry.terms.deadline.at())
        {
            entry.terms.deadline.extend(deadline.at());
            let terms = Arc::clone(&entry.terms);
            drop(under_way);
            return self.part(key, task, terms, true);
        }
        let terms = Arc::new(SharedTerms {
            left_over,
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
        let task = SharedTask::new(task);
        let entry = Entry {
            task: Arc::downgrade(&task),
            terms: Arc::clone(&terms),
        };
        under_way.insert(key.clone(), entry);
        drop(under_way);
        self.part(key, task, terms, false)
    }

    fn part(
        &self,
        key: Key,
        task: Arc<SharedTask<T>>,
        terms: Arc<SharedTerms<C>>,
        has_joined: bool,
    ) -> SharedCall<'_, T, C> {
        SharedCall {
            shared_calls: self,
            key,
            task: Some(task),
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

impl<T, C> Entry<T, C> {
    /// Whether it is done, or nobody waits for it any more.
    fn is_over(&self) -> bool {
        let task = self.task.upgrade();
        task.is_none_or(|task| task.is_done())
    }
}

impl<T: Clone, C> SharedCall<'_, T, C> {
    /// Waits for the outcome; all who wait move the request on.
    pub(crate) async fn outcome(&self) -> T {
        let task = self.task.as_ref();
        task.expect("it is given up when it is dropped")
            .outcome()
            .await
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
    pub(crate) fn requests(&self) -> &Arc<AttemptProgress> {
        &self.terms.requests
    }
}

impl<T, C: Clone> SharedCall<'_, T, C> {
    /// Gives one's part up. The last one who does is told what whoever began the request has left.
    pub(crate) fn leave(&mut self) -> Option<C> {
        let task = self.task.take()?;
        let left = Arc::downgrade(&task);
        drop(task);
        (left.strong_count() == 0).then(|| self.terms.left_over.clone())
    }
}

impl<T, C> Drop for SharedCall<'_, T, C> {
    fn drop(&mut self) {
        drop(self.task.take());
        let mut under_way = lock(&self.shared_calls.under_way);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reuse::fingerprint::Fingerprinter;
    use pollster::block_on;
    use std::pin::Pin;
    use std::sync::atomic::AtomicU32;
    use std::task::{Context, Poll, Wake, Waker};

    const SOON: Duration = Duration::from_secs(1);

    fn key() -> Key {
        let fingerprinter = Fingerprinter::new().expect("random numbers");
        Key {
            request: fingerprinter.of("", b""),
            retry: RetryPolicy::default(),
            ledger: None,
        }
    }

    fn join<'a, T: Clone + Send + 'static>(
        shared_calls: &'a SingleFlight<T>,
        key: &Key,
        begin: impl FnOnce() -> Task<T>,
    ) -> SharedCall<'a, T> {
        let deadline = Deadline::new(SOON);
        shared_calls.join(
            (key.clone(), ()),
            &Arc::default(),
            &deadline,
            |_| true,
            begin,
        )
    }

    #[test]
    fn many_share_one_and_one_of_them_pays() {
        let shared_calls = Arc::new(SingleFlight::default());
        let begun = Arc::new(AtomicU32::new(0));
        let key = key();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (shared_calls, begun, key) =
                    (Arc::clone(&shared_calls), Arc::clone(&begun), key.clone());
                std::thread::spawn(move || {
                    let call = join(&shared_calls, &key, || {
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
        let shared_calls = SingleFlight::default();
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
        let first = join(&shared_calls, &key, begin);
        let mut cx = Context::from_waker(Waker::noop());
        let mut leaving = Box::pin(first.outcome());
        assert!(leaving.as_mut().poll(&mut cx).is_pending());
        let second = join(&shared_calls, &key, begin);
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        drop(leaving);
        drop(first);
        assert_eq!(block_on(second.outcome()), 7);
        drop(second);
        let third = join(&shared_calls, &key, begin);
        assert_eq!(begun.load(Ordering::Relaxed), 2);
        ended.store(false, Ordering::Release);
        drop(third);
        assert!(ended.load(Ordering::Acquire));
        assert!(lock(&shared_calls.under_way).is_empty());
    }

    #[test]
    fn what_is_done_is_not_joined() {
        let shared_calls = SingleFlight::default();
        let key = key();
        let first = join(&shared_calls, &key, || Box::pin(std::future::ready(1)));
        assert_eq!(block_on(first.outcome()), 1);
        let second = join(&shared_calls, &key, || Box::pin(std::future::ready(2)));
        assert_eq!(block_on(second.outcome()), 2);
    }

    /// As the bridge to a language does whose coroutines go on where they are woken.
    #[test]
    fn whoever_is_woken_may_poll_at_once() {
        struct PollsAtOnce {
            call: Mutex<Option<Pin<Box<dyn Future<Output = i32> + Send>>>>,
            outcome: Mutex<Option<i32>>,
        }
        impl Wake for PollsAtOnce {
            fn wake(self: Arc<Self>) {
                let waker = Waker::from(Arc::clone(&self));
                let Some(mut call) = lock(&self.call).take() else {
                    return;
                };
                match call.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(outcome) => *lock(&self.outcome) = Some(outcome),
                    Poll::Pending => *lock(&self.call) = Some(call),
                }
            }
        }
        let shared_calls: &'static SingleFlight<i32> = Box::leak(Box::default());
        let key = key();
        let stored = Arc::new(Mutex::new(None::<Waker>));
        let (ready, stores) = (Arc::new(AtomicBool::new(false)), Arc::clone(&stored));
        let is_ready = Arc::clone(&ready);
        let begin = || -> Task<i32> {
            Box::pin(poll_fn(move |cx| {
                *lock(&stores) = Some(cx.waker().clone());
                if is_ready.load(Ordering::Acquire) {
                    Poll::Ready(7)
                } else {
                    Poll::Pending
                }
            }))
        };
        let first = join(shared_calls, &key, begin);
        let second = join(shared_calls, &key, || unreachable!("it joins"));
        let waiting = [first, second].map(|call| {
            Arc::new(PollsAtOnce {
                call: Mutex::new(Some(Box::pin(async move { call.outcome().await }))),
                outcome: Mutex::default(),
            })
        });
        for one in &waiting {
            Arc::clone(one).wake();
        }
        ready.store(true, Ordering::Release);
        let waker = lock(&stored).take().expect("it was polled");
        waker.wake();
        for one in waiting {
            assert_eq!(*lock(&one.outcome), Some(7));
        }
    }

    #[test]
    fn a_joiner_extends_the_deadline_and_another_policy_does_not_join() {
        let shared_calls = SingleFlight::default();
        let (key, deadline) = (key(), Deadline::new(SOON));
        let never = || -> Task<i32> { Box::pin(std::future::pending()) };
        let _first = shared_calls.join(
            (key.clone(), ()),
            &Arc::default(),
            &deadline,
            |_| true,
            never,
        );
        let later = Deadline::new(SOON * 2);
        let begin = || -> Task<i32> { unreachable!("it joins") };
        let _second =
            shared_calls.join((key.clone(), ()), &Arc::default(), &later, |_| true, begin);
        assert_eq!(deadline.at(), SOON * 2);

        let mut daring = key;
        daring.retry.retry_unknown_charge = true;
        let other = shared_calls.join(
            (daring, ()),
            &Arc::default(),
            &later,
            |_| true,
            || Box::pin(std::future::ready(3)),
        );
        assert_eq!(block_on(other.outcome()), 3);
    }
}
