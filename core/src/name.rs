//! The name: what can be checked without asking anyone, and what can be mended.
//!
//! The service compares names character by character, and a mismatch is charged. So the check
//! refuses what is surely not written as on the card, and [`normalize`] mends it, when called.

use crate::InputProblem;
use crate::normalize::{Change, Normalized, is_invisible};
use unicode_normalization::{UnicodeNormalization, is_nfc};

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
/// The first thing that is wrong, by position; it never quotes the name.
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
    for (index, character) in characters.iter().copied().enumerate() {
        check_character(&characters, index, character)?;
    }
    if !is_nfc(name) {
        return Err(InputProblem::NameNotComposed);
    }
    Ok(())
}

fn check_character(all: &[char], index: usize, character: char) -> Result<(), InputProblem> {
    let here = position(index + 1);
    let code_point = || format!("U+{:04X}", u32::from(character));
    let before = index.checked_sub(1).map(|index| all[index]);
    let after = all.get(index + 1).copied();
    let is = |neighbour: Option<char>, kind: fn(char) -> bool| neighbour.is_some_and(kind);
    let next_to_han = is(before, is_han) || is(after, is_han);
    if is_dot_lookalike(character) || (character == '.' && next_to_han) {
        return Err(InputProblem::NameDot {
            position: here,
            code_point: code_point(),
        });
    }
    let allowed = match character {
        MIDDLE_DOT => is(before, is_letter) && is(after, is_letter),
        // Between Latin words, of which one may be an initial.
        ' ' => (is(before, is_latin) || before == Some('.')) && is(after, is_latin),
        '-' | '\'' | '\u{2019}' => is(before, is_latin) && is(after, is_latin),
        '.' => is(before, is_latin) && (after.is_none() || after == Some(' ')),
        mark if is_mark(mark) => is(before, |c| is_latin(c) || is_mark(c)),
        letter => is_letter(letter),
    };
    if allowed {
        Ok(())
    } else {
        Err(InputProblem::NameCharacter {
            position: here,
            code_point: code_point(),
        })
    }
}

/// Mends what keyboards and copying do to a name: surrounding and doubled spaces, spaces inside
/// a Chinese name, full-width forms, dots that look like the middle dot, decomposed characters.
/// Nothing is mended unless the caller calls this, and the result says what was.
///
/// ```
/// use idcard_verification::{Change, name::normalize};
/// let mended = normalize(" 爱新觉罗•永琪 ");
/// assert_eq!(mended.value, "爱新觉罗·永琪");
/// assert_eq!(mended.changes, [Change::SpaceRemoved, Change::MiddleDot]);
/// ```
#[must_use]
pub fn normalize(name: &str) -> Normalized {
    let mut normalized = Normalized::default();
    let narrow: Vec<char> = name
        .chars()
        .filter_map(|c| narrow(c, &mut normalized))
        .collect();
    let spaced = without_extra_spaces(&narrow, &mut normalized);
    let dotted: String = spaced
        .iter()
        .enumerate()
        .map(|(index, c)| {
            let between_han = *c == '.'
                && index > 0
                && is_han(spaced[index - 1])
                && spaced.get(index + 1).is_some_and(|next| is_han(*next));
            if is_dot_lookalike(*c) || between_han {
                normalized.changed(Change::MiddleDot);
                MIDDLE_DOT
            } else {
                *c
            }
        })
        .collect();
    normalized.value = if is_nfc(&dotted) {
        dotted
    } else {
        normalized.changed(Change::Composed);
        dotted.nfc().collect()
    };
    normalized
}

/// One character with its width mended; nothing for an invisible one.
fn narrow(character: char, normalized: &mut Normalized) -> Option<char> {
    match character {
        c if is_invisible(c) => {
            normalized.changed(Change::SpaceRemoved);
            None
        }
        // U+FF0E is the full-width full stop; between Han characters it stands for the dot.
        '\u{ff01}'..='\u{ff5e}' if character != '\u{ff0e}' => {
            normalized.changed(Change::FullWidth);
            char::from_u32(u32::from(character) - 0xfee0)
        }
        ' ' => Some(' '),
        c if c.is_whitespace() => {
            normalized.changed(Change::SpaceRemoved);
            Some(' ')
        }
        c => Some(c),
    }
}

