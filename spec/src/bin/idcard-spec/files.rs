//! Reads and writes files, and names the one that cannot be.

use std::path::Path;

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The text of a file.
pub(crate) fn read(file: &Path) -> Outcome<String> {
    std::fs::read_to_string(file).map_err(|error| named(file, &error))
}

/// Writes a file, unless it has that text already.
pub(crate) fn write(file: &Path, text: &str) -> Outcome<()> {
    if std::fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    std::fs::write(file, text).map_err(|error| named(file, &error))
}

/// What is wrong with a file.
pub(crate) fn named(file: &Path, error: &dyn std::fmt::Display) -> Box<dyn std::error::Error> {
    format!("{}: {error}", file.display()).into()
}
