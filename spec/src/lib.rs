//! The machine-readable spec of the API and the generator that makes Rust of it.
//!
//! A spec goes through four stages, each a pure function: [`load`] reads files into the strict
//! [`model`], validation finds what a type system cannot, [`ir`] lowers to ordered lists in
//! which wire names and identifiers are kept apart, and [`emit`] prints Rust. Every finding is a
//! [`Fault`] that names the file, the JSON path and what to do.
//!
//! ```no_run
//! let ir = idcard_spec::load_dir("spec".as_ref())?;
//! println!("{} actions", ir.actions.len());
//! # Ok::<(), idcard_spec::Faults>(())
//! ```

pub mod calls;
pub mod diff;
#[cfg(feature = "emit")]
pub mod emit;
mod fault;
pub mod ident;
pub mod import;
pub mod ir;
pub mod layout;
mod load;
pub mod model;
pub mod python;
pub mod scenarios;
#[cfg(feature = "schema")]
mod schema;
pub mod tables;
mod validate;
#[cfg_attr(
    not(feature = "emit"),
    allow(dead_code, reason = "objects have words in Rust alone")
)]
mod words;

pub use fault::{Fault, Faults};
pub use ir::Ir;
pub use load::{SourceFile, load, load_dir, spec_files};
#[cfg(feature = "schema")]
pub use schema::schema;
