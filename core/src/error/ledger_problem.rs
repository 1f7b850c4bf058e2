//! Why a ledger did not let a call be made.

use crate::Retry;
use std::fmt;

/// Why a ledger did not let a call be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum LedgerProblem {
    /// A call of the same was begun and has not ended: it is under way, or nobody knows whether it was charged. Then ask
    /// the bill, and settle the claim.
    OpenClaim,
    /// An earlier call of the same was charged, and a ledger keeps no answers that say more than a code.
    Settled,
    /// The ledger could not be asked, or could not keep anything.
    Unavailable,
}

impl LedgerProblem {
    /// Name of the value, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::OpenClaim => "open-claim",
            Self::Settled => "settled",
            Self::Unavailable => "unavailable",
        }
    }

    /// What it means, in English.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::OpenClaim => {
                "A call of the same is under way, or its charge is unknown. Nothing was sent."
            }
            Self::Settled => {
                "An earlier call of the same was charged, and its answer is not in the ledger. Nothing was sent."
            }
            Self::Unavailable => "The ledger could not be asked. Nothing was sent.",
        }
    }

    /// When the call may be made again.
    pub(super) const fn retry(self) -> Retry {
        match self {
            Self::OpenClaim | Self::Settled => Retry::Never,
            Self::Unavailable => Retry::Backoff,
        }
    }
}

impl fmt::Display for LedgerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenClaim => "a call of the same is under way, or its charge is unknown",
            Self::Settled => "an earlier call was charged, and its answer is not in the ledger",
            Self::Unavailable => "it could not be asked",
        })
    }
}
