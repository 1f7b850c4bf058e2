//! Signs requests with a SecretKey that is held here, and keeps the key of the day.

use super::SigningKey;
use super::stages::{self, Scope};
use crate::Credentials;
use crate::generated::SERVICE;
use std::sync::{Arc, Mutex, PoisonError};

/// What a signature covers.
#[derive(Debug)]
pub(crate) struct SigningInput<'a> {
    pub(crate) host: &'a str,
    pub(crate) action: &'a str,
    pub(crate) timestamp: u64,
    pub(crate) payload_sha256: &'a str,
}

/// Signs with a SecretKey, and keeps the key of the day for as long as the SecretKey stays.
#[derive(Debug, Default)]
pub(crate) struct Signer {
    day: Mutex<Option<Arc<Day>>>,
}

/// A scope and its key.
#[derive(Debug)]
struct Day {
    number: u64,
    credentials: Arc<Credentials>,
    scope: Scope,
    key: SigningKey,
}

impl Signer {
    /// The `Authorization` header of a request.
    pub(crate) fn authorization(
        &self,
        credentials: &Arc<Credentials>,
        input: &SigningInput<'_>,
    ) -> String {
        let day = self.day(credentials, input.timestamp);
        stages::authorize(credentials.secret_id(), &day.key, &day.scope, input)
    }

    /// Scope and key of a time's UTC day; they are derived once a day and for each SecretKey.
    fn day(&self, credentials: &Arc<Credentials>, timestamp: u64) -> Arc<Day> {
        let number = timestamp / 86_400;
        let mut cached = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some(day) if day.number == number && Arc::ptr_eq(&day.credentials, credentials) => {
                Arc::clone(day)
            }
            _ => {
                let scope = Scope::new(timestamp, SERVICE);
                let key = SigningKey::derive(credentials.secret_key(), &scope);
                let day = Arc::new(Day {
                    number,
                    credentials: Arc::clone(credentials),
                    scope,
                    key,
                });
                *cached = Some(Arc::clone(&day));
                day
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::SIGNED_HEADERS;

    fn credentials(key: &str) -> Arc<Credentials> {
        Arc::new(Credentials::new("AKIDinvented", key).expect("credentials"))
    }

    fn authorization(signer: &Signer, credentials: &Arc<Credentials>, timestamp: u64) -> String {
        let input = SigningInput {
            host: "h.example",
            action: "A",
            timestamp,
            payload_sha256: "",
        };
        signer.authorization(credentials, &input)
    }

    #[test]
    fn the_key_follows_the_utc_day_and_the_credentials() {
        let signer = Signer::default();
        let keys = [credentials("an invented key"), credentials("another one")];
        for timestamp in [86_399, 86_400, 86_401, 86_399, 10 * 86_400] {
            for key in &keys {
                let fresh = authorization(&Signer::default(), key, timestamp);
                assert_eq!(authorization(&signer, key, timestamp), fresh);
            }
        }
        assert!(authorization(&signer, &keys[0], 86_399).contains("/1970-01-01/"));
        assert!(authorization(&signer, &keys[0], 86_400).contains("/1970-01-02/"));
    }

    #[test]
    fn the_headers_of_the_spec_are_signed() {
        let expected = format!("SignedHeaders={},", SIGNED_HEADERS.join(";"));
        assert!(
            authorization(&Signer::default(), &credentials("an invented key"), 0)
                .contains(&expected)
        );
    }

    #[test]
    fn nothing_prints_the_key() {
        let signer = Signer::default();
        authorization(&signer, &credentials("an invented key"), 0);
        let printed = format!("{signer:?}");
        assert!(!printed.contains("invented"), "{printed}");
    }
}
