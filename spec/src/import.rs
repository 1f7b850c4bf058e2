//! Reads the vendor's definition of an action into a spec file.
//!
//! What the definition knows is taken: the members of parameters and answer, their types, which
//! are required, and what has been withdrawn. What it does not know stays as it was curated:
//! codes, charges, checks, words. No prose is read, so nothing of the vendor's words gets in; a
//! new member has none until somebody writes them. Reading the same definition again changes
//! nothing.

mod definition;
mod merge;
mod names;

use crate::fault::Faults;
use crate::model::ActionSpec;

pub use definition::Definition;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The spec of the action.
    pub spec: ActionSpec,
    /// What was added or changed, in order.
    pub taken: Vec<String>,
    /// What was not, and why.
    pub not_taken: Vec<String>,
}

impl Definition {
    /// Merges the definition of an action into its spec, or makes a new one. `is_taken` tells of a
    /// type's name whether another spec file has it.
    ///
    /// # Errors
    /// Faults of the definition, in the file that it was read from.
    pub fn import(
        &self,
        action: &str,
        known: Option<&ActionSpec>,
        is_taken: &dyn Fn(&str) -> bool,
    ) -> Result<Import, Faults> {
        merge::merge(self, action, known, is_taken)
    }
}
