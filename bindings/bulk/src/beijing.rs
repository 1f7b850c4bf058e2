//! Days in Beijing, by which the service counts somebody's attempts. Beijing has no summer time, and the time zone of this
//! machine does not matter.

/// Milliseconds of a day.
const DAY: u64 = 24 * 3_600 * 1_000;
/// How far Beijing is ahead of Greenwich, in milliseconds.
const AHEAD: u64 = 8 * 3_600 * 1_000;

/// Which day a Unix time in milliseconds is of.
pub(crate) const fn day(time: u64) -> u64 {
    (time + AHEAD) / DAY
}

/// When the day of a Unix time in milliseconds ends, in the same unit.
pub(crate) const fn midnight_after(time: u64) -> u64 {
    (day(time) + 1) * DAY - AHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_16_in_greenwich() {
        // 2027-01-15 16:00:00 in Beijing.
        const AFTERNOON: u64 = 1_800_000_000_000;
        let midnight = midnight_after(AFTERNOON);
        assert_eq!(midnight, AFTERNOON + 8 * 3_600 * 1_000);
        assert_eq!(day(midnight - 1), day(AFTERNOON));
        assert_eq!(day(midnight), day(AFTERNOON) + 1);
        assert_eq!(midnight_after(midnight), midnight + DAY);
    }
}
