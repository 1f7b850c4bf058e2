//! What Kotlin, Swift and Python see beside the types themselves: constructors and functions in a
//! form that crosses the language border. No logic lives here.

use crate::credentials::ProviderError;
use crate::sign::{self, RemoteSignature, SignerError, SigningRequest};
use crate::transport::{NetworkFailure, TransportError};
use crate::{
    CancelHandle, Charge, Client, ClientConfig, ClientStats, Credentials, Error, InputProblem,
    InputProblemKind, InvalidInput, LedgerConfig, LedgerError, NormalizedText, Retry, id_number,
    name,
};
use std::sync::Arc;

#[uniffi::export]
impl Client {
    /// Makes a client. It connects when it is first called. Errors: `Configuration` when a
    /// setting cannot be used; `Credentials` when keys that the library finds by itself are malformed.
    #[doc(hidden)]
    #[uniffi::constructor(name = "new")]
    pub fn ffi_new(config: ClientConfig) -> Result<Arc<Self>, Error> {
        Self::new(config).map(Arc::new)
    }

    /// The same client, whose calls `handle` cancels too: beside the handle that a call may have of its
    /// own, and those that this client has already. For a batch of calls that end together.
    #[doc(hidden)]
    #[uniffi::method(name = "cancelled_by")]
    pub fn ffi_cancelled_by(&self, handle: Arc<CancelHandle>) -> Arc<Self> {
        Arc::new(self.cancelled_by(handle))
    }

    /// The same client, whose calls are claimed in a ledger: in place of the one that its settings name, if they
    /// do. For a batch of calls that has a ledger of its own. Errors: `Configuration` when the ledger's key has
    /// less than 16 bytes.
    #[doc(hidden)]
    #[uniffi::method(name = "with_ledger")]
    pub fn ffi_with_ledger(&self, config: LedgerConfig) -> Result<Arc<Self>, Error> {
        self.with_ledger(&config).map(Arc::new)
    }

    /// What this client has done so far: calls, requests, retries, charges, latency.
    #[doc(hidden)]
    #[uniffi::method(name = "stats")]
    pub fn ffi_stats(&self) -> ClientStats {
        self.stats()
    }
}

#[uniffi::export]
impl Credentials {
    /// A key pair; with the token of temporary ones. Errors: `Credentials`, naming the part that is
    /// empty or has surrounding white space.
    #[doc(hidden)]
    #[uniffi::constructor(name = "new", default(token = None))]
    pub fn ffi_new(
        secret_id: String,
        secret_key: String,
        token: Option<String>,
    ) -> Result<Arc<Self>, Error> {
        let credentials = Self::new(secret_id, secret_key)?;
        match token {
            Some(token) => credentials.with_token(token),
            None => Ok(credentials),
        }
        .map(Arc::new)
    }

    /// From the variables `TENCENTCLOUD_SECRET_ID`, `TENCENTCLOUD_SECRET_KEY` and, if it is set,
    /// `TENCENTCLOUD_TOKEN`. Errors: `Credentials`, naming the variable.
    #[doc(hidden)]
    #[uniffi::constructor(name = "from_env")]
    pub fn ffi_from_env() -> Result<Arc<Self>, Error> {
        Self::from_env().map(Arc::new)
    }

    /// From a profile in the file that `TENCENTCLOUD_CREDENTIALS_FILE` names, else in
    /// `~/.tencentcloud/credentials`, else in `/etc/tencentcloud/credentials`. Errors:
    /// `Credentials`, naming the file and what is wrong in it.
    #[doc(hidden)]
    #[uniffi::constructor(name = "from_profile", default(profile = "default"))]
    pub fn ffi_from_profile(profile: String) -> Result<Arc<Self>, Error> {
        Self::from_profile(&profile).map(Arc::new)
    }

    /// From the environment, else from the default profile. Errors: `Credentials`, saying which
    /// sources failed and why.
    #[doc(hidden)]
    #[uniffi::constructor(name = "from_env_or_profile")]
    pub fn ffi_from_env_or_profile() -> Result<Arc<Self>, Error> {
        Self::from_env_or_profile().map(Arc::new)
    }
}

/// Checks an identity-card number without asking anyone: length, digits, birth date and check
/// digit. A number of 15 digits and one that a spreadsheet rounded are told by problems of their own.
/// Errors: `InvalidInput`.
#[uniffi::export]
pub(crate) fn check_id_number(id_number: String) -> Result<(), Error> {
    Ok(id_number::check(&id_number).map_err(|problem| InvalidInput::new("id_number", problem))?)
}

