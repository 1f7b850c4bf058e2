//! In place of the encryptor in a build without encryption, which a mobile app may choose to
//! be smaller.

use super::{EncryptedFields, FieldEncryption};
use crate::Error;

/// There is none.
#[derive(Debug)]
pub(crate) enum FieldEncryptor {}

/// There is none.
pub(crate) enum RequestEncryption {}

impl FieldEncryptor {
    pub(crate) fn new(_: &FieldEncryption) -> Result<Self, Error> {
        Err(Error::Configuration {
            detail: "encryption: this build has none (feature `encryption`)".to_owned(),
        })
    }

    pub(crate) fn begin(&self) -> Result<RequestEncryption, Error> {
        match *self {}
    }
}

#[allow(
    dead_code,
    reason = "whether an action takes encrypted fields is up to the spec"
)]
impl RequestEncryption {
    pub(crate) fn field(&mut self, _: &str, _: &mut String) {
        match *self {}
    }

    pub(crate) fn end(self) -> Result<EncryptedFields, Error> {
        match self {}
    }
}
