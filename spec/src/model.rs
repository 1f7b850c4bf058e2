//! The spec files as they are written: strict, so that a misspelt key is an error and not a
//! fact that silently does nothing.

mod action;
mod codes;
mod common;
pub mod source;

pub use self::action::*;
pub use self::codes::*;
pub use self::common::*;
