//! A bounded cache whose entries expire (TTL): charged answers, and daily limits. Called by [`crate::call`] and by
//! the daily limits. Entries are found by fingerprint, and go with the client.

use crate::reuse::fingerprint::Fingerprint;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many answers of each kind are kept; the oldest goes first.
const CAPACITY: usize = 10_000;

/// Answers of one kind, each until its time.
#[derive(Debug)]
pub(crate) struct TtlCache<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    by_fingerprint: HashMap<Fingerprint, Entry<T>>,
    /// In the order in which they came, each with the number of its entry: a newer entry of the
    /// same fingerprint has another.
    order: VecDeque<(Fingerprint, u64)>,
    next: u64,
}

#[derive(Debug)]
struct Entry<T> {
    number: u64,
    until: Duration,
    answer: T,
}

impl<T> Default for TtlCache<T> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                by_fingerprint: HashMap::new(),
                order: VecDeque::new(),
                next: 0,
            }),
        }
    }
}

impl<T: Clone> TtlCache<T> {
    /// The answer, if it is still good.
    pub(crate) fn get(&self, fingerprint: Fingerprint, now: Duration) -> Option<T> {
        let mut state = self.lock();
        let kept = state.by_fingerprint.get(&fingerprint)?;
        if kept.until > now {
            return Some(kept.answer.clone());
        }
        state.by_fingerprint.remove(&fingerprint);
        None
    }

    /// Keeps an answer until a time.
    pub(crate) fn insert(&self, fingerprint: Fingerprint, until: Duration, answer: T) {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        let entry = Entry {
            number,
            until,
            answer,
        };
        state.by_fingerprint.insert(fingerprint, entry);
        state.order.push_back((fingerprint, number));
        while state.order.len() > CAPACITY {
            if let Some((oldest, number)) = state.order.pop_front()
                && state
                    .by_fingerprint
                    .get(&oldest)
                    .is_some_and(|kept| kept.number == number)
            {
                state.by_fingerprint.remove(&oldest);
            }
        }
    }

    /// Forgets an answer.
    pub(crate) fn remove(&self, fingerprint: Fingerprint) {
        self.lock().by_fingerprint.remove(&fingerprint);
    }

    /// Whether nothing is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().by_fingerprint.is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reuse::fingerprint::Fingerprinter;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_kept_goes_at_its_time() {
        let cache = TtlCache::default();
        let key = Fingerprinter::new().expect("random numbers").of("", b"");
        assert_eq!(cache.get(key, SECOND), None);
        cache.insert(key, 3 * SECOND, "answer");
        assert_eq!(cache.get(key, 2 * SECOND), Some("answer"));
        assert_eq!(cache.get(key, 3 * SECOND), None);
        assert_eq!(cache.get(key, 2 * SECOND), None);
    }

    #[test]
    fn the_oldest_makes_room_and_a_newer_entry_stays() {
        let cache = TtlCache::default();
        let fingerprinter = Fingerprinter::new().expect("random numbers");
        let key = |number: usize| fingerprinter.of("", &number.to_le_bytes());
        cache.insert(key(0), SECOND, 0);
        for number in 1..CAPACITY {
            cache.insert(key(number), SECOND, number);
        }
        cache.insert(key(0), SECOND, 100);
        cache.insert(key(CAPACITY), SECOND, 7);
        assert_eq!(cache.get(key(0), Duration::ZERO), Some(100));
        assert_eq!(cache.get(key(1), Duration::ZERO), None);
        assert_eq!(cache.lock().by_fingerprint.len(), CAPACITY);
    }
}
