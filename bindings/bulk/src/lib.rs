//! Verifies files of people: what a run would cost, a journal that survives whatever ends it, and a report.
//!
//! [`input`] reads rows, [`journal`] keeps what was asked and what came of it, [`output`] writes what came of each
//! row in the order of the input. [`Bulk`] is the three together: a plan that is free, a run that can be killed at any
//! time and resumed, a report that can be made again.

mod beijing;
mod bulk;
mod charges;
mod control;
mod end;
mod error;
#[cfg(feature = "uniffi")]
mod foreign;
pub mod input;
pub mod journal;
mod known;
mod ledger;
mod options;
pub mod output;
mod person;
mod plan;
mod progress;
mod report;
mod run;
mod runner;
mod status;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("idcard_bulk");

pub use bulk::Bulk;
pub use control::Control;
pub use end::End;
pub use error::BulkError;
pub use ledger::JournalLedger;
pub use options::{Account, BulkOptions};
pub use person::Survey;
pub use plan::Plan;
pub use progress::Progress;
pub use report::{Charges, Reader, Report, UnknownRow};
pub use run::Run;
pub use status::{Status, status};
