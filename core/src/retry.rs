//! The retry policy: how often a request that is certain to be free is sent again, and with which backoff. Whether
//! one is free, [`crate::call`] decides.

use crate::Error;
use crate::setters::setters;
use std::time::Duration;

/// How often a call retries, and with which backoff. Only a request that is certain to be free is retried.
///
/// Retried are: a request that never left; an answer or an error of which the spec says that
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
    /// Backoff before the first retry; doubled before each further one. Jitter takes up to half of it away. Up to a
    /// day. Default: 200 ms.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub base_delay: Option<Duration>,
    /// Longest backoff, unless the service asks for a longer one (`Retry-After`). Up to a day.
    /// Default: 5 s.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub max_delay: Option<Duration>,
    /// Whether requests of unknown charge are retried too: one that had left when the connection broke, or whose
    /// answer could not be read. **The same verification may then be paid several
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
    pub(crate) fn validated(self) -> Result<Self, Error> {
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

    /// The wait after the given number of requests. `jitter` is a number from 0 to below 1.
    pub(crate) fn delay(
        &self,
        attempts: u32,
        retry_after: Option<Duration>,
        jitter: f64,
    ) -> Duration {
        let base = self.base_delay.unwrap_or(BASE_DELAY);
        let doubled = base.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        let longest = doubled.min(self.max_delay.unwrap_or(MAX_DELAY)).min(A_DAY);
        let drawn = longest.mul_f64(0.5 + jitter / 2.0);
        drawn.max(retry_after.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_service_may_ask_for_a_longer_wait() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.delay(1, None, 0.0), Duration::from_millis(100));
        assert_eq!(
            policy.delay(1, Some(Duration::from_secs(7)), 0.0),
            Duration::from_secs(7)
        );
    }

    proptest! {
        #[test]
        fn waits_grow_within_their_bounds(attempts in 1_u32..100, jitter in 0.0_f64..1.0) {
            let policy = RetryPolicy::default();
            let longest = BASE_DELAY.saturating_mul(1 << (attempts - 1).min(20)).min(MAX_DELAY);
            let delay = policy.delay(attempts, None, jitter);
            prop_assert!(delay >= longest / 2 && delay <= longest);
        }
    }
}
