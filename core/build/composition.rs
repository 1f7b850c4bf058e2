//! The tables of `name/composition.rs`, out of those of `unicode-normalization`.

use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

/// The marks that are set on Latin letters.
const MARKS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// The source of the tables.
pub(crate) fn tables() -> String {
    let mut source = String::new();
    let mut pairs = Vec::new();
    for character in '\0'..='\u{ffff}' {
        let mut whole = Vec::new();
        decompose_canonical(character, |part| whole.push(part));
        if whole != [character] && whole.iter().copied().all(is_of_latin) {
            pairs.push(pair(character, &whole));
        }
    }
    let length = pairs.len();
    let _ = writeln!(
        source,
        "static PAIRS: [(u16, u16, u16); {length}] = {pairs:?};"
    );
    let classes: Vec<u8> = MARKS.map(canonical_combining_class).collect();
    let length = classes.len();
    let _ = writeln!(source, "static CLASSES: [u8; {length}] = {classes:?};");
    for (name, block) in [
        ("COMPATIBILITY", '\u{f900}'..='\u{fad9}'),
        ("COMPATIBILITY_SUPPLEMENT", '\u{2f800}'..='\u{2fa1d}'),
    ] {
        let unified: Vec<char> = block.map(|c| c.nfc().next().unwrap_or(c)).collect();
        let length = unified.len();
        let _ = writeln!(source, "static {name}: [char; {length}] = {unified:?};");
    }
    source
}

/// Whether a character is one of ASCII, of Latin or a mark, or of what they are taken for.
fn is_of_latin(character: char) -> bool {
    matches!(character, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') || MARKS.contains(&character)
}

/// A character, and the two that it is composed of, or the one that it is the same as, and 0.
fn pair(character: char, whole: &[char]) -> (u16, u16, u16) {
    let same: Vec<char> = character.nfc().collect();
    let (first, second) = match (same.as_slice(), whole) {
        ([same], _) if *same != character => (*same, '\0'),
        (_, [rest @ .., last]) => {
            let first: Vec<char> = rest.iter().copied().nfc().collect();
            assert!(first.len() == 1, "{character:?} is not composed of two");
            (first[0], *last)
        }
        (_, []) => unreachable!("a character decomposes into one at least"),
    };
    let narrow = |c: char| u16::try_from(u32::from(c)).expect("a character of the first plane");
    (narrow(character), narrow(first), narrow(second))
}
