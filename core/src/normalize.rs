//! What a normalisation gives back: the text, and what was changed to get it.

/// A text and what was changed to get it.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct Normalized {
    /// The text after the changes.
    pub value: String,
    /// Kinds of changes that were made, each once, in the order of their first occurrence.
    pub changes: Vec<Change>,
}

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Change {
    /// Spaces, hyphens or invisible characters were removed, or runs of spaces made one.
    SpaceRemoved,
    /// Full-width forms were replaced by their ASCII characters.
    FullWidth,
    /// A character that looks like the middle dot was replaced by it (U+00B7).
    MiddleDot,
    /// The text was brought into Unicode normalization form C.
    Composed,
    /// A lowercase `x` was made an `X`.
    UppercaseX,
}

impl Normalized {
    pub(crate) fn changed(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }
}

crate::redact::display_as_debug!(Normalized);

impl std::fmt::Debug for Normalized {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Normalized")
            .field("value", &crate::redact::REDACTED)
            .field("changes", &self.changes)
            .finish()
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
