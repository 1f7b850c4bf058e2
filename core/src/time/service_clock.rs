//! Clock skew: the service's time, as far as its answers have told it.
//!
//! A signature carries the time and is refused when that is more than 300 s off, which the clocks
//! of phones are. Every answer has a `Date` header; when it differs much from the machine's clock,
//! time is counted from it by the machine's steady clock from then on, so that a jump of the
//! machine's clock changes nothing.
//!
//! A wrong `Date` must lock nobody out, and a forged one must not have us sign for another year. So a
//! date is believed as far as the service's own judgement of the signature bears it out:
//! - The signature was good: the service's time is within 300 s of the one that was signed.
//! - It was refused for its time: the date is tried, if it is within a day of the machine's clock. If
//!   that is refused too, it is forgotten.

use crate::generated::MAX_CLOCK_SKEW_SECONDS;
use crate::time::time_source::TimeSource;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

/// Smallest difference that is corrected, in seconds: much more than a header's rounding and an
/// answer's way, and much less than the 300 s that the service allows.
pub(crate) const TOLERANCE: u64 = 60;
/// Largest difference to the machine's clock that is corrected, in seconds.
const MAX_JUMP: u64 = 86_400;
/// No answer can come from before this program was written: 2026-01-01. A machine whose clock shows less
/// has none to speak of.
const EARLIEST: u64 = 1_767_225_600;
/// A date after this is no date of an answer: 2100-01-01.
const LATEST: u64 = 4_102_444_800;

/// The service's time.
#[derive(Debug, Default)]
pub(crate) struct ServiceClock {
    learnt: Mutex<Option<Correction>>,
}

/// What the service's time was when the steady clock showed `at`.
#[derive(Clone, Copy, Debug)]
struct Correction {
    unix: u64,
    at: Duration,
    /// Whether a signature with this time was good.
    is_confirmed: bool,
}

/// What the service made of the time that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedTime {
    Accepted(u64),
    Refused(u64),
}

impl ServiceClock {
    /// Unix time of the service in seconds; the machine's while nothing else is known.
    pub(crate) fn now(&self, time_source: &dyn TimeSource) -> u64 {
        now(*self.lock(), time_source)
    }

    /// Takes the date of an answer that came from the service. Says whether it changed the time.
    pub(crate) fn sync_from_date(
        &self,
        date: &str,
        signed: SignedTime,
        time_source: &dyn TimeSource,
    ) -> bool {
        let mut learnt = self.lock();
        let now = now(*learnt, time_source);
        let by_this_time = |signed: u64| signed.abs_diff(now) <= TOLERANCE;
        let (is_believed, is_confirmed) = match (signed, &mut *learnt) {
            // Of a time that has been corrected meanwhile, by another answer.
            (SignedTime::Refused(signed), _) if !by_this_time(signed) => return false,
            (SignedTime::Refused(_), Some(tried)) if !tried.is_confirmed => {
                *learnt = None;
                return false;
            }
            (SignedTime::Refused(_), _) => (can_be_tried as fn(u64, u64) -> bool, false),
            (SignedTime::Accepted(signed), tried) => {
                if let Some(tried) = tried.as_mut().filter(|_| by_this_time(signed)) {
                    tried.is_confirmed = true;
                }
                (is_borne_out as fn(u64, u64) -> bool, true)
            }
        };
        let compared = match signed {
            SignedTime::Accepted(signed) => signed,
            SignedTime::Refused(_) => time_source.unix(),
        };
        let Some(unix) = unix(date).filter(|unix| is_believed(*unix, compared)) else {
            return false;
        };
        if unix.abs_diff(now) <= TOLERANCE {
            return false;
        }
        *learnt = Some(Correction {
            unix,
            at: time_source.elapsed(),
            is_confirmed,
        });
        true
    }

