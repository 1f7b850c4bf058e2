//! The stages, each a text made from the one before.

use super::{SigningInput, SigningKey};
use crate::generated::{CONTENT_TYPE, SCOPE_TERMINATOR, SIGNATURE_ALGORITHM};
use crate::time::date::Date;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What a signing key is good for: one service on one UTC day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    date: String,
    service: String,
}

impl Scope {
    /// The scope of a Unix time in seconds. The date is the UTC date of that time.
    #[must_use]
    pub fn new(timestamp: u64, service: &str) -> Self {
        Self {
            date: Date::from_unix(timestamp).to_string(),
            service: service.to_owned(),
        }
    }

    /// UTC date, as `YYYY-MM-DD`.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// Name of the service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{SCOPE_TERMINATOR}", self.date, self.service)
    }
}

/// First stage: what is sent, written in one way only. Header names are lowercase and sorted;
/// values are trimmed and lowercased here, while the wire keeps their case.
#[must_use]
pub fn canonical_request(headers: &[(&str, &str)], payload_sha256_hex: &str) -> String {
    let mut text = String::with_capacity(256);
    text.push_str("POST\n/\n\n");
    for (name, value) in headers {
        text.push_str(name);
        text.push(':');
        // Lowercasing ASCII in place spares the copy that `to_lowercase` makes.
        let start = text.len();
        text.push_str(value.trim());
        text[start..].make_ascii_lowercase();
        text.push('\n');
    }
    text.push('\n');
    push_names(&mut text, headers);
    text.push('\n');
    text.push_str(payload_sha256_hex);
    text
}

/// Names of the signed headers, as the canonical request and the `Authorization` header have them.
#[must_use]
pub fn signed_headers(headers: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(40);
    push_names(&mut text, headers);
    text
}

fn push_names(text: &mut String, headers: &[(&str, &str)]) {
    for (index, (name, _)) in headers.iter().enumerate() {
        if index > 0 {
            text.push(';');
        }
        text.push_str(name);
    }
}

/// Second stage: algorithm, time, scope and the hash of the first stage.
#[must_use]
pub fn string_to_sign(timestamp: u64, scope: &Scope, canonical_request_sha256_hex: &str) -> String {
    let mut text = String::with_capacity(160);
    text.push_str(SIGNATURE_ALGORITHM);
    let _ = write!(text, "\n{timestamp}\n");
    push_scope(&mut text, scope);
    text.push('\n');
    text.push_str(canonical_request_sha256_hex);
    text
}

/// All stages at once: the `Authorization` header of a request of this library.
pub(super) fn authorize(
    secret_id: &str,
    key: &SigningKey,
    scope: &Scope,
    input: &SigningInput<'_>,
) -> String {
    let headers = [
        ("content-type", CONTENT_TYPE),
        ("host", input.host),
        ("x-tc-action", input.action),
    ];
    let canonical = canonical_request(&headers, input.payload_sha256);
    let canonical_hash = sha256_hex(canonical.as_bytes());
    let to_sign = string_to_sign(input.timestamp, scope, &canonical_hash);
    let signature = key.sign(&to_sign);
    authorization(secret_id, scope, &signed_headers(&headers), &signature)
}

/// Last stage: the `Authorization` header.
#[must_use]
pub fn authorization(
    secret_id: &str,
    scope: &Scope,
    signed_headers: &str,
    signature: &str,
) -> String {
    let mut text = String::with_capacity(256);
    text.push_str(SIGNATURE_ALGORITHM);
    text.push_str(" Credential=");
    text.push_str(secret_id);
    text.push('/');
    push_scope(&mut text, scope);
    text.push_str(", SignedHeaders=");
    text.push_str(signed_headers);
    text.push_str(", Signature=");
    text.push_str(signature);
    text
}

fn push_scope(text: &mut String, scope: &Scope) {
    text.push_str(&scope.date);
    text.push('/');
    text.push_str(&scope.service);
    text.push('/');
    text.push_str(SCOPE_TERMINATOR);
}

/// SHA-256 in lowercase hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lowercase hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    text
}
