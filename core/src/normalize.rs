//! What a normalisation gives back: the text, and what was changed to get it.

/// A text and what was changed to get it.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct NormalizedText {
    /// The text after the changes.
    pub value: String,
    /// Kinds of changes that were made, each once, in the order of their first occurrence.
    pub changes: Vec<NormalizationChange>,
    /// Private-use characters of a name for which Unicode has a code point today. They are left: which of
    /// the two the registry has for this person, the holder's documents show.
    pub private_use: Vec<PrivateUse>,
}

/// A private-use character that has a code point of its own today.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct PrivateUse {
    /// Which character of the value, counted from 1.
    pub position: u32,
    /// The character's code point, such as `U+E863`.
    pub code_point: String,
    /// The code point that Unicode has for it today, such as `U+4DAE`.
    pub standard: String,
}

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum NormalizationChange {
    /// Spaces, hyphens or invisible characters were removed, or runs of spaces made one.
    SpaceRemoved,
    /// Full-width forms were replaced by their ASCII characters.
    FullWidth,
    /// A character that looks like the middle dot was replaced by it (U+00B7).
    MiddleDot,
    /// The text was brought into Unicode normalization form C.
    Composed,
    /// The check digit, a lowercase `x`, was made an `X`.
    UppercaseX,
    /// A radical or a compatibility ideograph was replaced by the unified ideograph that it stands for.
    Unified,
    /// A character was replaced by the one that it looks like: hyphen, apostrophe or the check digit X.
    LookAlike,
    /// What spreadsheets and CSV put around a text was removed: an apostrophe, quotation marks, `="…"`.
    Unquoted,
}

impl NormalizedText {
    pub(crate) fn changed(&mut self, change: NormalizationChange) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }
}

crate::redact::display_as_debug!(NormalizedText);

impl std::fmt::Debug for NormalizedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NormalizedText")
            .field("value", &crate::redact::REDACTED)
            .field("changes", &self.changes)
            .field("private_use", &self.private_use)
            .finish()
    }
}

/// A code point as it is written.
pub(crate) fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// The text without what spreadsheets and CSV put around it: an apostrophe before it, quotation marks, the
/// formula `="…"`; and without the spaces that these leave at its ends. `begins` says of an apostrophe and the
/// character behind it whether they are the beginning of the text itself.
pub(crate) fn unquote<'a>(
    text: &'a [char],
    begins: fn(char, char) -> bool,
    normalized: &mut NormalizedText,
) -> &'a [char] {
    let mut bare = text;
    loop {
        let (inner, change) = match bare {
            [' ', rest @ ..] | [rest @ .., ' '] => (rest, NormalizationChange::SpaceRemoved),
            ['=', rest @ ..] if matches!(rest, ['"', .., '"']) => {
                (rest, NormalizationChange::Unquoted)
            }
            ['"', rest @ .., '"']
            | ['\'', rest @ .., '\'']
            | ['\u{201c}', rest @ .., '\u{201d}']
            | ['\u{2018}', rest @ .., '\u{2019}'] => (rest, NormalizationChange::Unquoted),
            [mark @ ('\'' | '\u{2018}' | '\u{2019}'), rest @ ..]
                if !rest.first().is_some_and(|next| begins(*mark, *next)) =>
            {
                (rest, NormalizationChange::Unquoted)
            }
            _ => return bare,
        };
        normalized.changed(change);
        bare = inner;
    }
}

/// The ASCII character of a full-width form. The full-width full stop is none: between Han characters it
/// stands for the dot.
pub(crate) fn ascii(character: char) -> Option<char> {
    match character {
        '\u{ff0e}' => None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0),
        _ => None,
    }
}

/// Characters that nobody sees where they stand: joiners, fillers, directions, selectors, a soft hyphen.
/// They are the Default_Ignorable_Code_Point of Unicode, whatever it has assigned there by now.
pub(crate) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_is_what_unicode_ignores() {
        let ignorable =
            regex::Regex::new(r"^\p{Default_Ignorable_Code_Point}$").expect("a pattern");
        for character in '\0'..=char::MAX {
            let in_unicode = ignorable.is_match(character.encode_utf8(&mut [0; 4]));
            assert_eq!(is_invisible(character), in_unicode, "{character:?}");
        }
    }
}
