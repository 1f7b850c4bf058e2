//! What is made of a spec: Rust, the methods of the Python package, tables for documentation, scenarios,
//! programs that call every action, and the JSON Schema of the spec itself.

#[cfg_attr(
    not(feature = "emit"),
    allow(dead_code, reason = "objects have a text in Rust alone")
)]
mod doc_text;
pub mod example_programs;
pub mod python;
#[cfg(feature = "emit")]
mod rust;
pub mod scenarios;
#[cfg(feature = "schema")]
mod schema;
pub mod tables;

#[cfg(feature = "emit")]
pub use self::rust::rust;
#[cfg(feature = "schema")]
pub use self::schema::schema;
