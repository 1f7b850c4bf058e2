//! Identical calls at the same time share one request: whoever comes while it is under way waits
//! for its outcome.
//!
//! The request belongs to all who wait. It goes on when the one that began it leaves, since it may
//! be charged by then, and ends when the last one leaves.

use crate::fingerprint::Fingerprint;
use crate::stats::Progress;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The requests that are under way.
#[derive(Debug)]
pub(crate) struct Flights<T> {
    by_fingerprint: Mutex<HashMap<Fingerprint, Weak<Flight<T>>>>,
}

/// One request, and everybody who waits for it.
pub(crate) struct Flight<T> {
    progress: Arc<Progress>,
    state: Mutex<State<T>>,
    waiting: Arc<Waiting>,
    /// Whether somebody has taken the outcome as what they pay for.
    claimed: AtomicBool,
}

enum State<T> {
    Running(Task<T>),
    Done(T),
}

impl<T> std::fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flight")
    }
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self {
            by_fingerprint: Mutex::default(),
        }
    }
}

impl<T: Clone> Flights<T> {
    /// Joins the request of this fingerprint, or begins it. Says whether it was there.
    pub(crate) fn join(
        &self,
        fingerprint: Fingerprint,
        begin: impl FnOnce() -> (Arc<Progress>, Task<T>),
    ) -> (Part<'_, T>, bool) {
        let part = |flight| Part {
            flights: self,
            fingerprint,
            flight: Some(flight),
        };
        let mut flights = lock(&self.by_fingerprint);
        if let Some(flight) = flights.get(&fingerprint).and_then(Weak::upgrade)
            && !flight.is_done()
        {
            return (part(flight), true);
        }
        let (progress, task) = begin();
        let flight = Arc::new(Flight {
            progress,
            state: Mutex::new(State::Running(task)),
            waiting: Arc::default(),
            claimed: AtomicBool::new(false),
        });
        flights.insert(fingerprint, Arc::downgrade(&flight));
        (part(flight), false)
    }

    /// Forgets a request that is done, or that nobody waits for any more.
    fn tidy(&self, fingerprint: Fingerprint) {
        let mut flights = lock(&self.by_fingerprint);
        let is_over =
            |flight: &Weak<Flight<T>>| flight.upgrade().is_none_or(|flight| flight.is_done());
        if flights.get(&fingerprint).is_some_and(is_over) {
            flights.remove(&fingerprint);
        }
    }
}

/// Someone's part in a request; the last one to give theirs up ends it.
#[derive(Debug)]
pub(crate) struct Part<'a, T: Clone> {
    flights: &'a Flights<T>,
    fingerprint: Fingerprint,
    flight: Option<Arc<Flight<T>>>,
}

impl<T: Clone> std::ops::Deref for Part<'_, T> {
    type Target = Flight<T>;

    fn deref(&self) -> &Flight<T> {
        self.flight
            .as_ref()
            .expect("it is given up when it is dropped")
    }
}

impl<T: Clone> Drop for Part<'_, T> {
    fn drop(&mut self) {
        drop(self.flight.take());
        self.flights.tidy(self.fingerprint);
    }
}

impl<T: Clone> Flight<T> {
    /// Waits for the outcome; all who wait move the request on.
    pub(crate) async fn outcome(&self) -> T {
        let seat = self.waiting.take_seat();
        poll_fn(|cx| {
            seat.wake_by(cx.waker());
            let mut state = lock(&self.state);
            let task = match &mut *state {
                State::Done(outcome) => return Poll::Ready(outcome.clone()),
                State::Running(task) => task,
            };
            let waker = Waker::from(Arc::clone(&self.waiting));
            let Poll::Ready(outcome) = task.as_mut().poll(&mut Context::from_waker(&waker)) else {
                return Poll::Pending;
            };
            *state = State::Done(outcome.clone());
            drop(state);
            seat.leave();
            self.waiting.wake_all();
            Poll::Ready(outcome)
        })
        .await
    }

