//! How a run has ended.

use idcard_verification::{Error, ErrorKind};
use serde::Serialize;

/// How a run has ended. It can be resumed whatever it is, and asks nobody twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum End {
    /// Every row has been seen.
    Complete,
    /// The limit of charges is reached.
    MaxCharges {
        /// The limit.
        limit: u64,
    },
    /// Too many rows have failed, or are of unknown charge.
    MaxErrors {
        /// The limit.
        limit: u64,
        /// The last error.
        last: String,
    },
    /// What concerns every row: the account, the keys, a permission, the clock, the settings.
    Refused {
        /// The error.
        error: String,
    },
    /// Somebody stopped it.
    Interrupted {
        /// Whether calls under way were given up.
        aborted: bool,
    },
    /// The journal cannot be written.
    Journal {
        /// Why.
        reason: String,
    },
    /// The input is not what it was when the run began.
    InputChanged,
}

impl End {
    /// Whether an error concerns every row, and not the one alone.
    pub(crate) fn of_error(error: &Error) -> Option<Self> {
        let refused = || Self::Refused {
            error: error.to_string(),
        };
        match error {
            Error::Configuration { .. } | Error::Credentials { .. } | Error::Panic { .. } => {
                Some(refused())
            }
            Error::Service {
                kind:
                    ErrorKind::Authentication
                    | ErrorKind::Permission
                    | ErrorKind::Account
                    | ErrorKind::Quota
                    | ErrorKind::Encryption
                    | ErrorKind::Unavailable,
                ..
            } => Some(refused()),
            _ => None,
        }
    }
}
