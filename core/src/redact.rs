//! What is printed in place of keys and personal data.

use std::fmt;

/// Makes `Display` print what `Debug` does: foreign languages show one or the other.
macro_rules! display_as_debug {
    ($($ty:ty),*) => {$(
        impl ::std::fmt::Display for $ty {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(self, f)
            }
        }
    )*};
}
pub(crate) use display_as_debug;

/// Prints `[redacted]`.
pub(crate) const REDACTED: Redacted = Redacted;

/// A value that says only that there is one.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