    /// Takes the outcome as what the caller pays for; true for the first who does.
    pub(crate) fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::AcqRel)
    }

    /// How far the request has come.
    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    fn is_done(&self) -> bool {
        matches!(*lock(&self.state), State::Done(_))
    }
}

/// The wakers of those who wait, each with the number of its seat.
#[derive(Debug, Default)]
struct Waiting {
    seats: Mutex<(u64, Vec<(u64, Waker)>)>,
}

impl Waiting {
    fn take_seat(self: &Arc<Self>) -> Seat {
        let mut seats = lock(&self.seats);
        seats.0 += 1;
        Seat {
            number: seats.0,
            waiting: Arc::clone(self),
        }
    }

    fn wake_all(&self) {
        let seats = lock(&self.seats);
        // Waking is calling a stranger, so it is done without the lock; most requests have one.
        if let [(_, only)] = &seats.1[..] {
            let only = only.clone();
            drop(seats);
            return only.wake();
        }
        let wakers: Vec<Waker> = seats.1.iter().map(|(_, waker)| waker.clone()).collect();
        drop(seats);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}

/// A place among those who wait, given up when it is dropped.
struct Seat {
    number: u64,
    waiting: Arc<Waiting>,
}

impl Seat {
    fn wake_by(&self, waker: &Waker) {
        let mut seats = lock(&self.waiting.seats);
        match seats
            .1
            .iter_mut()
            .find(|(number, _)| *number == self.number)
        {
            Some((_, kept)) => kept.clone_from(waker),
            None => seats.1.push((self.number, waker.clone())),
        }
    }

    fn leave(&self) {
        lock(&self.waiting.seats)
            .1
            .retain(|(number, _)| *number != self.number);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
        // The wake-up that this one was given may have been meant for the request.
        self.waiting.wake_all();
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
    use std::time::Duration;

    fn fingerprint() -> Fingerprint {
        Fingerprinter::new().expect("random numbers").of("", b"")
    }

    fn task<T>(future: impl Future<Output = T> + Send + 'static) -> (Arc<Progress>, Task<T>) {
        (Arc::default(), Box::pin(future))
    }

    #[test]
    fn many_share_one_and_one_of_them_pays() {
        let flights = Arc::new(Flights::default());
        let begun = Arc::new(AtomicU32::new(0));
        let key = fingerprint();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (flights, begun) = (Arc::clone(&flights), Arc::clone(&begun));
                std::thread::spawn(move || {
                    let (flight, _) = flights.join(key, || {
                        begun.fetch_add(1, Ordering::Relaxed);
                        task(async {
                            futures_timer::Delay::new(Duration::from_millis(200)).await;
                            7
                        })
                    });
                    (block_on(flight.outcome()), flight.claim())
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
        let flights = Flights::default();
        let key = fingerprint();
        let ended = Arc::new(AtomicBool::new(false));
        let begin = || {
            let ends = Ends(Arc::clone(&ended));
            task(async move {
                let _ends = ends;
                futures_timer::Delay::new(Duration::from_millis(50)).await;
                7
            })
        };
        let (first, joined) = flights.join(key, begin);
        assert!(!joined);
        let mut cx = Context::from_waker(Waker::noop());
        let mut leaving = Box::pin(first.outcome());
        assert!(leaving.as_mut().poll(&mut cx).is_pending());
        let (second, joined) = flights.join(key, begin);
        assert!(joined);
        drop(leaving);
        drop(first);
        assert_eq!(block_on(second.outcome()), 7);
        drop(second);
        let (third, joined) = flights.join(key, begin);
        assert!(!joined);
        ended.store(false, Ordering::Release);
        drop(third);
        assert!(ended.load(Ordering::Acquire));
    }

    #[test]
    fn what_is_done_is_not_joined() {
        let flights = Flights::default();
        let key = fingerprint();
        let (first, _) = flights.join(key, || task(std::future::ready(1)));
        assert_eq!(block_on(first.outcome()), 1);
        let (second, joined) = flights.join(key, || task(std::future::ready(2)));
        assert!(!joined);
        assert_eq!(block_on(second.outcome()), 2);
    }
}
