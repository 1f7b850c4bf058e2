//! The identity-card number: what can be known of it without asking anyone.
//!
//! A number has 18 characters (GB 11643-1999): six digits of the area, eight of the birth date,
//! three of the sequence (odd for men, even for women) and a check digit, which is ISO 7064
//! MOD 11-2 and so may be an `X`. Numbers of residence permits (area 81, 82 and 83) and of
//! foreigners' permanent residence cards (area 9) have the same form. Numbers of 15 digits have
//! been out of use since 2013.

use crate::InputProblem;
use crate::civil::Date;
use crate::normalize::{Change, Normalized, is_invisible};
use std::time::{SystemTime, UNIX_EPOCH};

/// Number of characters.
pub const LENGTH: usize = 18;
/// Weights of the first 17 digits.
const WEIGHTS: [u32; LENGTH - 1] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check digit by the weighted sum modulo 11.
const CHECK_DIGITS: [u8; 11] = *b"10X98765432";

/// Nobody alive was born earlier: the longest life on record, Jeanne Calment's (1875 to 1997), took 122
/// years, and it is 2026.
const EARLIEST_YEAR: u32 = 1900;
/// The day of this version, as Unix time: a clock that shows an earlier one is wrong, and no birth date is
/// refused by it.
const RELEASED: u64 = 1_795_651_200;
/// How much later than the clock the day may be where the number was given out.
const GRACE: u64 = 24 * 3_600;

/// Checks length, digits, birth date and check digit, in this order, and then whether anybody alive can
/// have that birth date: not before 1900, and not after today, by the clock of this machine and with a day
/// of grace. A call of the client asks the service's clock once it knows it.
///
/// ```
/// use idcard_verification::{InputProblem, id_number};
/// assert_eq!(id_number::check("440305199505132561"), Ok(()));
/// let problem = id_number::check("11204416541220243X").unwrap_err();
/// assert_eq!(problem.to_string(), "check digit is X, expected 4");
/// ```
///
/// # Errors
/// The first thing that is wrong. It never quotes the number, except for the check digit.
pub fn check(number: &str) -> Result<(), InputProblem> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    check_at(number, now.map_or(0, |now| now.as_secs()))
}

/// The same at a Unix time.
pub(crate) fn check_at(number: &str, now: u64) -> Result<(), InputProblem> {
    let length = number.chars().count();
    if length != LENGTH {
        return Err(InputProblem::NumberLength {
            actual: length_for_error(length),
        });
    }
    let mut digits = [0_u32; LENGTH - 1];
    let mut characters = number.chars();
    for (position, digit) in (1..).zip(&mut digits) {
        let character = characters.next().and_then(|c| c.to_digit(10));
        *digit = character.ok_or(InputProblem::NotADigit { position })?;
    }
    let actual = characters.next().unwrap_or_default();
    if actual == 'x' {
        return Err(InputProblem::LowercaseX);
    }
    if !actual.is_ascii_digit() && actual != 'X' {
        return Err(InputProblem::NotACheckDigit);
    }
    let value = |range: std::ops::Range<usize>| digits[range].iter().fold(0, |sum, d| sum * 10 + d);
    let born = Date {
        year: value(6..10),
        month: value(10..12),
        day: value(12..14),
    };
    if !Date::exists(born.year, born.month, born.day) {
        return Err(InputProblem::NoSuchDate);
    }
    let expected = check_digit(&digits);
    if actual != expected {
        return Err(InputProblem::CheckDigit {
            actual: actual.to_string(),
            expected: expected.to_string(),
        });
    }
    if born.year < EARLIEST_YEAR {
        return Err(InputProblem::DateTooEarly);
    }
    if now >= RELEASED && born > Date::from_unix(now.saturating_add(GRACE)) {
        return Err(InputProblem::DateInFuture);
    }
    Ok(())
}

/// The check digit of 17 digits, or nothing if they are not 17 ASCII digits.
///
/// ```
/// assert_eq!(idcard_verification::id_number::expected_check_digit("11204416541220243"), Some('4'));
/// ```
#[must_use]
pub fn expected_check_digit(first_17: &str) -> Option<char> {
    let digits: Option<Vec<u32>> = first_17.chars().map(|c| c.to_digit(10)).collect();
    let digits: [u32; LENGTH - 1] = digits?.try_into().ok()?;
    Some(check_digit(&digits))
}

fn check_digit(digits: &[u32; LENGTH - 1]) -> char {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    char::from(CHECK_DIGITS[(sum % 11) as usize])
}

/// Mends what people type: spaces and hyphens, full-width digits, a lowercase `x`. Nothing is
/// mended unless the caller calls this, and the result says what was.
///
/// ```
/// let mended = idcard_verification::id_number::normalize("４４０３０５ 19950513 256１");
/// assert_eq!(mended.value, "440305199505132561");
/// assert_eq!(mended.changes.len(), 2);
/// ```
#[must_use]
pub fn normalize(number: &str) -> Normalized {
    let mut normalized = Normalized::default();
    for character in number.chars() {
        match character {
            c if c.is_whitespace()
                || is_invisible(c)
                || matches!(c, '-' | '\u{2010}'..='\u{2015}') =>
            {
                normalized.changed(Change::SpaceRemoved);
            }
            '\u{ff10}'..='\u{ff19}' | 'Ｘ' | 'ｘ' => {
                normalized.changed(Change::FullWidth);
                let narrow = char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character);
                if narrow == 'x' {
                    normalized.changed(Change::UppercaseX);
                }
                normalized.value.push(narrow.to_ascii_uppercase());
            }
            'x' => {
                normalized.changed(Change::UppercaseX);
                normalized.value.push('X');
            }
            other => normalized.value.push(other),
        }
    }
    normalized
}

