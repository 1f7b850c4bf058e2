//! When a request is sent again: only if that cannot be paid twice.

use crate::setters::setters;
use crate::{Error, Retry};
use std::time::{Duration, UNIX_EPOCH};

/// How often and how soon a call repeats a request that was free.
///
/// What is repeated: a request that never left; an answer or an error of which the spec says that
/// it is free and that waiting helps (`RequestLimitExceeded` and its sub-codes, the results -4 and
/// -6); once a signature that had expired, after the clock was corrected; once a refused token,
/// after the provider gave another. Everything happens within the one timeout of the call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Most requests that one call makes. 1, which repeats nothing, to 1,000. Default: 3.
    #[cfg_attr(feature = "uniffi", uniffi(default = 3))]
    pub max_attempts: u32,
    /// Longest wait before the second request; twice that before the third, and so on. The wait is drawn
    /// between half of it and all of it. Up to a day. Default: 200 ms.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub base_delay: Option<Duration>,
    /// Longest wait at all, unless the service asks for a longer one (`Retry-After`). Up to a day.
    /// Default: 5 s.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub max_delay: Option<Duration>,
    /// Whether a request is repeated too that may have been charged: one that had left when the connection
    /// broke, or whose answer could not be read. **The same verification may then be paid several
    /// times.** Default: no.
    #[cfg_attr(feature = "uniffi", uniffi(default = false))]
    pub retry_unknown_charge: bool,
}

const BASE_DELAY: Duration = Duration::from_millis(200);
const MAX_DELAY: Duration = Duration::from_secs(5);
/// No deadline leaves time for more. A number below 0 arrives from Kotlin as one far above.
const MAX_ATTEMPTS: u32 = 1_000;
/// No call lasts longer, so no wait needs to.
const A_DAY: Duration = Duration::from_secs(24 * 3_600);

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: None,
            max_delay: None,
            retry_unknown_charge: false,
        }
    }
}

crate::redact::display_as_debug!(RetryPolicy);

impl RetryPolicy {
    setters! {
        with_max_attempts(max_attempts: u32),
        with_base_delay(base_delay: some Duration),
        with_max_delay(max_delay: some Duration),
        with_retry_unknown_charge(retry_unknown_charge: bool),
    }

    /// The policy, if it can be followed.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        if self.max_attempts == 0 {
            return Err(Error::configuration("a call makes at least 1 attempt"));
        }
        if self.max_attempts > MAX_ATTEMPTS {
            return Err(Error::configuration("a call makes at most 1,000 attempts"));
        }
        for (name, delay) in [
            ("base_delay", self.base_delay),
            ("max_delay", self.max_delay),
        ] {
            if delay.is_some_and(|delay| delay > A_DAY) {
                return Err(Error::configuration(&format!(
                    "{name}: it is longer than a day"
                )));
            }
        }
        Ok(self)
    }

    /// The wait after the given number of requests. `chance` is a number from 0 to below 1.
    pub(crate) fn delay(
        &self,
        attempts: u32,
        retry_after: Option<Duration>,
        chance: f64,
    ) -> Duration {
        let base = self.base_delay.unwrap_or(BASE_DELAY);
        let doubled = base.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        let longest = doubled.min(self.max_delay.unwrap_or(MAX_DELAY)).min(A_DAY);
        let drawn = longest.mul_f64(0.5 + chance / 2.0);
        drawn.max(retry_after.unwrap_or_default())
    }
}

/// What an attempt has come to, as far as repeating it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It surely cost nothing, and may be repeated when this says so.
    Free(Retry),
    /// There is an answer, and it is charged or may be.
    Answered,
    /// There is none, and it may have been charged.
    Unknown,
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Give the outcome back.
    Stop,
    /// Repeat after a wait.
    Wait,
    /// Repeat with a corrected clock, if it could be corrected.
    CorrectClock,
    /// Repeat with other credentials, if there are any.
    RefreshCredentials,
}

/// Decides, knowing nothing but the standing and the policy.
pub(crate) fn next(standing: Standing, attempts: u32, policy: &RetryPolicy) -> Next {
    if attempts >= policy.max_attempts {
        return Next::Stop;
    }
    match standing {
        Standing::Answered => Next::Stop,
        Standing::Unknown if policy.retry_unknown_charge => Next::Wait,
        Standing::Unknown => Next::Stop,
        Standing::Free(Retry::Backoff) => Next::Wait,
        Standing::Free(Retry::CorrectClock) => Next::CorrectClock,
        Standing::Free(Retry::RefreshCredentials) => Next::RefreshCredentials,
        Standing::Free(Retry::Never | Retry::NextDay) => Next::Stop,
    }
}

/// The wait that a `Retry-After` header asks for: seconds, or a date, which is seen from `now`, the
/// service's Unix time. A date in the past asks for none.
pub(crate) fn retry_after(header: &str, now: u64) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    let date = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(date.saturating_sub(now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_may_be_charged_is_repeated_only_on_demand() {
        let usual = RetryPolicy::default();
        let daring = RetryPolicy {
            retry_unknown_charge: true,
            ..RetryPolicy::default()
        };
        for (standing, policy, expected) in [
            (Standing::Answered, &usual, Next::Stop),
            (Standing::Answered, &daring, Next::Stop),
            (Standing::Unknown, &usual, Next::Stop),
            (Standing::Unknown, &daring, Next::Wait),
            (Standing::Free(Retry::Never), &daring, Next::Stop),
            (Standing::Free(Retry::NextDay), &daring, Next::Stop),
            (Standing::Free(Retry::Backoff), &usual, Next::Wait),
            (
                Standing::Free(Retry::CorrectClock),
                &usual,
                Next::CorrectClock,
            ),
            (
                Standing::Free(Retry::RefreshCredentials),
                &usual,
                Next::RefreshCredentials,
            ),
        ] {
            assert_eq!(next(standing, 1, policy), expected, "{standing:?}");
            assert_eq!(next(standing, 3, policy), Next::Stop, "{standing:?}");
        }
    }

    #[test]
    fn the_service_may_ask_for_a_longer_wait() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.delay(1, None, 0.0), Duration::from_millis(100));
        assert_eq!(
            policy.delay(1, retry_after("7", 0), 0.0),
            Duration::from_secs(7)
        );
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_date() {
        // 2026-10-21 07:28:00 UTC.
        const NOW: u64 = 1_792_567_680;
        for (header, wait) in [
            (" 7 ", Some(7)),
            ("Wed, 21 Oct 2026 07:28:30 GMT", Some(30)),
            ("Wednesday, 21-Oct-26 07:28:30 GMT", Some(30)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let wait = wait.map(Duration::from_secs);
            assert_eq!(retry_after(header, NOW), wait, "{header}");
        }
    }

    proptest! {
        #[test]
        fn waits_grow_within_their_bounds(attempts in 1_u32..100, chance in 0.0_f64..1.0) {
            let policy = RetryPolicy::default();
            let longest = BASE_DELAY.saturating_mul(1 << (attempts - 1).min(20)).min(MAX_DELAY);
            let delay = policy.delay(attempts, None, chance);
            prop_assert!(delay >= longest / 2 && delay <= longest);
        }
    }
}
