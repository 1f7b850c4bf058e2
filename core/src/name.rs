//! The name: what can be checked without asking anyone, and what can be mended.
//!
//! The service compares names character by character, and a mismatch is charged. So the check
//! refuses what is surely not written as on the card, and [`normalize`] mends it, when called.

mod characters;
mod composition;
mod equivalents;

use crate::InputProblem;
use crate::normalize::{
    NormalizationChange, NormalizedText, PrivateUse, ascii, code_point, is_invisible, unquote,
};
use characters::{
    is_dot_lookalike, is_full_stop, is_ideograph, is_latin, is_letter, is_mark, look_alike,
    may_hide,
};
use composition::nfc;
use equivalents::{standard, unified};

/// Largest number of characters that the check lets through.
pub const MAX_LENGTH: usize = 64;
/// The dot between the parts of a minority name.
pub const MIDDLE_DOT: char = '\u{b7}';

/// Checks length and characters: Han and Latin letters, the middle dot between letters, and between
/// Latin words a space, hyphen or apostrophe; a full stop ends a Latin word.
///
/// ```
/// use idcard_verification::name;
/// assert!(name::check("爱新觉罗·永琪").is_ok());
/// let problem = name::check("爱新觉罗•永琪").unwrap_err();
/// assert_eq!(problem.to_string(), "character 5 is U+2022, where the registry writes the middle dot U+00B7");
/// ```
///
/// # Errors
/// What can be in no name at all, else the first character that stands in a wrong place. It never quotes the name.
pub fn check(name: &str) -> Result<(), InputProblem> {
    if name.is_empty() {
        return Err(InputProblem::NameEmpty);
    }
    let characters: Vec<char> = name.chars().collect();
    if characters.len() > MAX_LENGTH {
        return Err(InputProblem::NameLength {
            actual: position(characters.len()),
        });
    }
    // What belongs nowhere comes first: it is why a good neighbour seems to stand in a wrong place.
    for rule in [belongs as Rule, stands] {
        for (index, character) in characters.iter().copied().enumerate() {
            let (before, after) = neighbours(&characters, index);
            if !rule(before, character, after) {
                return Err(refused(index, before, character, after));
            }
        }
    }
    if let Some(index) = hidden(&characters) {
        return Err(refused(index, None, characters[index], None));
    }
    if nfc(&characters) != characters {
        return Err(InputProblem::NameNotComposed);
    }
    Ok(())
}

/// A character, with its neighbours.
type Rule = fn(Option<char>, char, Option<char>) -> bool;

/// Whether a character can be in a name at all.
fn belongs(_: Option<char>, character: char, _: Option<char>) -> bool {
    matches!(character, MIDDLE_DOT | ' ' | '-' | '\'' | '\u{2019}' | '.')
        || is_mark(character)
        || (is_letter(character) && unified(character).is_none())
}

/// Whether it can stand where it does.
fn stands(before: Option<char>, character: char, after: Option<char>) -> bool {
    let is = |neighbour: Option<char>, kind: fn(char) -> bool| neighbour.is_some_and(kind);
    match character {
        MIDDLE_DOT => is(before, is_letter) && is(after, is_letter),
        // Between Latin words, of which one may be an initial.
        ' ' => (is(before, is_latin) || before == Some('.')) && is(after, is_latin),
        '-' | '\'' | '\u{2019}' => is(before, is_latin) && is(after, is_latin),
        '.' => is(before, is_latin) && (after.is_none() || after == Some(' ')),
        // The mark repeats a character.
        '\u{3005}' => is(before, is_ideograph),
        mark if is_mark(mark) => is(before, |c| is_latin(c) || is_mark(c)),
        _ => true,
    }
}

