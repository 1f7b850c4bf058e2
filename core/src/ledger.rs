//! A ledger: which calls were begun, and what came of them, across clients, processes and crashes.
//!
//! A cache answers a second call about somebody; a ledger makes sure that there is none. A call is claimed before
//! its request may leave and settled afterwards. A claim that nobody settled, because the process was killed or the
//! answer got lost, is of unknown charge: no call is sent on it again until a person, or the vendor's bill, says
//! what became of it. Entries are found by keyed hashes and hold nobody's number or name.

mod claim;
mod memory;

pub(crate) use self::claim::{CallClaim, KeyedLedger};
pub use self::memory::MemoryLedger;

use crate::redact::REDACTED;
use crate::reuse::fingerprint::Fingerprinter;
use crate::{Charge, Error, Site};
use std::fmt;
use std::sync::Arc;

/// Shortest key of a ledger, in bytes.
const MIN_KEY: usize = 16;

/// Keeps which calls were begun, and what came of them.
///
/// The contract, on which money depends:
/// - `claim` is atomic: of several at the same time with one key, whoever makes them, one is told
///   [`ClaimState::Mine`]. It answers when the claim is as durable as the ledger promises; the request leaves
///   right after.
/// - Whoever claims again with the same key and the same owner is told so again: an answer may have been lost.
/// - `settle` is for the owner of the claim. With [`Charge::Charged`] the outcome stays, and answers later claims
///   as [`ClaimState::Settled`]. With [`Charge::NotCharged`] the claim ends, and the next one is its claimant's.
///   With [`Charge::Unknown`] it stays open.
/// - An open claim does not expire. Whoever knows what became of it settles it: by hand, or from the bill.
/// - When in doubt, fail: a call whose claim failed is not sent, and is settled as free in case the claim was made.
///
/// Both are held to the call's deadline, and what is settled to 250 ms after it. An answer is given to its caller also when `settle` fails; the claim
/// is open then.
#[cfg_attr(feature = "uniffi", uniffi::export(foreign))]
#[async_trait::async_trait]
pub trait Ledger: Send + Sync {
    /// Claims a call, before its first request may leave.
    async fn claim(&self, claim: LedgerClaim) -> Result<ClaimState, LedgerError>;

    /// Says what came of a call that was claimed.
    async fn settle(&self, claim: LedgerClaim, outcome: LedgerOutcome) -> Result<(), LedgerError>;
}

/// A ledger prints as no more than that.
impl fmt::Debug for dyn Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ledger")
    }
}

/// What is claimed, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LedgerClaim {
    /// Names the site, the action and everything that is asked of it: an HMAC in 32 hexadecimal digits. Without
    /// the ledger's key it tells nobody whom it is about.
    pub key: String,
    /// Token of the call: random, 32 hexadecimal digits. It tells one's own claim from another's.
    pub owner: String,
}

/// How it stands with a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum ClaimState {
    /// The caller's: its request may leave.
    Mine,
    /// Somebody's, and not settled: its charge is unknown. Nothing may be sent.
    Open,
    /// An earlier call was charged, and this came of it. Nothing needs to be sent.
    Settled {
        /// What came of it.
        outcome: LedgerOutcome,
    },
}

/// What came of a call, without anything of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LedgerOutcome {
    /// What it cost.
    pub charge: Charge,
    /// Code of the result, where there was an answer.
    pub result: Option<String>,
    /// Kind of the error and its code, where there was none.
    pub error: Option<String>,
    /// Identifier of the request, by which the vendor's bill has it.
    pub request_id: Option<String>,
    /// How many requests were made.
    pub attempts: u32,
    /// How many of them, before the last one, may have been charged too. It is 0 unless the call was told to
    /// repeat such requests.
    #[cfg_attr(feature = "uniffi", uniffi(default = 0))]
    pub uncertain_attempts: u32,
}

/// Why the ledger could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
#[non_exhaustive]
pub enum LedgerError {
    /// It cannot be asked for now, or cannot keep anything.
    #[error("{reason}")]
    Unavailable {
        /// Why. It becomes part of the call's error: put no secret into it.
        reason: String,
    },
    /// The claim is not the caller's.
    #[error("the claim is somebody else's")]
    NotTheOwner,
}

/// A ledger, and the key under which its entries are found.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
pub struct LedgerConfig {
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// Key of the HMAC, at least 16 bytes of random, the same wherever the ledger is used. A secret of yours: with it
    /// and the ledger, everybody's numbers can be tried out. Without it the entries are found no more.
    pub key: Vec<u8>,
}

impl LedgerConfig {
    /// A ledger and its key.
    #[must_use]
    pub fn new(ledger: impl Ledger + 'static, key: impl Into<Vec<u8>>) -> Self {
        Self::shared(Arc::new(ledger), key)
    }

    /// The same of a ledger that others have too.
    #[must_use]
    pub fn shared(ledger: Arc<dyn Ledger>, key: impl Into<Vec<u8>>) -> Self {
        let key = key.into();
        Self { ledger, key }
    }
}

crate::redact::display_as_debug!(LedgerConfig);

impl fmt::Debug for LedgerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerConfig")
            .field("ledger", &self.ledger)
            .field("key", &REDACTED)
            .finish()
    }
}

/// Makes the keys of a ledger's entries: for whoever has to know them before a call is made.
#[derive(Debug)]
pub struct LedgerKeys {
    fingerprinter: Fingerprinter,
    site: Site,
}

impl LedgerKeys {
    /// Keys of calls to a site, through whatever endpoint.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the key has less than 16 bytes.
    pub fn new(key: &[u8], site: Site) -> Result<Self, Error> {
        if key.len() < MIN_KEY {
            return Err(Error::configuration(
                "ledger: its key has less than 16 bytes",
            ));
        }
        Ok(Self {
            fingerprinter: Fingerprinter::with_key(key),
            site,
        })
    }

    /// The key of a request, as the bytes of the 32 digits that a ledger is given.
    pub(crate) fn of(&self, action: &str, plain: &[u8]) -> [u8; 16] {
        let kind = format!("{action} {}", self.site.as_str());
        self.fingerprinter.of(&kind, plain).bytes()
    }

    /// The key of a request, as the bytes of the 32 digits that a ledger is given.
    #[must_use]
    pub fn of_request(&self, request: &crate::VerifyRequest) -> [u8; 16] {
        use crate::protocol::{Action, encode};
        self.of(crate::VerifyRequest::INFO.name, &encode(request))
    }
}
