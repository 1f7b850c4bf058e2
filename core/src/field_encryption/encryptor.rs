//! Encrypts the fields of one request after another, each with a key of its own.

use super::algorithms::{ContentKey, PublicKey};
use super::{EncryptedFields, EncryptionAlgorithm, FieldEncryption};
use crate::Error;
use crate::generated::{ENCRYPTABLE_FIELDS, ENCRYPTION_KEYS};
use base64ct::{Base64, Encoding};

/// Settings that were checked.
#[derive(Debug)]
pub(crate) struct FieldEncryptor {
    public_key: PublicKey,
    fields: Vec<String>,
}

/// One request under way.
pub(crate) struct RequestEncryption<'a> {
    encryptor: &'a FieldEncryptor,
    key: ContentKey,
    fields: Vec<String>,
    tags: Vec<String>,
}

impl FieldEncryptor {
    /// Checks the settings.
    pub(crate) fn new(settings: &FieldEncryption) -> Result<Self, Error> {
        let algorithm = settings.algorithm.unwrap_or(EncryptionAlgorithm::Aes256Cbc);
        let fields = match &settings.fields {
            Some(fields) => fields.clone(),
            None => ENCRYPTABLE_FIELDS.iter().map(|&f| f.to_owned()).collect(),
        };
        if fields.is_empty() {
            return Err(refuse("no field is named"));
        }
        if let Some(other) = fields
            .iter()
            .find(|field| !ENCRYPTABLE_FIELDS.contains(&field.as_str()))
        {
            return Err(refuse(&format!(
                "`{other}` is not sent encrypted; it can be {}",
                ENCRYPTABLE_FIELDS.join(", ")
            )));
        }
        let repeats_nonce = algorithm == EncryptionAlgorithm::Sm4Gcm && fields.len() > 1;
        if repeats_nonce && !settings.allow_sm4_gcm_nonce_reuse {
            return Err(refuse(
                "SM4-GCM would use one nonce for several fields; name one field, take \
                 AES-256-CBC, or set allow_sm4_gcm_nonce_reuse",
            ));
        }
        let of_vendor = ENCRYPTION_KEYS
            .iter()
            .find(|(name, _)| *name == algorithm.as_str())
            .map(|(_, key)| *key);
        let text = settings
            .public_key
            .as_deref()
            .or(of_vendor)
            .ok_or_else(|| refuse(&format!("there is no public key for {algorithm}")))?;
        let public_key = PublicKey::parse(algorithm, text).map_err(refuse)?;
        Ok(Self { public_key, fields })
    }

    /// Begins a request, with a new key.
    pub(crate) fn begin(&self) -> Result<RequestEncryption<'_>, Error> {
        let key = ContentKey::random(self.public_key.algorithm())
            .ok_or_else(|| refuse("the system has no random numbers"))?;
        Ok(RequestEncryption {
            encryptor: self,
            key,
            fields: Vec::new(),
            tags: Vec::new(),
        })
    }
}

impl RequestEncryption<'_> {
    /// Encrypts a field in place, if it is one of those to encrypt.
    pub(crate) fn field(&mut self, wire: &str, value: &mut String) {
        if !self.encryptor.fields.iter().any(|field| field == wire) {
            return;
        }
        let encrypted = self.key.encrypt(value.as_bytes());
        *value = Base64::encode_string(&encrypted.ciphertext);
        self.fields.push(wire.to_owned());
        self.tags
            .extend(encrypted.tag.map(|tag| Base64::encode_string(&tag)));
    }

    /// Encrypts the key.
    pub(crate) fn end(self) -> Result<EncryptedFields, Error> {
        let wrapped = self.encryptor.public_key.wrap(self.key.bytes());
        let wrapped = wrapped.ok_or_else(|| refuse("the key could not be encrypted"))?;
        Ok(EncryptedFields {
            fields: self.fields,
            key: Base64::encode_string(&wrapped),
            iv: Base64::encode_string(self.key.iv()),
            algorithm: self.encryptor.public_key.algorithm().as_str().to_owned(),
            tags: (!self.tags.is_empty()).then_some(self.tags),
        })
    }
}

fn refuse(what: &str) -> Error {
    Error::Configuration {
        detail: format!("encryption: {what}"),
    }
}