/// Keeps a single space between two words of another script than Han.
fn without_extra_spaces(characters: &[char], normalized: &mut Normalized) -> Vec<char> {
    let mut kept: Vec<char> = Vec::with_capacity(characters.len());
    for (index, character) in characters.iter().copied().enumerate() {
        let next = characters[index + 1..].iter().copied().find(|c| *c != ' ');
        let previous = kept.last().copied();
        let joins = |c: char| is_han(c) || c == MIDDLE_DOT || is_dot_lookalike(c);
        let separates = matches!((previous, next), (Some(before), Some(after))
            if before != ' ' && !joins(before) && !joins(after));
        if character == ' ' && !separates {
            normalized.changed(Change::SpaceRemoved);
        } else {
            kept.push(character);
        }
    }
    kept
}

/// Characters that people type for the middle dot, or that look like it, none of which belongs into a
/// name. To Unicode some of them are letters.
const fn is_dot_lookalike(character: char) -> bool {
    matches!(
        character,
        '\u{387}'
            | '\u{2d9}'
            | '\u{119e}'
            | '\u{1427}'
            | '\u{16eb}'
            | '\u{2022}'
            | '\u{2024}'
            | '\u{2027}'
            | '\u{2218}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{25cf}'
            | '\u{25e6}'
            | '\u{2e30}'
            | '\u{2e31}'
            | '\u{2e33}'
            | '\u{30fb}'
            | '\u{318d}'
            | '\u{a78f}'
            | '\u{fe52}'
            | '\u{ff0e}'
            | '\u{ff65}'
            | '\u{10101}'
    )
}

/// Letters that the registry has in names: Han characters of people of China, and Latin ones of foreigners
/// who live there for good.
const fn is_letter(character: char) -> bool {
    is_han(character) || is_private(character) || is_latin(character)
}

/// Han characters, in the planes that Unicode gives them whatever it has assigned there by now, and the
/// signs for zero and for repetition.
const fn is_han(character: char) -> bool {
    matches!(
        character,
        '\u{3005}' | '\u{3007}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{fad9}'
            | '\u{20000}'..='\u{2fffd}'
            | '\u{30000}'..='\u{3fffd}'
    )
}

/// Private-use characters, by which older systems write rare ones.
const fn is_private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Latin letters.
const fn is_latin(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(character, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
            && !matches!(character, '\u{d7}' | '\u{f7}')
}

/// Marks that are set on Latin letters.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}')
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
        };
        for (name, problem) in [
            ("", InputProblem::NameEmpty),
            (" 林小满", character(1, "U+0020")),
            ("林小满\n", character(4, "U+000A")),
            ("林小满1", character(4, "U+0031")),
            ("林小满😀", character(4, "U+1F600")),
            ("Ｌiu", character(1, "U+FF2C")),
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
            '\u{2022}', '\u{30fb}', '\u{ff0e}', '\u{2027}', '\u{387}', '\u{318d}', '\u{119e}',
            '\u{a78f}', '\u{16eb}', '\u{2219}', '.',
        ] {
            let mended = normalize(&format!("爱新觉罗{dot}永琪"));
            assert_eq!(mended.value, "爱新觉罗·永琪", "{dot:?}");
            assert_eq!(mended.changes, [Change::MiddleDot], "{dot:?}");
        }
    }

    #[test]
    fn spaces_widths_and_composition_are_mended() {
        for (given, value, changes) in [
            ("林 小　满", "林小满", vec![Change::SpaceRemoved]),
            ("  Liu   Yang ", "Liu Yang", vec![Change::SpaceRemoved]),
            ("Ｌｉｕ Ｙａｎｇ", "Liu Yang", vec![Change::FullWidth]),
            ("Jose\u{301}", "José", vec![Change::Composed]),
            ("林\u{200b}小满", "林小满", vec![Change::SpaceRemoved]),
            ("John A. Smith", "John A. Smith", vec![]),
            ("𠮷田", "𠮷田", vec![]),
        ] {
            let mended = normalize(given);
            assert_eq!(mended.value, value, "{given:?}");
            assert_eq!(mended.changes, changes, "{given:?}");
        }
    }

    #[test]
    fn debug_shows_no_name() {
        assert_eq!(
            format!("{:?}", normalize("林小满 ")),
            "Normalized { value: [redacted], changes: [SpaceRemoved] }"
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
        fn normalizing_twice_changes_nothing(text in "[\\PC \u{3000}\u{2022}.]{0,20}") {
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
