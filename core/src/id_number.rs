//! The identity-card number: what can be known of it without asking anyone.
//!
//! A number has 18 characters (GB 11643-1999): six digits of the area, eight of the birth date,
//! three of the sequence (odd for men, even for women) and a check digit, which is ISO 7064
//! MOD 11-2 and so may be an `X`. Numbers of residence permits (area 81, 82 and 83) and of
//! foreigners' permanent residence cards (area 9) have the same form. Numbers of 15 digits, without
//! century and check digit, have been out of use since 2013.

use crate::InputProblem;
use crate::normalize::{
    NormalizationChange, NormalizedText, ascii, code_point, is_invisible, unquote,
};
use crate::time::date::Date;
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
/// refused by it. A test compares it with the change log's newest release.
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
    let (digits, actual) = read(number)?;
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
    if actual != expected && number.ends_with("000") {
        // A spreadsheet keeps 15 digits of a number.
        return Err(InputProblem::DigitsLost);
    }
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

/// The first 17 digits, and the character that should be the check digit.
fn read(number: &str) -> Result<([u32; LENGTH - 1], char), InputProblem> {
    let length = number.chars().count();
    if is_decimal(number) {
        return Err(InputProblem::DigitsLost);
    }
    if length != LENGTH {
        return Err(current_form(number).map_or_else(
            || InputProblem::NumberLength {
                actual: length_for_error(length),
            },
            |number| InputProblem::FifteenDigits { number },
        ));
    }
    let mut digits = [0_u32; LENGTH - 1];
    let mut characters = number.chars();
    for (position, digit) in (1..).zip(&mut digits) {
        let character = characters.next().unwrap_or_default();
        *digit = character
            .to_digit(10)
            .ok_or_else(|| InputProblem::NotADigit {
                position,
                code_point: code_point(character),
                meant: digit_meant(character).map(code_point),
            })?;
    }
    let actual = characters.next().unwrap_or_default();
    if actual == 'x' {
        return Err(InputProblem::LowercaseX);
    }
    if !actual.is_ascii_digit() && actual != 'X' {
        let x = is_x_lookalike(actual).then_some('X');
        return Err(InputProblem::NotACheckDigit {
            code_point: code_point(actual),
            meant: x.or_else(|| digit_meant(actual)).map(code_point),
        });
    }
    Ok((digits, actual))
}

/// Whether it is a number with a point or an exponent, as spreadsheets and programs write those that are
/// too large for them.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_exponent = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    // A whole number with a point behind it has lost nothing.
    let is_whole = exponent.is_none() && fraction == Some("") && whole.len() == LENGTH;
    (exponent.is_some() || fraction.is_some())
        && !is_whole
        && !whole.is_empty()
        && digits(whole)
        && fraction.is_none_or(digits)
        && is_exponent
}

/// The number of 18 digits that follows from one of 15: its holder was born in the 20th century.
fn current_form(number: &str) -> Option<String> {
    if number.len() != 15 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (area, rest) = number.split_at(6);
    let first_17 = format!("{area}19{rest}");
    let born = |range| first_17.get::<std::ops::Range<usize>>(range)?.parse().ok();
    Date::exists(born(6..10)?, born(10..12)?, born(12..14)?)
        .then(|| expected_check_digit(&first_17).map(|digit| format!("{first_17}{digit}")))?
}

/// The digit that was probably meant by another character.
fn digit_meant(character: char) -> Option<char> {
    match character {
        'O' | 'o' => Some('0'),
        'I' | 'l' | '|' => Some('1'),
        wide => ascii(wide).filter(char::is_ascii_digit),
    }
}

