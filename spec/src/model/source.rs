//! Files of a spec, before and after they are read.

/// A spec file: its name, as faults shall call it, and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Name, such as `spec/common.json`.
    pub name: String,
    /// JSON text.
    pub text: String,
}

/// A file that was read into its model.
#[derive(Debug)]
pub(crate) struct Parsed<T> {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) spec: T,
}