/// The place where a name is hidden instead of written: X behind Han characters, or a zero twice.
fn hidden(name: &[char]) -> Option<usize> {
    let letters = name.iter().rposition(|c| !matches!(c, 'x' | 'X'))?;
    let is_hidden = letters + 1 < name.len() && is_ideograph(name[letters]);
    let zeros = name.windows(2).position(|pair| pair == ['\u{3007}'; 2]);
    is_hidden
        .then_some(letters + 1)
        .or(zeros.map(|first| first + 1))
}

fn refused(
    index: usize,
    before: Option<char>,
    character: char,
    after: Option<char>,
) -> InputProblem {
    let here = position(index + 1);
    let is_letter = |neighbour: Option<char>| neighbour.is_some_and(is_letter);
    let beside_han = before.is_some_and(is_ideograph) || after.is_some_and(is_ideograph);
    let between = is_letter(before) && is_letter(after);
    if is_dot_lookalike(character) || (is_full_stop(character) && beside_han && between) {
        return InputProblem::NameDot {
            position: here,
            code_point: code_point(character),
        };
    }
    let latin_stop = (character == '\u{ff0e}' && before.is_some_and(is_latin)).then_some('.');
    let meant = unified(character)
        .or_else(|| ascii(character).filter(|letter| is_latin(*letter)))
        .or(latin_stop)
        .or_else(|| look_alike(before, character, after));
    InputProblem::NameCharacter {
        position: here,
        code_point: code_point(character),
        meant: meant.map(code_point),
    }
}

/// Mends what keyboards and copying do to a name: surrounding and doubled spaces, spaces between the characters of
/// a short Chinese name, invisible characters, full-width forms, characters that look like the middle dot, the
/// hyphen or the apostrophe, radicals and compatibility ideographs, decomposed letters, and the
/// apostrophe, quotation marks or `="…"` of a spreadsheet. Nothing is mended unless the caller calls this,
/// and the result says what was. A private-use character that has a code point of its own today is left,
/// and pointed out.
///
/// ```
/// use idcard_verification::{NormalizationChange, name::normalize};
/// let mended = normalize(" 爱新觉罗•永琪 ");
/// assert_eq!(mended.value, "爱新觉罗·永琪");
/// assert_eq!(mended.changes, [NormalizationChange::MiddleDot, NormalizationChange::SpaceRemoved]);
/// ```
#[must_use]
pub fn normalize(name: &str) -> NormalizedText {
    let mut normalized = NormalizedText::default();
    let narrow: Vec<char> = name
        .chars()
        .filter_map(|c| narrow(c, &mut normalized))
        .collect();
    // Before anything that looks at neighbours, which composing changes.
    let composed = nfc(&narrow);
    if composed != narrow {
        normalized.changed(NormalizationChange::Composed);
    }
    let bare = unquote(&composed, begins_a_name, &mut normalized);
    let spaced = without_extra_spaces(bare, &mut normalized);
    normalized.value = (0..spaced.len())
        .map(|index| mend(&spaced, index, &mut normalized))
        .collect();
    let in_private_use = |(index, character)| {
        standard(character).map(|standard| PrivateUse {
            position: position(index + 1),
            code_point: code_point(character),
            standard: code_point(standard),
        })
    };
    let characters = normalized.value.chars().enumerate();
    normalized.private_use = characters.filter_map(in_private_use).collect();
    normalized
}

/// Whether an apostrophe and a letter begin a name: the `'t` of a Dutch one, or a mark of another alphabet.
const fn begins_a_name(mark: char, next: char) -> bool {
    match mark {
        '\'' => next.is_ascii_lowercase(),
        _ => next.is_ascii_alphabetic(),
    }
}

/// One character mended that needs no look at its neighbours: its width, its code, a dot. Nothing for an
/// invisible one.
fn narrow(character: char, normalized: &mut NormalizedText) -> Option<char> {
    if is_invisible(character) {
        normalized.changed(NormalizationChange::SpaceRemoved);
        return None;
    }
    if let Some(ascii) = ascii(character) {
        normalized.changed(NormalizationChange::FullWidth);
        return Some(ascii);
    }
    if is_dot_lookalike(character) && !may_hide(character) {
        normalized.changed(NormalizationChange::MiddleDot);
        return Some(MIDDLE_DOT);
    }
    if let Some(unified) = unified(character) {
        normalized.changed(NormalizationChange::Unified);
        return Some(unified);
    }
    if character.is_whitespace() && character != ' ' {
        normalized.changed(NormalizationChange::SpaceRemoved);
        return Some(' ');
    }
    Some(character)
}

