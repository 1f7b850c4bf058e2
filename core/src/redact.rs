//! What is printed in place of keys and personal data.

use std::fmt;

/// Prints `[redacted]`.
pub(crate) const REDACTED: Redacted = Redacted;

/// A value that says only that there is one.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
