//! Remote signers, good and bad.

use idcard_verification::Credentials;
use idcard_verification::sign::{
    RemoteSignature, RemoteSigner, SignerError, SigningRequest, sign_digest,
};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

struct HostSigner {
    behaviour: String,
    keys: Arc<Credentials>,
}

/// A signer that behaves as the scenario says; it signs with the keys of a backend.
pub(crate) fn signer(behaviour: &str, keys: Arc<Credentials>) -> Arc<dyn RemoteSigner> {
    Arc::new(HostSigner {
        behaviour: behaviour.to_owned(),
        keys,
    })
}

#[async_trait::async_trait]
impl RemoteSigner for HostSigner {
    async fn sign(&self, request: SigningRequest) -> Result<RemoteSignature, SignerError> {
        let unavailable = |reason: &str| SignerError::Unavailable {
            reason: reason.to_owned(),
        };
        match self.behaviour.as_str() {
            "signs" => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH);
                let now = now.expect("a clock after 1970").as_secs();
                sign_digest(&self.keys, &request, now)
                    .map_err(|error| unavailable(&error.to_string()))
            }
            "fails" => Err(unavailable("the server is asleep")),
            // Rust has no exceptions; other languages throw one here, which arrives so.
            "throw" => Err(unavailable("it threw an exception")),
            "hang" => std::future::pending().await,
            "forges" => Ok(RemoteSignature {
                authorization: "TC3\r\nX-Forged: 1".to_owned(),
                token: None,
                timestamp: None,
            }),
            other => panic!("unknown behaviour {other}"),
        }
    }
}
