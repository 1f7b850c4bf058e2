//! Money, numbers and times as people and machines read them.

use std::fmt::Write as _;
use std::str::FromStr;

/// Most digits behind the point of a price.
const MOST_DIGITS: usize = 9;

/// The price of a charge in whatever currency: exact, as money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Price {
    /// In units of the last digit.
    units: u64,
    digits: usize,
}

impl FromStr for Price {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let no = || {
            "a price is a decimal number such as 0.55, with at most 9 digits on each side"
                .to_owned()
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_room = whole.len() <= MOST_DIGITS && part.len() <= MOST_DIGITS;
        if !is_number(whole)
            || !is_number(part)
            || !has_room
            || whole.is_empty()
            || text.ends_with('.')
        {
            return Err(no());
        }
        let units = format!("{whole}{part}").parse().map_err(|_| no())?;
        Ok(Self {
            units,
            digits: part.len(),
        })
    }
}

impl Price {
    /// What so many charges cost.
    pub(crate) fn of(self, charges: u64) -> String {
        let units = u128::from(self.units) * u128::from(charges);
        let text = format!("{units:0width$}", width = self.digits + 1);
        let (whole, part) = text.split_at(text.len() - self.digits);
        if part.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{part}")
        }
    }

    /// The same for people.
    pub(crate) fn shown(self, charges: u64) -> String {
        let cost = self.of(charges);
        let (whole, part) = cost.split_once('.').unwrap_or((&cost, ""));
        let point = if part.is_empty() { "" } else { "." };
        format!("{}{point}{part}", grouped(whole))
    }

    /// As it was given.
    pub(crate) fn as_given(self) -> String {
        self.of(1)
    }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number for people.
pub(crate) fn number(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number of something, which gets an s if they are not one.
pub(crate) fn counted(count: u64, one: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {one}{s}", number(count))
}

/// A span of time in its largest two units.
pub(crate) fn span(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit);
    let first = first.unwrap_or(units.len() - 1);
    let (unit, name) = units[first];
    let mut text = format!("{} {name}", seconds / unit);
    if let Some((smaller, name)) = units.get(first + 1)
        && seconds % unit / smaller > 0
    {
        let _ = write!(text, " {} {name}", seconds % unit / smaller);
    }
    text
}

/// How far Beijing is ahead of Greenwich, in seconds. It has no summer time.
const BEIJING: u64 = 8 * 3_600;

/// A time in Beijing, of Unix time in seconds.
pub(crate) fn in_beijing(unix: u64) -> String {
    let (date, time) = civil(unix + BEIJING);
    format!("{date} {time} in Beijing")
}

/// A time as RFC 3339 has it, in UTC, of Unix time in milliseconds.
pub(crate) fn rfc3339(unix_ms: u64) -> String {
    let (date, time) = civil(unix_ms / 1_000);
    format!("{date}T{time}Z")
}

/// Date and time of a second, by the calendar since 1970.
fn civil(unix: u64) -> (String, String) {
    let (days, seconds) = (unix / 86_400, unix % 86_400);
    // Years that begin in March have their odd day at the end; 719,468 days before 1970 one of 400 began.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + next;
    (
        format!("{year:04}-{month:02}-{date:02}"),
        format!(
            "{:02}:{:02}:{:02}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact() {
        let price = |text: &str| text.parse::<Price>().expect("a price");
        assert_eq!(price("0.55").of(1_000_001), "550000.55");
        assert_eq!(price("0.55").shown(1_000_001), "550,000.55");
        assert_eq!(price("0.1").of(3), "0.3");
        assert_eq!(price("1").of(7), "7");
        assert_eq!(price("0.000000001").of(1), "0.000000001");
        assert_eq!(
            price("999999999.999999999").of(u64::MAX),
            "18446744073709551596553255926.290448385"
        );
        for wrong in [
            "",
            ".5",
            "5.",
            "-1",
            "+1",
            "1e3",
            "1,5",
            "1.1234567890",
            "¥1",
        ] {
            assert!(wrong.parse::<Price>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_of_the_calendar() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_735_689_599_999), "2024-12-31T23:59:59Z");
        assert_eq!(in_beijing(1_735_660_800), "2025-01-01 00:00:00 in Beijing");
        assert_eq!(span(0), "0 s");
        assert_eq!(span(3_700), "1 h 1 min");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(1_234, "row"), "1,234 rows");
    }
}