    /// Goes by the machine's clock again: somebody who knows better has refused the time.
    pub(crate) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Correction>> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now(learnt: Option<Correction>, time_source: &dyn TimeSource) -> u64 {
    learnt.map_or_else(
        || time_source.unix(),
        |learnt| learnt.unix + time_source.elapsed().saturating_sub(learnt.at).as_secs(),
    )
}

/// Whether a date is the one of an answer to a signature of this time that was good; the answer may
/// have been some time on its way.
const fn is_borne_out(unix: u64, signed: u64) -> bool {
    unix.abs_diff(signed) <= MAX_CLOCK_SKEW_SECONDS + TOLERANCE
}

const fn can_be_tried(unix: u64, machine: u64) -> bool {
    machine < EARLIEST || unix.abs_diff(machine) <= MAX_JUMP
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
    use crate::time::time_source::fake::Fake;

    /// 2027-01-15 08:00:00 UTC.
    const NOW: u64 = 1_800_000_000;

    fn date(unix: u64) -> String {
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix))
    }

    #[test]
    fn the_machine_is_right_until_an_answer_differs() {
        let (clock, time) = (ServiceClock::default(), Fake::new(NOW));
        let good = SignedTime::Accepted(NOW);
        assert_eq!(clock.now(&*time), NOW);
        assert!(!clock.sync_from_date(&date(NOW + 60), good, &*time));
        assert_eq!(clock.now(&*time), NOW);
        assert!(clock.sync_from_date(&date(NOW - 280), good, &*time));
        assert_eq!(clock.now(&*time), NOW - 280);
        assert!(!clock.sync_from_date(&date(NOW - 281), good, &*time));
    }

    #[test]
    fn a_good_signature_says_more_than_a_date() {
        let (clock, time) = (ServiceClock::default(), Fake::new(NOW));
        for wrong in [NOW + 3_600, NOW - 3_600, NOW + 315_360_000] {
            assert!(!clock.sync_from_date(&date(wrong), SignedTime::Accepted(NOW), &*time));
        }
        assert_eq!(clock.now(&*time), NOW);
        // Where somebody else chose the time, the machine's may be far off.
        let elsewhere = NOW + 40_000;
        assert!(clock.sync_from_date(
            &date(elsewhere + 1),
            SignedTime::Accepted(elsewhere),
            &*time
        ));
        assert_eq!(clock.now(&*time), elsewhere + 1);
    }

    #[test]
    fn a_date_that_is_refused_too_is_forgotten() {
        let (clock, time) = (ServiceClock::default(), Fake::new(NOW));
        assert!(clock.sync_from_date(&date(NOW + 4_000), SignedTime::Refused(NOW), &*time));
        // A call of the same time was refused as well; that says nothing of the new one.
        assert!(!clock.sync_from_date(&date(NOW + 4_000), SignedTime::Refused(NOW), &*time));
        assert_eq!(clock.now(&*time), NOW + 4_000);
        assert!(!clock.sync_from_date(
            &date(NOW + 8_000),
            SignedTime::Refused(NOW + 4_000),
            &*time
        ));
        assert_eq!(clock.now(&*time), NOW);
        // Once it was good, another may be tried.
        assert!(clock.sync_from_date(&date(NOW + 4_000), SignedTime::Refused(NOW), &*time));
        assert!(!clock.sync_from_date(
            &date(NOW + 4_000),
            SignedTime::Accepted(NOW + 4_000),
            &*time
        ));
        assert!(clock.sync_from_date(&date(NOW + 8_000), SignedTime::Refused(NOW + 4_000), &*time));
        assert_eq!(clock.now(&*time), NOW + 8_000);
        clock.forget();
        assert_eq!(clock.now(&*time), NOW);
    }

    #[test]
    fn a_jump_is_a_day_at_most() {
        let (clock, time) = (ServiceClock::default(), Fake::new(NOW));
        for unix in [NOW + 86_401, NOW - 86_401, NOW + 315_360_000] {
            assert!(!clock.sync_from_date(&date(unix), SignedTime::Refused(NOW), &*time));
        }
        assert!(clock.sync_from_date(&date(NOW + 86_400), SignedTime::Refused(NOW), &*time));
    }

    #[test]
    fn a_jump_of_the_machines_clock_changes_nothing_that_was_learnt() {
        let (clock, time) = (ServiceClock::default(), Fake::new(NOW));
        clock.sync_from_date(&date(NOW + 1_000), SignedTime::Refused(NOW), &*time);
        time.pass(Duration::from_secs(10));
        time.jump_to(12);
        assert_eq!(clock.now(&*time), NOW + 1_010);
        time.jump_to(NOW * 2);
        assert_eq!(clock.now(&*time), NOW + 1_010);
    }

    #[test]
    fn absurd_dates_teach_nothing() {
        for machine in [NOW, 5] {
            let (clock, time) = (ServiceClock::default(), Fake::new(machine));
            for date in [
                "",
                "yesterday",
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "Wed, 31 Dec 2025 23:59:59 GMT",
                "Fri, 01 Jan 2100 00:00:00 GMT",
                "Fri, 31 Dec 9999 23:59:59 GMT",
            ] {
                assert!(
                    !clock.sync_from_date(date, SignedTime::Refused(machine), &*time),
                    "{date}"
                );
                assert!(
                    !clock.sync_from_date(date, SignedTime::Accepted(machine), &*time),
                    "{date}"
                );
            }
            assert_eq!(clock.now(&*time), machine);
        }
    }

    #[test]
    fn a_machine_that_woke_in_1970_is_corrected() {
        let (clock, time) = (ServiceClock::default(), Fake::new(5));
        assert!(clock.sync_from_date(&date(NOW), SignedTime::Refused(5), &*time));
        assert_eq!(clock.now(&*time), NOW);
    }
}