/// Characters that people type, or input methods give, for the X: the Roman ten, the sign of multiplication,
/// and letters of Greek and Cyrillic.
const fn is_x_lookalike(character: char) -> bool {
    matches!(
        character,
        '\u{d7}'
            | '\u{3a7}'
            | '\u{3c7}'
            | '\u{425}'
            | '\u{445}'
            | '\u{2169}'
            | '\u{2179}'
            | '\u{2573}'
            | '\u{2715}'
            | '\u{2716}'
            | '\u{2a2f}'
            | '\u{ff38}'
            | '\u{ff58}'
    )
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

/// Mends what people type: spaces, hyphens and invisible characters, full-width forms, a lowercase `x` or a
/// character that looks like an X at the end, and the apostrophe, quotation marks or `="…"` of a spreadsheet.
/// Nothing is mended unless the caller calls this, and the result says what was. A number of 15 digits, and
/// one that was rounded, are left as they are.
///
/// ```
/// let mended = idcard_verification::id_number::normalize("４４０３０５ 19950513 256１");
/// assert_eq!(mended.value, "440305199505132561");
/// assert_eq!(mended.changes.len(), 2);
/// ```
#[must_use]
pub fn normalize(number: &str) -> NormalizedText {
    let mut normalized = NormalizedText::default();
    let narrow: Vec<char> = number
        .chars()
        .filter_map(|c| narrow(c, &mut normalized))
        .collect();
    let bare = unquote(&narrow, |_, _| false, &mut normalized);
    normalized.value = bare.iter().collect();
    if let Some((last, first)) = bare.split_last() {
        let change = match last {
            'x' => NormalizationChange::UppercaseX,
            last if is_x_lookalike(*last) => NormalizationChange::LookAlike,
            _ => return normalized,
        };
        normalized.changed(change);
        normalized.value = first.iter().chain(&['X']).collect();
    }
    normalized
}

/// One character with its width mended; nothing for one that only separates.
fn narrow(character: char, normalized: &mut NormalizedText) -> Option<char> {
    let separates = character.is_whitespace()
        || is_invisible(character)
        || matches!(
            character,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}'
        );
    if separates {
        normalized.changed(NormalizationChange::SpaceRemoved);
        return None;
    }
    let stop = (character == '\u{ff0e}').then_some('.');
    let Some(ascii) = ascii(character).or(stop) else {
        return Some(character);
    };
    normalized.changed(NormalizationChange::FullWidth);
    Some(ascii)
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

    fn not_a_digit(position: u32, code_point: &str, meant: Option<&str>) -> InputProblem {
        InputProblem::NotADigit {
            position,
            code_point: code_point.into(),
            meant: meant.map(str::to_owned),
        }
    }

    fn not_a_check_digit(code_point: &str, meant: Option<&str>) -> InputProblem {
        InputProblem::NotACheckDigit {
            code_point: code_point.into(),
            meant: meant.map(str::to_owned),
        }
    }

    #[test]
    fn each_fault_is_named() {
        for (number, problem) in [
            ("", InputProblem::NumberLength { actual: 0 }),
            ("440305950532256", InputProblem::NumberLength { actual: 15 }),
            ("44030595051325X", InputProblem::NumberLength { actual: 15 }),
            (
                "440305950513256",
                InputProblem::FifteenDigits {
                    number: "440305199505132561".into(),
                },
            ),
            (
                "4403051995051325611",
                InputProblem::NumberLength { actual: 19 },
            ),
            (
                "44030519950513256\u{1f600}",
                not_a_check_digit("U+1F600", None),
            ),
            ("44030519950513256Y", not_a_check_digit("U+0059", None)),
            (
                "44030519950513256Ⅹ",
                not_a_check_digit("U+2169", Some("U+0058")),
            ),
            (
                "44030519950513256I",
                not_a_check_digit("U+0049", Some("U+0031")),
            ),
            (
                "4403O5199505132561",
                not_a_digit(5, "U+004F", Some("U+0030")),
            ),
            (
                "４40305199505132561",
                not_a_digit(1, "U+FF14", Some("U+0034")),
            ),
            ("44030519950513X561", not_a_digit(15, "U+0058", None)),
            ("4.40305199505E+17", InputProblem::DigitsLost),
            ("4.4E17", InputProblem::DigitsLost),
            ("4e+17", InputProblem::DigitsLost),
            ("440305199505132000.0", InputProblem::DigitsLost),
            // 18 characters as well.
            ("4.4030519950513E17", InputProblem::DigitsLost),
            ("440305199505133000", InputProblem::DigitsLost),
            ("44030519950229256X", InputProblem::NoSuchDate),
            ("440305199513132561", InputProblem::NoSuchDate),
            ("440305000005132561", InputProblem::NoSuchDate),
            ("44030519950513256x", InputProblem::LowercaseX),
        ] {
            assert_eq!(check(number), Err(problem), "{number}");
        }
    }

    #[test]
    fn what_people_type_is_mended() {
        use NormalizationChange::{FullWidth, LookAlike, SpaceRemoved, Unquoted, UppercaseX};
        for (given, changes) in [
            ("00100019900101006x", vec![UppercaseX]),
            ("00100019900101006ｘ", vec![FullWidth, UppercaseX]),
            ("00100019900101006Ｘ", vec![FullWidth]),
            ("00100019900101006Ⅹ", vec![LookAlike]),
            ("00100019900101006\u{d7}", vec![LookAlike]),
            ("'00100019900101006X", vec![Unquoted]),
            ("\u{2018}00100019900101006X", vec![Unquoted]),
            ("＇00100019900101006X", vec![FullWidth, Unquoted]),
            ("' 00100019900101006X", vec![SpaceRemoved, Unquoted]),
            ("00100019900101006X\t", vec![SpaceRemoved]),
            ("\"00100019900101006X\"", vec![Unquoted]),
            ("=\"00100019900101006X\"", vec![Unquoted]),
            ("\"=\"\"00100019900101006X\"\"\"", vec![Unquoted]),
            (
                "\u{202d}001000\u{2212}19900101-006X\u{202c}",
                vec![SpaceRemoved],
            ),
        ] {
            let mended = normalize(given);
            assert_eq!(mended.value, "00100019900101006X", "{given:?}");
            assert_eq!(mended.changes, changes, "{given:?}");
        }
        for left in [
            "440305950513256",
            "4.4E+17",
            "4403O519950513256X",
            "=1",
            "X4",
        ] {
            let mended = normalize(left);
            assert_eq!((mended.value.as_str(), mended.changes), (left, vec![]));
        }
    }

    /// A version that goes out with the day of an older one would let more birth dates pass.
    #[test]
    fn the_day_of_this_version_is_no_older_than_the_newest_release() {
        let log = include_str!("../../CHANGELOG.md");
        let released = log.lines().find_map(|line| {
            let date = line
                .strip_prefix("## ")?
                .rsplit_once(' ')?
                .1
                .trim_matches(['(', ')']);
            let mut parts = date.split('-').map(|part| part.parse().ok());
            Some(Date {
                year: parts.next()??,
                month: parts.next()??,
                day: parts.next()??,
            })
        });
        assert!(released.is_none_or(|released| released <= Date::from_unix(RELEASED)));
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
        fn normalizing_twice_changes_nothing(text in "\\PC{0,30}|['\"= xXⅩ×0\u{2018}\u{2019}.-]{0,8}") {
            let once = normalize(&text);
            let twice = normalize(&once.value);
            prop_assert_eq!(&twice.value, &once.value);
            prop_assert!(twice.changes.is_empty());
        }
    }
}
