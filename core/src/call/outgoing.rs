//! What a call sends: its body, and the claim that is made before.

use super::engine::Engine;
use super::limits::CallLimits;
use crate::Error;
use crate::ledger::{CallClaim, KeyedLedger};
use crate::protocol::{self, Action};
use std::sync::Arc;

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) body: Vec<u8>,
    /// There is none without a ledger.
    pub(super) claim: Option<Arc<CallClaim>>,
}

impl Engine {
    /// What is to be sent, and to be claimed before.
    pub(super) fn outgoing<A: Action>(
        &self,
        request: &A,
        plain: Vec<u8>,
        limits: &CallLimits,
    ) -> Result<Outgoing, Error> {
        // Of the plain request: the encrypted one never looks the same twice.
        let claim = KeyedLedger::claim_of::<A>(limits.ledger.as_ref(), &plain)?;
        let body = self.body(request, plain)?;
        Ok(Outgoing { body, claim })
    }

    /// The body to send: the plain one, or one with encrypted fields.
    fn body<A: Action>(&self, request: &A, plain: Vec<u8>) -> Result<Vec<u8>, Error> {
        let Some(encryptor) = &self.encryptor else {
            return Ok(plain);
        };
        let Some(encrypted) = request.encrypt_fields(encryptor)? else {
            return Ok(plain);
        };
        let body = protocol::encode(&encrypted);
        check_size::<A>(&body)?;
        Ok(body)
    }
}

/// The service would refuse a larger body; refusing it here costs no request.
pub(super) fn check_size<A: Action>(body: &[u8]) -> Result<(), Error> {
    match A::INFO.request_bytes {
        Some(limit) if body.len() as u64 > limit => Err(Error::configuration(&format!(
            "the request has {} bytes, the service takes {limit}",
            body.len()
        ))),
        _ => Ok(()),
    }
}
