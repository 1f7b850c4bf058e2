//! Keys of the account: a SecretId, a SecretKey and, for temporary ones, a token.

#[cfg(feature = "reqwest")]
mod chain;
#[cfg(feature = "reqwest")]
mod cvm_role;
#[cfg(feature = "reqwest")]
mod fetch;
mod profile;
#[cfg(feature = "reqwest")]
mod refreshing;
mod resolve;
mod secret_file;
mod settings;
#[cfg(feature = "reqwest")]
mod tke_oidc;

pub use settings::TkeOidc;

pub(crate) use resolve::{ResolvedCredentials, Source, resolve};

use crate::Error;
use crate::redact::REDACTED;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Environment variable of the SecretId.
pub const SECRET_ID_VARIABLE: &str = "TENCENTCLOUD_SECRET_ID";
/// Environment variable of the SecretKey.
pub const SECRET_KEY_VARIABLE: &str = "TENCENTCLOUD_SECRET_KEY";
/// Environment variable of the token.
pub const TOKEN_VARIABLE: &str = "TENCENTCLOUD_TOKEN";

/// Environment variable of the profile file.
pub const FILE_VARIABLE: &str = "TENCENTCLOUD_CREDENTIALS_FILE";
/// Profile that is read unless another one is named.
pub const DEFAULT_PROFILE: &str = "default";

/// A key pair. It prints redacted, and its memory is overwritten when it is dropped.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Credentials {
    secret_id: String,
    secret_key: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

impl Credentials {
    /// A permanent key pair.
    ///
    /// # Errors
    /// [`Error::Credentials`] naming the part that is empty or has surrounding white space, a
    /// frequent cause of signatures that are refused.
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<String>) -> Result<Self, Error> {
        let (secret_id, secret_key) = (secret_id.into(), Zeroizing::new(secret_key.into()));
        well_formed("the SecretId", &secret_id)?;
        well_formed("the SecretKey", &secret_key)?;
        Ok(Self {
            secret_id,
            secret_key,
            token: None,
        })
    }

    /// Temporary credentials: the same with their token.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_token(self, token: impl Into<String>) -> Result<Self, Error> {
        let token = Zeroizing::new(token.into());
        well_formed("the token", &token)?;
        Ok(Self {
            token: Some(token),
            ..self
        })
    }

    /// From `TENCENTCLOUD_SECRET_ID`, `TENCENTCLOUD_SECRET_KEY` and, if it is set,
    /// `TENCENTCLOUD_TOKEN`. An empty variable counts as one that is not set.
    ///
    /// # Errors
    /// [`Error::Credentials`] naming the variable that is missing, empty or malformed.
    pub fn from_env() -> Result<Self, Error> {
        let credentials = Self::new(
            required(SECRET_ID_VARIABLE)?,
            required(SECRET_KEY_VARIABLE)?,
        )
        .map_err(|error| from_environment(&error))?;
        match present(TOKEN_VARIABLE)? {
            Ok(token) => credentials
                .with_token(token)
                .map_err(|error| from_environment(&error)),
            Err(_) => Ok(credentials),
        }
    }

    /// From a profile in the file that `TENCENTCLOUD_CREDENTIALS_FILE` names, else in
    /// `~/.tencentcloud/credentials`, else in `/etc/tencentcloud/credentials`.
    ///
    /// # Errors
    /// [`Error::Credentials`] naming the file, and what is missing or malformed in it.
    pub fn from_profile(profile: &str) -> Result<Self, Error> {
        profile::read(&profile::file()?, profile)
    }

    /// From a profile in the text of such a file, wherever that is kept.
    ///
    /// # Errors
    /// [`Error::Credentials`] naming what is missing or malformed.
    pub fn from_profile_text(text: &str, profile: &str) -> Result<Self, Error> {
        profile::parse(text, profile, |what| profile::refuse(what.to_owned()))
    }

    /// From the environment, else from the default profile. A source that is there and malformed
    /// is an error: keys of another account are never taken in its place.
    ///
    /// # Errors
    /// [`Error::Credentials`] saying which sources failed, and why.
    pub fn from_env_or_profile() -> Result<Self, Error> {
        Self::from_env_or_profile_if_any()?.map_err(|detail| Error::Credentials { detail })
    }

    /// The same; why there are none when neither source is there at all.
    pub(crate) fn from_env_or_profile_if_any() -> Result<Result<Self, String>, Error> {
        let variables = [SECRET_ID_VARIABLE, SECRET_KEY_VARIABLE];
        let set = [variable(variables[0])?, variable(variables[1])?];
        if set.iter().flatten().any(|value| !value.is_empty()) {
            return Self::from_env().map(Ok);
        }
        let state = |index: usize| {
            if set[index].is_some() {
                "empty"
            } else {
                "not set"
            }
        };
        let [id, key] = variables;
        let environment = if state(0) == state(1) {
            format!("environment: {id} and {key} are {}", state(0))
        } else {
            format!(
                "environment: {id} is {} and {key} is {}",
                state(0),
                state(1)
            )
        };
        let absent = |why: String| format!("{environment}; {why}");
        match profile::file() {
            Ok(file) => match profile::read(&file, DEFAULT_PROFILE) {
                Err(Error::Credentials { detail }) => Err(Error::Credentials {
                    detail: absent(detail),
                }),
                read => read.map(Ok),
            },
            Err(Error::Credentials { detail }) => Ok(Err(absent(detail))),
            Err(error) => Err(error),
        }
    }

    /// Whether the service would see no difference.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.secret_id == other.secret_id
            && self.secret_key == other.secret_key
            && self.token == other.token
    }

    /// The SecretId, which names the account's key and is no secret by itself.
    #[must_use]
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    pub(crate) fn secret_key(&self) -> &str {
        &self.secret_key
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.as_str())
    }
}

