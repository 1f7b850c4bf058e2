//! Kinds of characters, as far as names are made of them.

/// Characters that people type for the middle dot, or that look like it, none of which belongs into a
/// name. To Unicode some of them are letters.
pub(super) const fn is_dot_lookalike(character: char) -> bool {
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
            | '\u{ff65}'
            | '\u{10101}'
    )
}

/// Look-alikes of the dot by which names are hidden, too: they are mended between longer parts alone.
pub(super) const fn may_hide(character: char) -> bool {
    matches!(character, '\u{25cf}' | '\u{25e6}' | '\u{2218}')
}

/// Full stops, which input methods give for the key of the dot. Beside a Han character they stand for it.
pub(super) const fn is_full_stop(character: char) -> bool {
    matches!(character, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// Letters that the registry has in names: Han characters of people of China, and Latin ones of foreigners
/// who live there for good.
pub(super) const fn is_letter(character: char) -> bool {
    is_ideograph(character) || is_latin(character)
}

/// Han characters, and private-use ones, by which older systems write rare ones.
pub(super) const fn is_ideograph(character: char) -> bool {
    is_han(character) || is_private(character)
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

const fn is_private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Latin letters.
pub(super) const fn is_latin(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(character, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
            && !matches!(character, '\u{d7}' | '\u{f7}' | '\u{1c0}'..='\u{1c3}')
}

/// Marks that are set on Latin letters.
pub(super) const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}')
}

/// The hyphen or the apostrophe between Latin words, for which a character that looks like it was typed.
pub(super) fn look_alike(
    before: Option<char>,
    character: char,
    after: Option<char>,
) -> Option<char> {
    if !before.is_some_and(is_latin) || !after.is_some_and(is_latin) {
        return None;
    }
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => Some('-'),
        '\u{ff07}' | '`' | '\u{b4}' | '\u{2bc}' | '\u{2018}' | '\u{2032}' => Some('\''),
        _ => None,
    }
}
