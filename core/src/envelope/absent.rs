//! In place of [`sealer`](super) in a build without encryption, which a mobile app may choose to
//! be smaller.

use super::{Envelope, FieldEncryption};
use crate::Error;

/// There is none.
#[derive(Debug)]
pub(crate) enum Sealer {}

/// There is none.
pub(crate) enum Sealing {}

impl Sealer {
    pub(crate) fn new(_: &FieldEncryption) -> Result<Self, Error> {
        Err(Error::Configuration {
            detail: "encryption: this build has none (feature `encryption`)".to_owned(),
        })
    }

    pub(crate) fn begin(&self) -> Result<Sealing, Error> {
        match *self {}
    }
}

#[allow(
    dead_code,
    reason = "whether an action takes encrypted fields is up to the spec"
)]
impl Sealing {
    pub(crate) fn field(&mut self, _: &str, _: &mut String) {
        match *self {}
    }

    pub(crate) fn end(self) -> Result<Envelope, Error> {
        match self {}
    }
}
