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
mod blocking;
mod call;
mod cancel;
mod charge;
mod civil;
mod client;
mod clock;
mod config;
pub mod credentials;
mod daily;
mod endpoint;
mod envelope;
mod error;
mod events;
mod files;
mod fingerprint;
#[cfg(feature = "uniffi")]
mod foreign;
pub mod id_number;
mod input;
mod many;
mod memory;
pub mod name;
mod normalize;
mod process;
mod progress;
mod protocol;
mod quota;
mod redact;
mod request_ids;
mod retry;
#[cfg(feature = "reqwest")]
mod runtime;
mod setters;
pub mod sign;
mod single_flight;
mod stats;
mod stop;
mod timeline;
pub mod transport;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("idcard_verification");

/// The README's Rust, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// What the generator makes of the spec.
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

pub use auth::{Auth, TkeOidc};
pub use cancel::CancelHandle;
pub use charge::{Charge, Origin, ResultFacts, Retry, Verdict};
pub use client::Client;
pub use config::{CallOptions, ClientConfig};
pub use credentials::Credentials;
pub use envelope::{EncryptionAlgorithm, FieldEncryption};
pub use error::{AnswerProblem, ErrorFacts, IdCardError, IdCardError as Error};
pub use generated::*;
pub use input::{InputProblem, InputProblemKind, InvalidInput};
pub use many::{ManyOptions, Outcome, Outcomes};
pub use normalize::{Change, Normalized, PrivateUse};
pub use progress::CallProgress;
pub use retry::RetryPolicy;
pub use stats::{ClientStats, LatencyBucket};