/// Removes spaces at the ends, beside a dot and between the characters of a short Chinese name, and keeps one of
/// several. A space that may stand for a dot, or between two people, is left to be refused.
fn without_extra_spaces(characters: &[char], normalized: &mut NormalizedText) -> Vec<char> {
    let is_split = is_split_name(characters);
    let mut kept: Vec<char> = Vec::with_capacity(characters.len());
    let is_dot = |c: char| c == MIDDLE_DOT || may_hide(c);
    for (index, character) in characters.iter().copied().enumerate() {
        // Of several spaces the first is looked at, so that many of them take no time.
        let first =
            (character == ' ').then(|| kept.last().copied().filter(|before| *before != ' '));
        let is_extra = match first {
            None => false,
            Some(None) => true,
            Some(Some(before)) => {
                let rest = &characters[index..];
                let next = rest.iter().copied().find(|c| *c != ' ');
                is_split || is_dot(before) || next.is_none_or(is_dot) || beside_stop(&kept, rest)
            }
        };
        if is_extra {
            normalized.changed(NormalizationChange::SpaceRemoved);
        } else {
            kept.push(character);
        }
    }
    kept
}

/// Whether these are the characters of one Chinese name with spaces between: a surname of one or two and a
/// given name of one or two, or each character by itself.
fn is_split_name(characters: &[char]) -> bool {
    let text: String = characters.iter().collect();
    let parts: Vec<usize> = text
        .split_whitespace()
        .map(|part| part.chars().count())
        .collect();
    let total: usize = parts.iter().sum();
    let only_han = characters.iter().all(|c| *c == ' ' || is_ideograph(*c));
    only_han
        && total <= 4
        && parts.first().is_some_and(|first| {
            *first <= 2 && total - first <= 2 || parts.iter().all(|part| *part == 1)
        })
}

/// Whether a space stands beside a full stop between Han characters.
fn beside_stop(before: &[char], rest: &[char]) -> bool {
    let mut rest = rest.iter().copied().filter(|c| *c != ' ');
    let (next, after_next) = (rest.next(), rest.next());
    let (previous, before_previous) = match before {
        [.., second, first] => (Some(*first), Some(*second)),
        [first] => (Some(*first), None),
        [] => (None, None),
    };
    let han = |c: Option<char>| c.is_some_and(is_ideograph);
    let stop = |c: Option<char>| c.is_some_and(is_full_stop);
    (stop(next) && han(previous) && han(after_next))
        || (stop(previous) && han(before_previous) && han(next))
}

/// One character, with a look-alike replaced.
fn mend(all: &[char], index: usize, normalized: &mut NormalizedText) -> char {
    let character = all[index];
    let (before, after) = neighbours(all, index);
    let between_han = before.is_some_and(is_ideograph) && after.is_some_and(is_ideograph);
    let is_dot = is_full_stop(character) || (may_hide(character) && between_parts(all, index));
    if is_dot && between_han {
        normalized.changed(NormalizationChange::MiddleDot);
        return MIDDLE_DOT;
    }
    if character == '\u{ff0e}' && before.is_some_and(is_latin) {
        normalized.changed(NormalizationChange::FullWidth);
        return '.';
    }
    look_alike(before, character, after).map_or(character, |meant| {
        normalized.changed(NormalizationChange::LookAlike);
        meant
    })
}

