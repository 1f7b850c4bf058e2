//! Unicode's canonical composition (NFC) of Latin letters and the marks on them. The letters of other
//! scripts are in no name, and the tables of all scripts would be an eighth of a phone's library. The
//! tables are made from those of `unicode-normalization`, with which the tests compare.

include!(concat!(env!("OUT_DIR"), "/composition.rs"));

/// A text in NFC. What is neither a Latin letter nor a mark is left as it is.
pub(super) fn nfc(text: &[char]) -> Vec<char> {
    let mut parts = Vec::with_capacity(text.len());
    for character in text {
        decompose(*character, &mut parts);
    }
    order(&mut parts);
    compose(&parts)
}

/// The unified ideograph that Unicode maps a compatibility ideograph to.
pub(super) fn compatibility(character: char) -> Option<char> {
    let (table, first): (&[char], char) = match character {
        '\u{f900}'..='\u{fad9}' => (&COMPATIBILITY, '\u{f900}'),
        '\u{2f800}'..='\u{2fa1d}' => (&COMPATIBILITY_SUPPLEMENT, '\u{2f800}'),
        _ => return None,
    };
    let index = u32::from(character) - u32::from(first);
    table
        .get(index as usize)
        .copied()
        .filter(|unified| *unified != character)
}

fn decompose(character: char, parts: &mut Vec<char>) {
    let found = narrow(character).and_then(|code| {
        PAIRS
            .binary_search_by_key(&code, |(composed, _, _)| *composed)
            .ok()
    });
    let Some(index) = found else {
        parts.push(character);
        return;
    };
    let (_, first, second) = PAIRS[index];
    decompose(wide(first), parts);
    if second != 0 {
        parts.push(wide(second));
    }
}

/// Sorts the marks behind each letter by their combining class.
fn order(parts: &mut [char]) {
    for marks in parts.chunk_by_mut(|before, after| class(*before) > 0 && class(*after) > 0) {
        marks.sort_by_key(|mark| class(*mark));
    }
}

fn compose(parts: &[char]) -> Vec<char> {
    let mut composed: Vec<char> = Vec::with_capacity(parts.len());
    // Where the last letter is, and the class of what stands between.
    let mut letter = None;
    let mut between = 0;
    for part in parts.iter().copied() {
        let class = class(part);
        let pair = letter
            .filter(|_| class > between)
            .and_then(|index: usize| Some((index, pair(composed[index], part)?)));
        if let Some((index, both)) = pair {
            composed[index] = both;
        } else {
            if class == 0 {
                letter = Some(composed.len());
            }
            between = class;
            composed.push(part);
        }
    }
    composed
}

/// The character that a letter and a mark are composed to.
fn pair(letter: char, mark: char) -> Option<char> {
    let (letter, mark) = (narrow(letter)?, narrow(mark)?);
    PAIRS
        .iter()
        .find(|(_, first, second)| (*first, *second) == (letter, mark))
        .map(|(composed, _, _)| wide(*composed))
}

/// The combining class: 0 for what is no mark.
fn class(character: char) -> u8 {
    let index = u32::from(character).wrapping_sub(0x300);
    CLASSES.get(index as usize).copied().unwrap_or(0)
}

fn narrow(character: char) -> Option<u16> {
    u16::try_from(u32::from(character)).ok()
}

fn wide(code: u16) -> char {
    char::from_u32(u32::from(code)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    /// What a name may have, and what is canonically the same as that.
    fn is_of_names(character: char) -> bool {
        matches!(character, '\0'..='\u{36f}' | '\u{1e00}'..='\u{1eff}')
            || matches!(character, '\u{3400}'..='\u{9fff}' | '\u{e000}'..='\u{f8ff}')
    }

    #[track_caller]
    fn assert_as_unicode(text: &[char]) {
        let unicode: Vec<char> = text.iter().copied().nfc().collect();
        assert_eq!(nfc(text), unicode, "{text:?}");
    }

    #[test]
    fn each_character_and_each_letter_with_a_mark_is_composed_as_in_unicode() {
        for character in ('\0'..='\u{24f}').chain('\u{1e00}'..='\u{1eff}') {
            assert_as_unicode(&[character]);
            for mark in '\u{300}'..='\u{36f}' {
                assert_as_unicode(&[character, mark]);
            }
        }
        for other in [
            '\u{212a}', '\u{212b}', '\u{1fef}', '\u{1ffd}', '\u{387}', '\u{37e}',
        ] {
            assert_as_unicode(&[other]);
        }
    }

    proptest! {
        #[test]
        fn texts_are_composed_as_in_unicode(text in proptest::collection::vec(
            prop_oneof![
                any::<char>().prop_filter("of names", |c| is_of_names(*c)),
                proptest::char::range('\u{300}', '\u{36f}'),
                proptest::char::range('\u{1e00}', '\u{1eff}'),
                proptest::char::range('a', 'z'),
            ],
            0..24,
        )) {
            let unicode: Vec<char> = text.iter().copied().nfc().collect();
            prop_assert_eq!(nfc(&text), unicode);
        }

        #[test]
        fn composing_again_changes_nothing(text in any::<Vec<char>>()) {
            let composed = nfc(&text);
            prop_assert_eq!(nfc(&composed), composed);
        }
    }
}
