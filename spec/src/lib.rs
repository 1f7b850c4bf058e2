//! The machine-readable spec of the API and the generator that makes Rust of it.
//!
//! A spec goes through a pipeline of pure functions: [`load`] reads files into the strict [`model`], validation
//! finds what a type system cannot, [`ir`] lowers to ordered lists in which wire names and identifiers are
//! kept apart, and [`emit`] makes everything that follows from it. [`diff`] compares two specs, [`import`]
//! takes the vendor's definitions. Every finding is a [`Fault`] that names the file, the JSON path and what to
//! do.
//!
//! ```no_run
//! let ir = idcard_spec::load_dir("spec".as_ref())?;
//! println!("{} actions", ir.actions.len());
//! # Ok::<(), idcard_spec::Faults>(())
//! ```

pub mod diff;
pub mod emit;
mod fault;
pub mod format;
pub mod ident;
pub mod import;
pub mod ir;
mod load;
pub mod model;
mod validate;

pub use fault::{Fault, Faults};
pub use ir::Ir;
pub use load::{load, load_dir, spec_files};
pub use model::source::SourceFile;
