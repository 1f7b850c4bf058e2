//! Remembers that a day's attempts for a value are used up, so that no request is wasted on it.
//!
//! The service says that the attempts "for this name or this number" are used up, not for which.
//! So the pair is remembered at once, and a value alone when two different pairs with it have met
//! the limit; an answer to another pair with it clears the suspicion.

use crate::reuse::cache::TtlCache;
use crate::reuse::fingerprint::Fingerprint;
use std::time::Duration;

/// The values of a call that are limited, and the call as a whole.
#[derive(Debug)]
pub(crate) struct LimitedCall {
    pub(crate) whole: Fingerprint,
    pub(crate) values: Vec<Fingerprint>,
}

/// What is known to be used up today.
#[derive(Debug)]
pub(crate) struct DailyLimits<T> {
    used_up: TtlCache<T>,
    /// Of each value, the pair that met the limit.
    suspects: TtlCache<Fingerprint>,
}

impl<T> Default for DailyLimits<T> {
    fn default() -> Self {
        Self {
            used_up: TtlCache::default(),
            suspects: TtlCache::default(),
        }
    }
}

impl<T: Clone> DailyLimits<T> {
    /// Whether nothing is known, which is the usual case.
    pub(crate) fn is_empty(&self) -> bool {
        self.suspects.is_empty() && self.used_up.is_empty()
    }

    /// The answer that said so, if the attempts for this call are used up.
    pub(crate) fn get(&self, call: &LimitedCall, now: Duration) -> Option<T> {
        let mut fingerprinter = std::iter::once(&call.whole).chain(&call.values);
        fingerprinter.find_map(|print| self.used_up.get(*print, now))
    }

    /// The service has said that the attempts for this call are used up.
    pub(crate) fn record_limit(
        &self,
        call: &LimitedCall,
        now: Duration,
        until: Duration,
        answer: &T,
    ) {
        self.used_up.insert(call.whole, until, answer.clone());
        for value in &call.values {
            match self.suspects.get(*value, now) {
                Some(other) if other != call.whole => {
                    self.used_up.insert(*value, until, answer.clone());
                }
                _ => self.suspects.insert(*value, until, call.whole),
            }
        }
    }

    /// The service has answered something else to this call.
    pub(crate) fn record_answer(&self, call: &LimitedCall) {
        for value in &call.values {
            self.suspects.remove(*value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reuse::fingerprint::Fingerprinter;

    const NOW: Duration = Duration::ZERO;
    const MIDNIGHT: Duration = Duration::from_secs(10);

    struct Calls(Fingerprinter);

    impl Calls {
        fn of(&self, number: &str, name: &str) -> LimitedCall {
            let print = |kind, text: &str| self.0.of(kind, text.as_bytes());
            LimitedCall {
                whole: print("whole", &format!("{number} {name}")),
                values: vec![print("number", number), print("name", name)],
            }
        }
    }

    #[test]
    fn a_pair_is_known_at_once_and_a_value_after_two_pairs() {
        let (daily, calls) = (
            DailyLimits::default(),
            Calls(Fingerprinter::new().expect("one")),
        );
        assert!(daily.is_empty());
        daily.record_limit(&calls.of("1", "A"), NOW, MIDNIGHT, &"-7");
        assert_eq!(daily.get(&calls.of("1", "A"), NOW), Some("-7"));
        assert_eq!(daily.get(&calls.of("2", "A"), NOW), None);
        assert_eq!(daily.get(&calls.of("1", "B"), NOW), None);
        daily.record_limit(&calls.of("1", "A"), NOW, MIDNIGHT, &"-7");
        assert_eq!(daily.get(&calls.of("2", "A"), NOW), None);
        daily.record_limit(&calls.of("2", "A"), NOW, MIDNIGHT, &"-7");
        assert_eq!(daily.get(&calls.of("3", "A"), NOW), Some("-7"));
        assert_eq!(daily.get(&calls.of("2", "B"), NOW), None);
        assert_eq!(daily.get(&calls.of("3", "A"), MIDNIGHT), None);
    }

    #[test]
    fn another_answer_clears_the_suspicion() {
        let (daily, calls) = (
            DailyLimits::default(),
            Calls(Fingerprinter::new().expect("one")),
        );
        daily.record_limit(&calls.of("1", "A"), NOW, MIDNIGHT, &"-7");
        daily.record_answer(&calls.of("2", "A"));
        daily.record_limit(&calls.of("3", "A"), NOW, MIDNIGHT, &"-7");
        assert_eq!(daily.get(&calls.of("4", "A"), NOW), None);
    }
}