/// Checks a name without asking anyone: length and characters. Errors: `InvalidInput`.
#[uniffi::export]
pub(crate) fn check_name(name: String) -> Result<(), Error> {
    Ok(name::check(&name).map_err(|problem| InvalidInput::new("name", problem))?)
}

/// What an error says, in one line of English without personal data.
#[uniffi::export]
pub(crate) fn describe_error(error: Error) -> String {
    error.to_string()
}

/// What a failed call cost, whatever the kind of its error.
#[uniffi::export]
pub(crate) fn charge_of_error(error: Error) -> Charge {
    error.charge()
}

/// When the same call may be made again without paying twice, whatever the kind of its error.
#[uniffi::export]
pub(crate) fn retry_of_error(error: Error) -> Retry {
    error.retry()
}

/// What an error means; of a service error as the spec has it for the verbatim code.
#[uniffi::export]
pub(crate) fn meaning_of_error(error: Error) -> String {
    error.meaning().to_owned()
}

#[uniffi::export]
impl InputProblem {
    /// The problem without what it knows of the place, as a plain value.
    #[doc(hidden)]
    #[uniffi::method(name = "kind")]
    pub fn foreign_kind(&self) -> InputProblemKind {
        self.kind()
    }
}

/// The check digit of the first 17 digits of a number, or nothing if they are not 17 digits.
#[uniffi::export]
pub(crate) fn expected_check_digit(first_17: String) -> Option<String> {
    id_number::expected_check_digit(&first_17).map(String::from)
}

/// Mends what people type in a number: spaces, hyphens and invisible characters, full-width forms, a lowercase
/// x or a character that looks like an X at the end, and the apostrophe, quotation marks or `="…"` of a
/// spreadsheet. The result says what was mended. A number of 15 digits, and one that was rounded, are left.
#[uniffi::export]
pub(crate) fn normalize_id_number(id_number: String) -> NormalizedText {
    id_number::normalize(&id_number)
}

/// Mends what keyboards and copying do to a name: spaces, invisible characters, full-width forms, characters
/// that look like the middle dot, the hyphen or the apostrophe, radicals and compatibility ideographs,
/// decomposed letters, and the apostrophe, quotation marks or `="…"` of a spreadsheet. The result says what
/// was mended, and points out private-use characters that have a code point of their own today.
#[uniffi::export]
pub(crate) fn normalize_name(name: String) -> NormalizedText {
    name::normalize(&name)
}

/// Refuses a text that arrived damaged: where a language has texts that UTF-8 cannot encode, such as
/// half of a pair of surrogates, U+FFFD takes their place on the way here.
pub(crate) fn text(field: &'static str, text: &str) -> Result<(), Error> {
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(InvalidInput::new(field, InputProblem::NotText).into());
    }
    Ok(())
}

/// What is told of an exception that the contract of host code does not know. Its text is dropped,
/// for it may hold anything; a number, under which the host's language keeps the exception, stays.
fn thrown(error: &uniffi::UnexpectedUniFFICallbackError) -> String {
    let number = error.reason.strip_prefix('#').and_then(|n| n.parse().ok());
    number.map_or_else(
        || "it threw an exception".to_owned(),
        |number: u64| format!("it threw an exception #{number}"),
    )
}

/// Nobody can tell how far the request got.
impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        crate::progress::note_thrown(thrown(&error));
        Self::Failed {
            failure: NetworkFailure::Other,
            sent: true,
        }
    }
}

/// Signs a device's request on your server: the other half of a remote signer. It
/// signs requests of this library to the service alone, and its own time, which it gives back: hand all
/// members of the answer to the device. For 300 s the signature is good for as many charged calls about
/// one person as its holder makes; who may ask, and how often, is for the server to decide before.
/// Errors: `Configuration`, naming what is not to be signed.
#[uniffi::export]
pub(crate) fn sign_digest(
    credentials: Arc<Credentials>,
    request: SigningRequest,
) -> Result<RemoteSignature, Error> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    sign::sign_digest(&credentials, &request, now.map_or(0, |now| now.as_secs()))
}

/// The same of a remote signer.
impl From<uniffi::UnexpectedUniFFICallbackError> for SignerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable {
            reason: thrown(&error),
        }
    }
}

/// The same of a ledger.
impl From<uniffi::UnexpectedUniFFICallbackError> for LedgerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable {
            reason: thrown(&error),
        }
    }
}

/// The same of a provider of credentials.
impl From<uniffi::UnexpectedUniFFICallbackError> for ProviderError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable {
            reason: thrown(&error),
        }
    }
}
