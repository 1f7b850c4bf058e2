//! Verifies a Chinese identity-card number against a name through Tencent Cloud FaceID's
//! `IdCardVerification`.
//!
//! A call costs money and carries personal data, and everything here is built around that:
//! every outcome says what it cost ([`Charge`]), nothing that may have been charged is repeated,
//! and neither keys nor people appear in any `Debug`, `Display` or error.
//!
//! ```no_run
//! use idcard_verification::{Client, ClientConfig, Credentials, Site, Verdict, VerifyRequest};
//!
//! # async fn run() -> Result<(), idcard_verification::Error> {
//! let client = Client::new(ClientConfig::new(Site::International, Credentials::from_env()?))?;
//! let answer = client.verify(VerifyRequest::new("440305199505132561", "Liu Yang")).await?;
//! match answer.verdict {
//!     Verdict::Match => println!("the same person ({})", answer.charge),
//!     Verdict::Mismatch => println!("not the same person ({})", answer.charge),
//!     _ => println!("no answer: {}", answer.result.meaning()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The types and the client's methods that speak of the API ([`VerifyRequest`],
//! [`Verification`], [`ResultCode`], [`ErrorCode`], [`Client::verify`]) are generated from the
//! spec; what they do at run time is written by hand in the modules here.

mod auth;
mod call;
mod cancel;
mod client;
mod config;
pub mod credentials;
mod error;
mod events;
mod field_encryption;
#[cfg(feature = "uniffi")]
mod foreign;
pub mod id_number;
mod input;
mod ledger;
mod many;
pub mod name;
mod normalize;
mod outcome;
mod progress;
mod protocol;
mod rate_limit;
mod redact;
mod retry;
mod reuse;
mod runtime;
mod setters;
pub mod sign;
mod stats;
mod time;
pub mod transport;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("idcard_verification");

/// The README's Rust, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// What the generator makes of the spec.
#[allow(clippy::too_many_lines, reason = "tables of codes")]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

pub use auth::Auth;
pub use cancel::CancelHandle;
pub use client::Client;
pub use config::{CallOptions, ClientConfig};
pub use credentials::{Credentials, TkeOidc};
pub use error::{AnswerProblem, ErrorFacts, IdCardError, IdCardError as Error, LedgerProblem};
pub use field_encryption::{EncryptionAlgorithm, FieldEncryption};
pub use generated::*;
pub use input::{InputProblem, InputProblemKind, InvalidInput};
pub use ledger::{
    ClaimState, Ledger, LedgerClaim, LedgerConfig, LedgerError, LedgerKeys, LedgerOutcome,
    MemoryLedger,
};
pub use many::{ManyOptions, Outcome, Outcomes};
pub use normalize::{NormalizationChange, NormalizedText, PrivateUse};
pub use outcome::{AnswerOrigin, Charge, ResultFacts, Retry, Verdict};
pub use progress::CallProgress;
pub use retry::RetryPolicy;
pub use stats::{ClientStats, LatencyBucket};
