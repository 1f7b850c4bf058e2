//! Calendar dates (proleptic Gregorian, UTC), and midnight in Beijing.

use std::fmt;
use std::time::Duration;

const SECONDS_PER_DAY: u64 = 86_400;
/// Beijing is eight hours ahead, all year round.
const BEIJING_SECONDS: u64 = 8 * 3_600;

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) day: u32,
}

impl Date {
    /// The UTC date of a Unix time.
    ///
    /// Counts in eras of 400 years that begin on 1 March, so that the leap day is an era's last
    /// and a month's start is a linear function of its number.
    pub(crate) fn from_unix(seconds: u64) -> Self {
        let days = seconds / SECONDS_PER_DAY + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        Self {
            year: narrow(year),
            month: narrow(month),
            day: narrow(day),
        }
    }

    /// Whether there is such a day.
    pub(crate) const fn exists(year: u32, month: u32, day: u32) -> bool {
        year >= 1 && day >= 1 && day <= days_in_month(year, month)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

/// Far-off years saturate; the service accepts none of them.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// How long it is until the next day in Beijing, at a Unix time.
pub(crate) fn until_midnight_in_beijing(unix: u64) -> Duration {
    let into_day = (unix + BEIJING_SECONDS) % SECONDS_PER_DAY;
    Duration::from_secs(SECONDS_PER_DAY - into_day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        for (seconds, text) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_551_113_065, "2019-02-25"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(Date::from_unix(seconds).to_string(), text);
        }
    }

    #[test]
    fn the_day_ends_at_midnight_in_beijing() {
        // 2026-11-24 15:59:59 UTC is 23:59:59 in Beijing.
        assert_eq!(
            until_midnight_in_beijing(1_795_535_999),
            Duration::from_secs(1)
        );
        assert_eq!(
            until_midnight_in_beijing(1_795_536_000),
            Duration::from_secs(86_400)
        );
    }

    proptest! {
        /// Walking day by day gives the same dates as the formula.
        #[test]
        fn the_next_day_follows(seconds in 0_u64..20_000_000_000) {
            let today = Date::from_unix(seconds);
            let tomorrow = Date::from_unix(seconds + SECONDS_PER_DAY);
            let expected = if Date::exists(today.year, today.month, today.day + 1) {
                Date { day: today.day + 1, ..today }
            } else if today.month < 12 {
                Date { month: today.month + 1, day: 1, ..today }
            } else {
                Date { year: today.year + 1, month: 1, day: 1 }
            };
            prop_assert_eq!(tomorrow, expected);
        }
    }
}