/// Provides keys for each call, so that they can change: temporary ones, or ones that an app's own server hands
/// out. Return the same object while it is valid: the derived signing key is cached with it.
#[cfg_attr(feature = "uniffi", uniffi::export(foreign))]
#[async_trait::async_trait]
pub trait CredentialsProvider: Send + Sync {
    /// The keys to sign the next request with. `refused` are temporary ones that the service has
    /// just refused as expired: hand out others, and the request is sent once more.
    async fn provide(
        &self,
        refused: Option<Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, ProviderError>;
}

/// A provider prints as no more than that.
impl std::fmt::Debug for dyn CredentialsProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialsProvider")
    }
}

/// Why a provider has no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
#[non_exhaustive]
pub enum ProviderError {
    /// There are none for now.
    #[error("{reason}")]
    Unavailable {
        /// Why. It becomes part of the call's error: put no secret into it.
        reason: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("secret_id", &REDACTED)
            .field("secret_key", &REDACTED)
            .field("token", &self.token.as_ref().map(|_| REDACTED))
            .finish()
    }
}

fn well_formed(what: &str, value: &str) -> Result<(), Error> {
    let fault = if value.is_empty() {
        "is empty"
    } else if value.trim() != value {
        "begins or ends with white space"
    } else if !is_header_text(value) {
        "has a character that cannot be sent in a header"
    } else {
        return Ok(());
    };
    Err(Error::Credentials {
        detail: format!("{what} {fault}"),
    })
}

/// Whether a text can be sent in a header: visible ASCII and spaces.
pub(crate) fn is_header_text(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

fn required(name: &str) -> Result<String, Error> {
    present(name)?.map_err(|fault| Error::Credentials {
        detail: format!("environment: {name} {fault}"),
    })
}

/// A variable, if there is something in it: to the vendor's tools an empty one is none.
fn present(name: &str) -> Result<Result<String, &'static str>, Error> {
    Ok(match variable(name)? {
        Some(value) if value.is_empty() => Err("is empty"),
        Some(value) => Ok(value),
        None => Err("is not set"),
    })
}

fn variable(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::Credentials {
            detail: format!("environment: {name} is not text"),
        }),
    }
}

fn from_environment(error: &Error) -> Error {
    match error {
        Error::Credentials { detail } => Error::Credentials {
            detail: format!("environment: {detail}"),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_parts_are_refused_by_name() {
        for (id, key, detail) in [
            ("", "key", "the SecretId is empty"),
            ("id", "", "the SecretKey is empty"),
            ("id ", "key", "the SecretId begins or ends with white space"),
            (
                "id",
                "key\n",
                "the SecretKey begins or ends with white space",
            ),
            (
                "i\nd",
                "key",
                "the SecretId has a character that cannot be sent in a header",
            ),
        ] {
            let error = Credentials::new(id, key).expect_err(detail);
            assert_eq!(
                error,
                Error::Credentials {
                    detail: detail.to_owned()
                }
            );
        }
        let error = Credentials::new("id", "key")
            .and_then(|c| c.with_token(""))
            .expect_err("an empty token");
        assert_eq!(
            error,
            Error::Credentials {
                detail: "the token is empty".to_owned()
            }
        );
    }

    #[test]
    fn debug_is_redacted() {
        let credentials = Credentials::new("AKIDinvented", "key")
            .and_then(|c| c.with_token("token"))
            .expect("well-formed");
        assert_eq!(
            format!("{credentials:?}"),
            "Credentials { secret_id: [redacted], secret_key: [redacted], token: Some([redacted]) }"
        );
    }
}
