//! The signing key, derived from the SecretKey step by step.

use super::stages::{Scope, hex};
use crate::generated::SCOPE_TERMINATOR;
use crate::redact::REDACTED;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

type HmacSha256 = Hmac<Sha256>;

/// A key that signs for one [`Scope`]. It keeps the keyed hash itself, so that a signature costs
/// no derivation, and forgets it when it is dropped.
#[derive(Clone)]
pub struct SigningKey {
    keyed: HmacSha256,
}

impl SigningKey {
    /// Derives the key of a scope from the SecretKey.
    #[must_use]
    pub fn derive(secret_key: &str, scope: &Scope) -> Self {
        Self {
            keyed: keyed(&*Self::steps(secret_key, scope)[2]),
        }
    }

    /// The three keys of the derivation: of the date, of the service, and for signing.
    #[must_use]
    pub fn steps(secret_key: &str, scope: &Scope) -> [Zeroizing<[u8; 32]>; 3] {
        let mut first = Zeroizing::new(String::with_capacity(4 + secret_key.len()));
        first.push_str("TC3");
        first.push_str(secret_key);
        let date = step(first.as_bytes(), scope.date());
        let service = step(&*date, scope.service());
        let signing = step(&*service, SCOPE_TERMINATOR);
        [date, service, signing]
    }

    /// Signs a string to sign: the signature in lowercase hexadecimal.
    #[must_use]
    pub fn sign(&self, string_to_sign: &str) -> String {
        let mut mac = self.keyed.clone();
        mac.update(string_to_sign.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey").field(&REDACTED).finish()
    }
}

fn step(key: &[u8], message: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = keyed(key);
    mac.update(message.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn keyed(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes a key of any length")
}
