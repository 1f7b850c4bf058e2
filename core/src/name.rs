//! The name: what can be checked without asking anyone, and what can be mended.
//!
//! The service compares names character by character, and a mismatch is charged. So the check
//! refuses what is surely not written as on the card, and [`normalize`] mends it, when called.

use crate::InputProblem;
use crate::normalize::{Change, Normalized};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Largest number of characters that the check lets through.
pub const MAX_LENGTH: usize = 64;
/// The dot between the parts of a minority name.
pub const MIDDLE_DOT: char = '\u{b7}';

/// Checks length and characters: letters and marks of any script, the middle dot inside the
/// name, and between Latin words a space, hyphen, apostrophe or full stop.
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
    let at_edge = index == 0 || index + 1 == all.len();
    let next_to_han = || {
        let neighbours = [index.checked_sub(1), Some(index + 1)];
        neighbours
            .into_iter()
            .flatten()
            .filter_map(|i| all.get(i))
            .any(|c| is_han(*c))
    };
    if is_dot_lookalike(character) || (character == '.' && next_to_han()) {
        let code_point = format!("U+{:04X}", u32::from(character));
        return Err(InputProblem::NameDot {
            position: here,
            code_point,
        });
    }
    let allowed = match character {
        MIDDLE_DOT | ' ' | '-' | '\'' | '\u{2019}' => !at_edge,
        '.' => index > 0,
        '\u{ff01}'..='\u{ff5e}' => false,
        c => c.is_alphabetic() || is_mark(c) || is_ideographic_extra(c),
    };
    if allowed {
        Ok(())
    } else {
        Err(InputProblem::NameCharacter { position: here })
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
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {
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

/// Characters that people type for the middle dot, none of which belongs into a name.
const fn is_dot_lookalike(character: char) -> bool {
    matches!(
        character,
        '\u{2022}'
            | '\u{30fb}'
            | '\u{ff0e}'
            | '\u{2027}'
            | '\u{387}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{25cf}'
            | '\u{ff65}'
            | '\u{16eb}'
    )
}

/// Han characters, in the planes that Unicode gives them.
const fn is_han(character: char) -> bool {
    matches!(
        character,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '\u{3007}'
    )
}

/// Han characters that the standard library may not yet know to be letters, and private-use
/// characters by which older systems wrote rare ones.
const fn is_ideographic_extra(character: char) -> bool {
    is_han(character) || matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10fffd}')
}

/// Combining marks of the scripts that names of people in China are written in, and variation
/// selectors of ideographs.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{f71}'..='\u{fbc}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180f}')
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
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        for (name, problem) in [
            ("", InputProblem::NameEmpty),
            (" 林小满", InputProblem::NameCharacter { position: 1 }),
            ("林小满\n", InputProblem::NameCharacter { position: 4 }),
            ("林小满1", InputProblem::NameCharacter { position: 4 }),
            ("林小满😀", InputProblem::NameCharacter { position: 4 }),
            ("Ｌiu", InputProblem::NameCharacter { position: 1 }),
            ("·永琪", InputProblem::NameCharacter { position: 1 }),
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
            '\u{2022}', '\u{30fb}', '\u{ff0e}', '\u{2027}', '\u{387}', '.',
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
