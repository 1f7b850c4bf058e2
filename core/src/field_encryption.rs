//! Fields that are sent encrypted, so that what lies between the caller and the service's own
//! decryption sees nobody's number or name: a fresh symmetric key per request encrypts the fields,
//! and the service's public key encrypts that key.

#[cfg(feature = "encryption")]
mod algorithms;
#[cfg(feature = "encryption")]
mod encryptor;
#[cfg(not(feature = "encryption"))]
#[path = "field_encryption/disabled.rs"]
mod encryptor;

pub(crate) use encryptor::FieldEncryptor;

use crate::setters::setters;
use std::fmt;

/// Encrypts fields of every request of a client. Requests with an encryption of the caller's own,
/// such as one with a key of the key management service, are sent as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct FieldEncryption {
    /// How the fields are encrypted. Default: AES-256-CBC.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub algorithm: Option<EncryptionAlgorithm>,
    /// Public key of the service, in base64: RSA as PKCS#1 or SPKI for AES-256-CBC, SM2 as SPKI for
    /// SM4-GCM. Default: the vendor's published key.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub public_key: Option<String>,
    /// Wire names of the fields to encrypt, such as `IdCard`. Default: all that the service takes
    /// encrypted.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub fields: Option<Vec<String>>,
    /// Whether SM4-GCM may encrypt more than one field. The service takes one key and one
    /// initialisation vector for all fields, so the second field uses the nonce of the first: whoever
    /// sees both ciphertexts learns how the two texts differ and can forge tags. Default: no.
    #[cfg_attr(feature = "uniffi", uniffi(default = false))]
    pub allow_sm4_gcm_nonce_reuse: bool,
}

impl FieldEncryption {
    setters! {
        with_algorithm(algorithm: some EncryptionAlgorithm),
        with_public_key(public_key: some String),
        with_fields(fields: some Vec<String>),
        with_allow_sm4_gcm_nonce_reuse(allow_sm4_gcm_nonce_reuse: bool),
    }
}

crate::redact::display_as_debug!(FieldEncryption);

/// How fields are encrypted, and how their key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum EncryptionAlgorithm {
    /// AES-256-CBC with a key of 32 bytes, which RSA (PKCS #1 v1.5) encrypts.
    Aes256Cbc,
    /// SM4-GCM with a key of 16 bytes, which SM2 (C1C3C2) encrypts.
    Sm4Gcm,
}

impl EncryptionAlgorithm {
    /// Name on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Aes256Cbc => "AES-256-CBC",
            Self::Sm4Gcm => "SM4-GCM",
        }
    }
}

impl fmt::Display for EncryptionAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a request says of its encrypted fields.
#[cfg_attr(
    not(feature = "encryption"),
    allow(dead_code, reason = "there is none then")
)]
pub(crate) struct EncryptedFields {
    /// Wire names of the encrypted fields.
    pub(crate) fields: Vec<String>,
    /// The symmetric key, encrypted, in base64.
    pub(crate) key: String,
    /// The initialisation vector, in base64.
    pub(crate) iv: String,
    /// Name of the algorithm.
    pub(crate) algorithm: String,
    /// Authentication tags in base64, in the order of the fields, where the algorithm has them.
    pub(crate) tags: Option<Vec<String>>,
}
