//! What of an answer is kept while it is parsed.

/// A member of an object, by its name on the wire.
pub(crate) type Field = (&'static str, fn() -> Shape);

/// What is kept of a value. One of another type is skipped, and its type is noted.
///
/// Shapes are functions, because a type may hold itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Text,
    Number,
    Bool,
    List(fn() -> Self),
    /// These members; the others are skipped.
    Object(&'static [Field]),
}

impl Shape {
    pub(crate) const fn text() -> Self {
        Self::Text
    }
}
