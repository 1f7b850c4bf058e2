//! Signs requests with a SecretKey that is held here, and keeps the key of the day.

use super::SigningKey;
use super::stages::{self, Scope};
use crate::Credentials;
use crate::generated::{CONTENT_TYPE, SERVICE};
use std::sync::{Arc, Mutex, PoisonError};

/// What a signature covers.
#[derive(Debug)]
pub(crate) struct SigningInput<'a> {
    pub(crate) host: &'a str,
    pub(crate) action: &'a str,
    pub(crate) timestamp: u64,
    pub(crate) payload: &'a [u8],
}

/// Signs with one SecretKey.
#[derive(Debug)]
pub(crate) struct Signer {
    credentials: Credentials,
    day: Mutex<Option<Arc<Day>>>,
}

/// A scope and its key.
#[derive(Debug)]
struct Day {
    number: u64,
    scope: Scope,
    key: SigningKey,
}

impl Signer {
    pub(crate) const fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            day: Mutex::new(None),
        }
    }

    /// Token of temporary credentials.
    pub(crate) fn token(&self) -> Option<&str> {
        self.credentials.token()
    }

    /// The `Authorization` header of a request.
    pub(crate) fn authorization(&self, input: &SigningInput<'_>) -> String {
        let headers = [
            ("content-type", CONTENT_TYPE),
            ("host", input.host),
            ("x-tc-action", input.action),
        ];
        let day = self.day(input.timestamp);
        let canonical = stages::canonical_request(&headers, &stages::sha256_hex(input.payload));
        let canonical_hash = stages::sha256_hex(canonical.as_bytes());
        let to_sign = stages::string_to_sign(input.timestamp, &day.scope, &canonical_hash);
        let signature = day.key.sign(&to_sign);
        let names = stages::signed_headers(&headers);
        stages::authorization(self.credentials.secret_id(), &day.scope, &names, &signature)
    }

    /// Scope and key of a time's UTC day; they are derived once a day.
    fn day(&self, timestamp: u64) -> Arc<Day> {
        let number = timestamp / 86_400;
        let mut cached = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some(day) if day.number == number => Arc::clone(day),
            _ => {
                let scope = Scope::new(timestamp, SERVICE);
                let key = SigningKey::derive(self.credentials.secret_key(), &scope);
                let day = Arc::new(Day { number, scope, key });
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

    fn authorization(signer: &Signer, timestamp: u64) -> String {
        let input = SigningInput {
            host: "h.example",
            action: "A",
            timestamp,
            payload: b"{}",
        };
        signer.authorization(&input)
    }

    #[test]
    fn the_key_follows_the_utc_day() {
        let credentials = Credentials::new("AKIDinvented", "an invented key").expect("credentials");
        let signer = Signer::new(credentials.clone());
        for timestamp in [86_399, 86_400, 86_401, 86_399, 10 * 86_400] {
            let fresh = Signer::new(credentials.clone());
            assert_eq!(
                authorization(&signer, timestamp),
                authorization(&fresh, timestamp)
            );
        }
        assert!(authorization(&signer, 86_399).contains("/1970-01-01/"));
        assert!(authorization(&signer, 86_400).contains("/1970-01-02/"));
    }

    #[test]
    fn the_headers_of_the_spec_are_signed() {
        let signer =
            Signer::new(Credentials::new("AKIDinvented", "an invented key").expect("credentials"));
        let expected = format!("SignedHeaders={},", SIGNED_HEADERS.join(";"));
        assert!(authorization(&signer, 0).contains(&expected));
    }

    #[test]
    fn nothing_prints_the_key() {
        let signer =
            Signer::new(Credentials::new("AKIDinvented", "an invented key").expect("credentials"));
        authorization(&signer, 0);
        let printed = format!("{signer:?}");
        assert!(!printed.contains("invented"), "{printed}");
    }
}
