//! The service's time, as far as its answers have told it.
//!
//! A signature carries the time and is refused when that is more than 300 s off, which the clocks
//! of phones are. Every answer has a `Date` header; when it differs much from the machine's clock,
//! time is counted from it by the machine's steady clock from then on, so that a jump of the
//! machine's clock changes nothing.

use crate::timeline::Timeline;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

/// Smallest difference that is corrected, in seconds: much more than a header's rounding and an
/// answer's way, and much less than the 300 s that the service allows.
pub(crate) const TOLERANCE: u64 = 60;
/// No answer can come from before this program was written: 2026-01-01.
const EARLIEST: u64 = 1_767_225_600;
/// A date after this is no date of an answer: 2100-01-01.
const LATEST: u64 = 4_102_444_800;

/// The service's time.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    learnt: Mutex<Option<Learnt>>,
}

/// What the service's time was when the steady clock showed `at`.
#[derive(Clone, Copy, Debug)]
struct Learnt {
    unix: u64,
    at: Duration,
}

impl Clock {
    /// Unix time of the service in seconds; the machine's while nothing else is known.
    pub(crate) fn now(&self, timeline: &dyn Timeline) -> u64 {
        let learnt = *self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.map_or_else(
            || timeline.unix(),
            |learnt| learnt.unix + timeline.elapsed().saturating_sub(learnt.at).as_secs(),
        )
    }

    /// Takes the date of an answer that came from the service. Says whether it changed the time.
    pub(crate) fn learn(&self, date: &str, timeline: &dyn Timeline) -> bool {
        let Some(unix) = unix(date) else {
            return false;
        };
        if unix.abs_diff(self.now(timeline)) <= TOLERANCE {
            return false;
        }
        let learnt = Learnt {
            unix,
            at: timeline.elapsed(),
        };
        *self.learnt.lock().unwrap_or_else(PoisonError::into_inner) = Some(learnt);
        true
    }
}

/// Unix time of an HTTP date, unless it is absurd.
fn unix(date: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(date).ok()?;
    let unix = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    (EARLIEST..LATEST).contains(&unix).then_some(unix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fake::Fake;

    /// 2027-01-15 08:00:00 UTC.
    const NOW: u64 = 1_800_000_000;

    fn date(unix: u64) -> String {
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix))
    }

    #[test]
    fn the_machine_is_right_until_an_answer_differs() {
        let (clock, time) = (Clock::default(), Fake::new(NOW));
        assert_eq!(clock.now(&*time), NOW);
        assert!(!clock.learn(&date(NOW + 60), &*time));
        assert_eq!(clock.now(&*time), NOW);
        assert!(clock.learn(&date(NOW - 400), &*time));
        assert_eq!(clock.now(&*time), NOW - 400);
        assert!(!clock.learn(&date(NOW - 401), &*time));
    }

    #[test]
    fn a_jump_of_the_machines_clock_changes_nothing_that_was_learnt() {
        let (clock, time) = (Clock::default(), Fake::new(NOW));
        clock.learn(&date(NOW + 1_000), &*time);
        time.pass(Duration::from_secs(10));
        time.jump_to(12);
        assert_eq!(clock.now(&*time), NOW + 1_010);
        time.jump_to(NOW * 2);
        assert_eq!(clock.now(&*time), NOW + 1_010);
    }

    #[test]
    fn absurd_dates_teach_nothing() {
        let (clock, time) = (Clock::default(), Fake::new(NOW));
        for date in [
            "",
            "yesterday",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Wed, 31 Dec 2025 23:59:59 GMT",
            "Fri, 01 Jan 2100 00:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            assert!(!clock.learn(date, &*time), "{date}");
        }
        assert_eq!(clock.now(&*time), NOW);
    }

    #[test]
    fn a_machine_that_woke_in_1970_is_corrected() {
        let (clock, time) = (Clock::default(), Fake::new(5));
        assert!(clock.learn(&date(NOW), &*time));
        assert_eq!(clock.now(&*time), NOW);
    }
}