/// Whether at least two Han characters stand on each side.
fn between_parts(all: &[char], index: usize) -> bool {
    let (before, after) = (&all[..index], &all[index + 1..]);
    let han = |c: &char| is_ideograph(*c);
    before.iter().rev().take_while(|c| han(c)).count() > 1
        && after.iter().take_while(|c| han(c)).count() > 1
}

/// The characters before and after one.
fn neighbours(all: &[char], index: usize) -> (Option<char>, Option<char>) {
    let before = index.checked_sub(1).map(|index| all[index]);
    (before, all.get(index + 1).copied())
}

fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_pass() {
        for name in [
            "林小满",
            "爱新觉罗·永琪",
            "迪丽热巴·迪力木拉提",
            "Liu Yang",
            "Wei Xiaobao",
            "Jean-Luc O'Neill",
            "John A. Smith",
            "𠮷田太郎",
            "㛃𡘙",
            "José",
            "林",
            "林〇",
            "佐々木",
            "奈·林·满·永·琪",
            "\u{e863}小满",
            "林\u{3134a}",
            "林\u{2ebf0}",
            "Nguy\u{1ec5}n",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        let character = |position, code_point: &str| InputProblem::NameCharacter {
            position,
            code_point: code_point.into(),
            meant: None,
        };
        let meant = |position, code_point: &str, meant: &str| InputProblem::NameCharacter {
            position,
            code_point: code_point.into(),
            meant: Some(meant.into()),
        };
        for (name, problem) in [
            ("", InputProblem::NameEmpty),
            (" 林小满", character(1, "U+0020")),
            ("林小满\n", character(4, "U+000A")),
            ("林小满1", character(4, "U+0031")),
            ("林小满😀", character(4, "U+1F600")),
            ("Ｌiu", meant(1, "U+FF2C", "U+004C")),
            // What is meant: a radical, a compatibility ideograph, a circle, a dash, an accent.
            ("林\u{2f45}满", meant(2, "U+2F45", "U+65B9")),
            ("\u{2ecb}小满", meant(1, "U+2ECB", "U+8F66")),
            ("\u{f9f4}小满", meant(1, "U+F9F4", "U+6797")),
            // A circle stands for a character that somebody hid.
            ("林○", character(2, "U+25CB")),
            ("Jean\u{2013}Luc", meant(5, "U+2013", "U+002D")),
            ("O\u{b4}Neill", meant(2, "U+00B4", "U+0027")),
            ("·永琪", character(1, "U+00B7")),
            ("永琪·", character(3, "U+00B7")),
            ("爱新觉罗··永琪", character(5, "U+00B7")),
            ("林 小满", character(2, "U+0020")),
            ("林-小满", character(2, "U+002D")),
            ("Liu 林", character(4, "U+0020")),
            ("Liu  Yang", character(4, "U+0020")),
            ("Jean--Luc", character(5, "U+002D")),
            ("O\u{2019}", character(2, "U+2019")),
            ("A.B", character(2, "U+002E")),
            // A mark of nothing, and one of a Han character.
            ("\u{301}Jose", character(1, "U+0301")),
            ("林\u{301}", character(2, "U+0301")),
            // Nothing that is not seen: joiner, variation selector, filler, direction, soft hyphen.
            ("林\u{200d}满", character(2, "U+200D")),
            ("林\u{e0100}", character(2, "U+E0100")),
            ("林\u{fe0f}", character(2, "U+FE0F")),
            ("林\u{3164}", character(2, "U+3164")),
            ("\u{202e}林", character(1, "U+202E")),
            ("Li\u{34f}u", character(3, "U+034F")),
            ("Li\u{ad}u", character(3, "U+00AD")),
            // Letters, of other scripts.
            ("あきら", character(1, "U+3042")),
            ("김민수", character(1, "U+AE40")),
            ("Иван", character(1, "U+0418")),
            ("ئادىل", character(1, "U+0626")),
            ("བཀྲ", character(1, "U+0F56")),
            ("林ᄀ", character(2, "U+1100")),
            ("A×B", character(2, "U+00D7")),
            (
                "爱新觉罗・永琪",
                InputProblem::NameDot {
                    position: 5,
                    code_point: "U+30FB".into(),
                },
            ),
            (
                "爱新觉罗.永琪",
                InputProblem::NameDot {
                    position: 5,
                    code_point: "U+002E".into(),
                },
            ),
            ("Jose\u{301}", InputProblem::NameNotComposed),
        ] {
            assert_eq!(check(name), Err(problem), "{name:?}");
        }
        assert_eq!(
            check(&"林".repeat(65)),
            Err(InputProblem::NameLength { actual: 65 })
        );
    }

    #[test]
    fn every_dot_is_mended() {
        for dot in [
            '。', '\u{ff61}', '\u{2022}', '\u{30fb}', '\u{ff0e}', '\u{2027}', '\u{387}',
            '\u{318d}', '\u{119e}', '\u{a78f}', '\u{16eb}', '\u{2219}', '.',
        ] {
            let mended = normalize(&format!("爱新觉罗{dot}永琪"));
            assert_eq!(mended.value, "爱新觉罗·永琪", "{dot:?}");
            assert_eq!(mended.changes, [NormalizationChange::MiddleDot], "{dot:?}");
        }
    }

    #[test]
    fn spaces_widths_and_composition_are_mended() {
        for (given, value, changes) in [
            (
                "林 小　满",
                "林小满",
                vec![NormalizationChange::SpaceRemoved],
            ),
            (
                "  Liu   Yang ",
                "Liu Yang",
                vec![NormalizationChange::SpaceRemoved],
            ),
            (
                "Ｌｉｕ Ｙａｎｇ",
                "Liu Yang",
                vec![NormalizationChange::FullWidth],
            ),
            ("Jose\u{301}", "José", vec![NormalizationChange::Composed]),
            // What is composed first, is mended like any other.
            (
                "Jose\u{301}\u{2013}Luc",
                "José-Luc",
                vec![
                    NormalizationChange::Composed,
                    NormalizationChange::LookAlike,
                ],
            ),
            (
                "O\u{1ffd}Neill",
                "O'Neill",
                vec![
                    NormalizationChange::Composed,
                    NormalizationChange::LookAlike,
                ],
            ),
            (
                "林\u{200b}小满",
                "林小满",
                vec![NormalizationChange::SpaceRemoved],
            ),
            ("John A. Smith", "John A. Smith", vec![]),
            (
                "林\u{2f45}\u{2ed3}",
                "林方长",
                vec![NormalizationChange::Unified],
            ),
            ("\u{f9f4}满", "林满", vec![NormalizationChange::Unified]),
            ("林○", "林○", vec![]),
            (
                "Jean\u{2011}Luc O\u{2018}Neill",
                "Jean-Luc O'Neill",
                vec![NormalizationChange::LookAlike],
            ),
            (
                "阿布都。热合曼",
                "阿布都·热合曼",
                vec![NormalizationChange::MiddleDot],
            ),
            (
                "\u{e863} . 满",
                "\u{e863}·满",
                vec![
                    NormalizationChange::SpaceRemoved,
                    NormalizationChange::MiddleDot,
                ],
            ),
            (
                "'林小满\t",
                "林小满",
                vec![
                    NormalizationChange::SpaceRemoved,
                    NormalizationChange::Unquoted,
                ],
            ),
            ("=\"林小满\"", "林小满", vec![NormalizationChange::Unquoted]),
            ("“林小满”", "林小满", vec![NormalizationChange::Unquoted]),
            ("林\u{2013}满", "林\u{2013}满", vec![]),
            ("𠮷田", "𠮷田", vec![]),
        ] {
            let mended = normalize(given);
            assert_eq!(mended.value, value, "{given:?}");
            assert_eq!(mended.changes, changes, "{given:?}");
        }
    }

    /// What may be two people, a dot that is missing, or a name that somebody hid, is left to be refused.
    #[test]
    fn what_is_ambiguous_is_left() {
        for (given, value) in [
            ("欧阳 小满", "欧阳小满"),
            ("欧 阳 小 满", "欧阳小满"),
            ("林 小满", "林小满"),
            ("林 满", "林满"),
            ("阿布都 热合曼", "阿布都 热合曼"),
            ("林小满\n林大满", "林小满 林大满"),
            ("林小满 女", "林小满 女"),
            ("林小满 Lin Xiaoman", "林小满 Lin Xiaoman"),
            ("阿布都●热合曼", "阿布都·热合曼"),
            ("林●满", "林●满"),
            ("Ｊｏｈｎ　Ａ．　Ｓｍｉｔｈ", "John A. Smith"),
            ("'t Hooft", "'t Hooft"),
            ("'Liu Yang", "Liu Yang"),
            ("\u{2018}Ali", "\u{2018}Ali"),
        ] {
            assert_eq!(normalize(given).value, value, "{given:?}");
        }
    }

    #[test]
    fn private_use_with_a_standard_code_is_pointed_out_and_left() {
        let left = normalize("林\u{e863}\u{e000} ");
        assert_eq!(left.value, "林\u{e863}\u{e000}");
        assert_eq!(left.changes, [NormalizationChange::SpaceRemoved]);
        let pointed_out = PrivateUse {
            position: 2,
            code_point: "U+E863".into(),
            standard: "U+4DAE".into(),
        };
        assert_eq!(left.private_use, [pointed_out]);
        assert_eq!(check(&left.value), Ok(()));
    }

    #[test]
    fn debug_shows_no_name() {
        assert_eq!(
            format!("{:?}", normalize("林小满 ")),
            "NormalizedText { value: [redacted], changes: [SpaceRemoved], private_use: [] }"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = check(&text);
        }

        #[test]
        fn nothing_invisible_passes(name in "[林满A-C]{0,4}", invisible in "\\p{DI}", rest in "[林满A-C]{0,4}") {
            let with = format!("{name}{invisible}{rest}");
            prop_assert!(check(&with).is_err());
            prop_assert_eq!(normalize(&with).value, format!("{name}{rest}"));
        }

        #[test]
        fn separators_stand_between_letters(name in "[林A]{0,3}", separator in "[-·. '\u{2019}]{2}", rest in "[林A]{0,3}") {
            let initial = separator == ". " && name.ends_with('A') && rest.starts_with('A');
            prop_assert_eq!(check(&format!("{name}{separator}{rest}")).is_ok(), initial);
        }

        #[test]
        fn only_han_and_latin_letters_pass(letter in "\\PC") {
            if check(&letter).is_ok() {
                let letters = regex::Regex::new(r"^[\p{Han}\p{Latin}\p{Co}\u{20000}-\u{3FFFD}]$").expect("a pattern");
                prop_assert!(letters.is_match(&letter), "{:x}", u32::from(letter.chars().next().unwrap_or_default()));
            }
        }

        #[test]
        fn what_passes_needs_no_mending(name in "[林満〇々A-Ca-cé· .'-]{1,8}") {
            if check(&name).is_ok() {
                prop_assert_eq!(normalize(&name).changes, []);
            }
        }

        #[test]
        fn normalizing_twice_changes_nothing(text in "[\\PC \u{3000}\u{2022}.]{0,20}|[林A\u{e9}e\u{301}\u{1ffd}\u{b4}\u{2013}\u{387}.。'\"=○ \u{e863}]{0,12}") {
            let once = normalize(&text);
            let twice = normalize(&once.value);
            prop_assert_eq!(&twice.value, &once.value);
            prop_assert!(twice.changes.is_empty(), "{:?}", twice.changes);
        }

        #[test]
        fn unchanged_means_the_same_text(text in "\\PC{0,20}") {
            let normalized = normalize(&text);
            prop_assert_eq!(normalized.changes.is_empty(), normalized.value == text);
        }
    }
}