fn length_for_error(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// ISO 7064 MOD 11-2 as its own recurrence, which shares no table with the code above: a
    /// number is right when all its characters, weighted with falling powers of two, sum to 1.
    fn right_by_iso_7064(number: &str) -> bool {
        let sum = number.chars().fold(0, |sum: u32, c| {
            (sum * 2
                + if c == 'X' {
                    10
                } else {
                    c.to_digit(10).expect("a digit")
                })
                % 11
        });
        sum == 1
    }

    #[test]
    fn documented_examples() {
        assert_eq!(check("440305199505132561"), Ok(()));
        let expected = InputProblem::CheckDigit {
            actual: "X".into(),
            expected: "4".into(),
        };
        assert_eq!(check("11204416541220243X"), Err(expected));
    }

    #[test]
    fn each_fault_is_named() {
        for (number, problem) in [
            ("", InputProblem::NumberLength { actual: 0 }),
            ("440305950513256", InputProblem::NumberLength { actual: 15 }),
            (
                "4403051995051325611",
                InputProblem::NumberLength { actual: 19 },
            ),
            ("44030519950513256\u{1f600}", InputProblem::NotACheckDigit),
            (
                "4403O5199505132561",
                InputProblem::NotADigit { position: 5 },
            ),
            (
                "４40305199505132561",
                InputProblem::NotADigit { position: 1 },
            ),
            ("44030519950229256X", InputProblem::NoSuchDate),
            ("440305199513132561", InputProblem::NoSuchDate),
            ("440305000005132561", InputProblem::NoSuchDate),
            ("44030519950513256x", InputProblem::LowercaseX),
            ("44030519950513256Y", InputProblem::NotACheckDigit),
        ] {
            assert_eq!(check(number), Err(problem), "{number}");
        }
    }

    #[test]
    fn birth_dates_have_bounds() {
        let born = |date: &str| {
            let first = format!("001000{date}001");
            let digit = expected_check_digit(&first).expect("17 digits");
            format!("{first}{digit}")
        };
        assert_eq!(check(&born("18991231")), Err(InputProblem::DateTooEarly));
        assert_eq!(check(&born("19000101")), Ok(()));
        assert_eq!(check(&born("29990101")), Err(InputProblem::DateInFuture));

        // 2027-03-01 at 00:00 and at 23:59:59: the next day may have begun elsewhere, the day after not.
        for now in [1_803_859_200, 1_803_859_200 + GRACE - 1] {
            assert_eq!(check_at(&born("20270302"), now), Ok(()));
            let later = check_at(&born("20270303"), now);
            assert_eq!(later, Err(InputProblem::DateInFuture));
        }
        // A clock that stands before this version refuses nobody, nor does one at the end of time.
        for now in [0, RELEASED - 1] {
            assert_eq!(check_at(&born("20991231"), now), Ok(()));
        }
        assert_eq!(check_at(&born("20991231"), u64::MAX), Ok(()));
    }

    #[test]
    fn residence_cards_pass() {
        for first in [
            "81000019900101001",
            "82000019900101001",
            "83000019900101001",
            "93100019900101001",
        ] {
            let number = format!("{first}{}", expected_check_digit(first).expect("17 digits"));
            assert_eq!(check(&number), Ok(()));
        }
    }

    proptest! {
        #[test]
        fn agrees_with_iso_7064(area in 0_u32..1_000_000, year in 1900_u32..2026, month in 1_u32..=12, day in 1_u32..=28, sequence in 0_u32..1000, last in "[0-9X]") {
            let number = format!("{area:06}{year:04}{month:02}{day:02}{sequence:03}{last}");
            prop_assert_eq!(check(&number).is_ok(), right_by_iso_7064(&number));
            let first_17 = &number[..17];
            let expected = expected_check_digit(first_17).expect("17 digits");
            let expected = format!("{first_17}{expected}");
            prop_assert!(right_by_iso_7064(&expected));
        }

        #[test]
        fn a_single_wrong_digit_is_found(sequence in 0_u32..1000, position in 0_usize..6, shift in 1_u8..10) {
            let first_17 = format!("44030519950513{sequence:03}");
            let right = format!("{first_17}{}", expected_check_digit(&first_17).expect("17 digits"));
            let mut wrong = right.clone().into_bytes();
            wrong[position] = b'0' + (wrong[position] - b'0' + shift) % 10;
            prop_assert!(check(&String::from_utf8(wrong).expect("ASCII")).is_err());
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = check(&text);
            let _ = check(&normalize(&text).value);
        }

        #[test]
        fn normalizing_twice_changes_nothing(text in "\\PC{0,30}") {
            let once = normalize(&text);
            let twice = normalize(&once.value);
            prop_assert_eq!(&twice.value, &once.value);
            prop_assert!(twice.changes.is_empty());
        }
    }
}
