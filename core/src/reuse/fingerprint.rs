//! Names a request without holding it: a keyed hash, so that a cache or a ledger has nobody's
//! number or name, and a dump of it cannot be searched for one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Name of a request or of a value in it, good under one key only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 16]);

/// Makes fingerprints with a key of its own.
pub(crate) struct Fingerprinter(Hmac<Sha256>);

impl Fingerprinter {
    /// One with a new key. Without a source of random numbers there is none.
    pub(crate) fn new() -> Option<Self> {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).ok()?;
        Hmac::new_from_slice(&*key).ok().map(Self)
    }

    /// One with a key that others have too.
    pub(crate) fn with_key(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    /// The fingerprint of some text of some kind.
    pub(crate) fn of(&self, kind: &str, text: &[u8]) -> Fingerprint {
        let mut mac = self.0.clone();
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(text);
        let whole = mac.finalize().into_bytes();
        let mut half = [0; 16];
        half.copy_from_slice(&whole[..16]);
        Fingerprint(half)
    }
}

impl Fingerprint {
    /// As bytes, for whoever keeps it elsewhere.
    pub(crate) const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl std::fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprinter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_texts_and_clients_differ() {
        let (one, other) = (
            Fingerprinter::new().expect("one"),
            Fingerprinter::new().expect("another"),
        );
        assert_eq!(one.of("a", b"b"), one.of("a", b"b"));
        assert_ne!(one.of("a", b"b"), one.of("a", b"c"));
        assert_ne!(one.of("a", b"b"), one.of("b", b"b"));
        assert_ne!(one.of("a", b"b"), other.of("a", b"b"));
    }
}
