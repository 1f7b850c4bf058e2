//! Credentials and the signature of one request, whoever has the key.

use super::engine::Engine;
use super::limits::CallLimits;
use crate::credentials::{CredentialsProvider, ProviderError, is_header_text};
use crate::generated::{CONTENT_TYPE, SERVICE};
use crate::protocol::Action;
use crate::sign::{RemoteSignature, RemoteSigner, SignerError, SigningInput, SigningRequest};
use crate::{Credentials, Error};
use std::sync::Arc;

/// A signature, wherever it was made.
pub(super) struct Authorization {
    pub(super) timestamp: u64,
    /// Whether the time is what this client's clock showed, and not what somebody else chose.
    pub(super) is_our_time: bool,
    pub(super) authorization: String,
    pub(super) token: Option<String>,
}

impl Engine {
    /// Credentials of the provider, others than those that were refused.
    pub(super) async fn provided(
        &self,
        name: &str,
        provider: &dyn CredentialsProvider,
        limits: &CallLimits,
        refused: Option<Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, Error> {
        let mut asked = provider.provide(refused.clone());
        match self.within(limits, asked.as_mut()).await {
            Some(Ok(same)) if refused.is_some_and(|refused| refused.is_same(&same)) => {
                Err(Error::credentials(&format!(
                    "{name}returned the credentials that were just refused"
                )))
            }
            Some(Ok(provided)) => Ok(provided),
            Some(Err(ProviderError::Unavailable { reason })) => {
                Err(Error::credentials(&format!("{name}{reason}")))
            }
            None => Err(Error::credentials(&format!("{name}timed out"))),
        }
    }

    /// Signs with a key that is here.
    pub(super) fn sign<A: Action>(
        &self,
        credentials: &Arc<Credentials>,
        payload_sha256: &str,
    ) -> Authorization {
        let timestamp = self.clock.now(&*self.time_source);
        let input = SigningInput {
            host: self.endpoint.host(),
            action: A::INFO.name,
            timestamp,
            payload_sha256,
        };
        Authorization {
            timestamp,
            is_our_time: true,
            authorization: self.signer.authorization(credentials, &input),
            token: credentials.token().map(str::to_owned),
        }
    }

    /// Has the hash of the request signed where the key is.
    pub(super) async fn signed_elsewhere<A: Action>(
        &self,
        signer: &dyn RemoteSigner,
        limits: &CallLimits,
        payload_sha256: String,
    ) -> Result<Authorization, Error> {
        let timestamp = self.clock.now(&*self.time_source);
        let mut asked = signer.sign(SigningRequest {
            host: self.endpoint.host().to_owned(),
            service: SERVICE.to_owned(),
            action: A::INFO.name.to_owned(),
            version: A::INFO.version.to_owned(),
            timestamp,
            content_type: CONTENT_TYPE.to_owned(),
            payload_sha256,
        });
        match self.within(limits, asked.as_mut()).await {
            Some(Ok(signature)) if is_header(&signature) => Ok(Authorization {
                timestamp: signature.timestamp.unwrap_or(timestamp),
                is_our_time: signature.timestamp.is_none(),
                authorization: signature.authorization,
                token: signature.token,
            }),
            Some(Ok(_)) => Err(Error::credentials(
                "remote signer: returned an Authorization header that cannot be sent",
            )),
            Some(Err(SignerError::Unavailable { reason })) => {
                // It may have been the time that it refused; what we learnt of that may be wrong.
                self.clock.forget();
                Err(Error::credentials(&format!("remote signer: {reason}")))
            }
            None => Err(Error::credentials("remote signer: timed out")),
        }
    }
}

/// Whether a signature from elsewhere can be sent as headers.
fn is_header(signature: &RemoteSignature) -> bool {
    let texts = [Some(&signature.authorization), signature.token.as_ref()];
    let mut texts = texts.into_iter().flatten();
    texts.all(|text| !text.is_empty() && is_header_text(text))
}
