//! Signing by somebody else: the device keeps the person's data and has no key, the app's own
//! backend has the key and sees a hash.
//!
//! The device asks with a [`SigningRequest`], the backend answers by [`sign_digest`].

use super::stages::{self, Scope};
use super::{SigningInput, SigningKey};
use crate::generated::{ACTIONS, CONTENT_TYPE, SERVICE, Site};
use crate::redact::REDACTED;
use crate::transport::endpoint;
use crate::{Credentials, Error};
use std::fmt;

/// What a signature is made from: where to, when, and the SHA-256 of the body. Nothing of it tells
/// whom the request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SigningRequest {
    /// Host the request goes to, with a port that is not the usual one.
    pub host: String,
    /// Service in the credential scope.
    pub service: String,
    /// Action.
    pub action: String,
    /// Version of the action.
    pub version: String,
    /// The device's Unix time in seconds, as far as it knows. A signer that has a better clock signs with
    /// its own, and says so in the answer.
    pub timestamp: u64,
    /// Content type of the body.
    pub content_type: String,
    /// SHA-256 of the body, in lowercase hexadecimal.
    pub payload_sha256: String,
}

/// A signature, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
pub struct RemoteSignature {
    /// Value of the `Authorization` header.
    pub authorization: String,
    /// Token of temporary credentials, for the header `X-TC-Token`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub token: Option<String>,
    /// Unix time in seconds that was signed, which is sent in the header `X-TC-Timestamp`. Left out: the
    /// one that was asked for.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub timestamp: Option<u64>,
}

crate::redact::display_as_debug!(RemoteSignature);

impl fmt::Debug for RemoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSignature")
            .field("authorization", &REDACTED)
            .field("token", &self.token.as_ref().map(|_| REDACTED))
            .field("timestamp", &self.timestamp)
            .finish()
    }
}

/// Gets signatures from somewhere else, such as the app's own backend. It is asked once for each
/// request, and again when a request is repeated.
#[cfg_attr(feature = "uniffi", uniffi::export(foreign))]
#[async_trait::async_trait]
pub trait RemoteSigner: Send + Sync {
    /// Signs.
    async fn sign(&self, request: SigningRequest) -> Result<RemoteSignature, SignerError>;
}

/// A signer prints as no more than that.
impl fmt::Debug for dyn RemoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RemoteSigner")
    }
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
#[non_exhaustive]
pub enum SignerError {
    /// There is none for now.
    #[error("{reason}")]
    Unavailable {
        /// Why. It becomes part of the call's error: put no secret into it.
        reason: String,
    },
}

/// The backend's half: signs what a device asks for.
///
/// It signs only requests to the actions of this library at the service's own hosts, or at this
/// machine for tests, and it signs its own time, `now`, the backend's Unix time in seconds: a device
/// whose clock is wrong locks nobody out, and none gets a signature for later.
///
/// What a signature is worth: for 300 s after `now` whoever has it and the body can send that request, as
/// often as the service lets them, and each is charged. The hash tells the backend nothing of whom the
/// body is about. What is signed is the host, the action, the content type, the time and the body; not
/// the version, the language and the token. So who may ask, and how often, is for the backend to
/// decide before it calls this: limit it per session, and watch the bill.
///
/// # Errors
/// [`Error::Configuration`] naming the part that is not to be signed.
pub fn sign_digest(
    credentials: &Credentials,
    request: &SigningRequest,
    now: u64,
) -> Result<RemoteSignature, Error> {
    let refuse = |detail: &str| {
        Err(Error::Configuration {
            detail: format!("not to be signed: {detail}"),
        })
    };
    if request.service != SERVICE {
        return refuse("it is for another service");
    }
    if !ACTIONS.contains(&(request.action.as_str(), request.version.as_str())) {
        return refuse("it is for another action, or another version of it");
    }
    let is_site = Site::ALL.iter().any(|site| site.host() == request.host);
    if !is_site && !endpoint::is_loopback_authority(&request.host) {
        return refuse("it is for another host");
    }
    if request.content_type != CONTENT_TYPE {
        return refuse("its content type is another");
    }
    let is_hash = request.payload_sha256.len() == 64
        && request
            .payload_sha256
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hash {
        return refuse("its hash is not a SHA-256 in lowercase hexadecimal");
    }
    let scope = Scope::new(now, SERVICE);
    let key = SigningKey::derive(credentials.secret_key(), &scope);
    let input = SigningInput {
        host: &request.host,
        action: &request.action,
        timestamp: now,
        payload_sha256: &request.payload_sha256,
    };
    Ok(RemoteSignature {
        authorization: stages::authorize(credentials.secret_id(), &key, &scope, &input),
        token: credentials.token().map(str::to_owned),
        timestamp: Some(now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn request() -> SigningRequest {
        SigningRequest {
            host: Site::International.host().to_owned(),
            service: SERVICE.to_owned(),
            action: ACTIONS[0].0.to_owned(),
            version: ACTIONS[0].1.to_owned(),
            timestamp: NOW,
            content_type: CONTENT_TYPE.to_owned(),
            payload_sha256: stages::sha256_hex(b"{}"),
        }
    }

    fn sign(change: impl FnOnce(&mut SigningRequest)) -> Result<RemoteSignature, Error> {
        let keys = Credentials::new("AKIDinvented", "an invented key").expect("keys");
        let mut asked = request();
        change(&mut asked);
        sign_digest(&keys, &asked, NOW)
    }

    #[test]
    fn what_is_not_ours_is_not_signed() {
        assert!(sign(|_| {}).is_ok());
        assert!(sign(|request| request.host = "127.0.0.1:8080".to_owned()).is_ok());
        type Change = fn(&mut SigningRequest);
        let changes: [(&str, Change); 8] = [
            ("service", |r| r.service = "cvm".to_owned()),
            ("action", |r| r.action = "DetectAuth".to_owned()),
            ("version", |r| r.version = "2017-03-12".to_owned()),
            ("host", |r| r.host = "cvm.tencentcloudapi.com".to_owned()),
            // A line of its own would become a header of the canonical request.
            ("host", |r| r.host.push_str("\nx-tc-action:other")),
            ("host", |r| r.host = "127.0.0.1.example".to_owned()),
            ("content type", |r| r.content_type = "text/plain".to_owned()),
            ("hash", |r| r.payload_sha256.make_ascii_uppercase()),
        ];
        for (what, change) in changes {
            let error = sign(change).expect_err(what).to_string();
            assert!(error.contains(what), "{what}: {error}");
        }
    }

    #[test]
    fn a_device_whose_clock_is_wrong_gets_the_backends_time() {
        let right = sign(|_| {}).expect("signed");
        assert_eq!(right.timestamp, Some(NOW));
        for time in [0, NOW + 301, u64::MAX] {
            let signed = sign(|request| request.timestamp = time);
            assert_eq!(signed.as_ref(), Ok(&right), "{time}");
        }
    }

    #[test]
    fn the_signature_is_the_one_a_local_key_makes() {
        let keys =
            std::sync::Arc::new(Credentials::new("AKIDinvented", "an invented key").expect("keys"));
        let asked = request();
        let local = super::super::Signer::default().authorization(
            &keys,
            &SigningInput {
                host: &asked.host,
                action: &asked.action,
                timestamp: NOW,
                payload_sha256: &asked.payload_sha256,
            },
        );
        assert_eq!(sign(|_| {}).expect("signed").authorization, local);
        assert_eq!(
            format!("{:?}", sign(|_| {}).expect("signed")),
            "RemoteSignature { authorization: [redacted], token: None, timestamp: Some(1800000000) }"
        );
    }
}
