//! The request ids that a client has seen. The service gives each request one of its own, so an answer
//! with an id that was there before is not the answer to this request: it waited somewhere, or
//! somebody sent it again.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// How many are remembered. A stray answer comes soon after its own request.
const REMEMBERED: usize = 1_024;

/// The latest request ids, by hash. They are so few that looking through them takes less than a map.
#[derive(Debug, Default)]
pub(crate) struct RequestIds {
    hasher: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    hashes: Vec<u64>,
    /// The place of the oldest, once all places are taken.
    oldest: usize,
}

impl RequestIds {
    /// Remembers the id of an answer; says whether it is new. An answer may have none.
    pub(crate) fn is_new(&self, id: &str) -> bool {
        if id.is_empty() {
            return true;
        }
        let hash = self.hasher.hash_one(id);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.hashes.contains(&hash) {
            return false;
        }
        if seen.hashes.len() < REMEMBERED {
            seen.hashes.push(hash);
        } else {
            let oldest = seen.oldest;
            seen.hashes[oldest] = hash;
            seen.oldest = (oldest + 1) % REMEMBERED;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_the_oldest_are_forgotten() {
        let ids = RequestIds::default();
        for number in 0..REMEMBERED {
            assert!(ids.is_new(&number.to_string()));
            assert!(ids.is_new(""));
        }
        assert!(!ids.is_new("0"));
        assert!(ids.is_new("another"));
        assert!(ids.is_new("0"));
        assert_eq!(ids.seen.lock().expect("seen").hashes.len(), REMEMBERED);
    }
}
