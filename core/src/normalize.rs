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
