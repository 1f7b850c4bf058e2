//! Providers of credentials, good and bad.

use idcard_sandbox::{SECRET_KEY, TOKEN};
use idcard_verification::Credentials;
use idcard_verification::credentials::{CredentialsProvider, ProviderError};
use std::sync::Arc;

struct HostProvider {
    behaviour: String,
    account: String,
}

/// A provider that behaves as the scenario says.
pub(crate) fn provider(behaviour: &str, account: &str) -> Arc<dyn CredentialsProvider> {
    Arc::new(HostProvider {
        behaviour: behaviour.to_owned(),
        account: account.to_owned(),
    })
}

#[async_trait::async_trait]
impl CredentialsProvider for HostProvider {
    async fn provide(
        &self,
        refused: Option<Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, ProviderError> {
        let unavailable = |reason: &str| ProviderError::Unavailable {
            reason: reason.to_owned(),
        };
        let token = match self.behaviour.as_str() {
            "fresh" => TOKEN,
            "refreshes" if refused.is_some() => TOKEN,
            "refreshes" | "stale" => "expired-token",
            "fails" => return Err(unavailable("the server is asleep")),
            // Rust has no exceptions; other languages throw one here, which arrives so.
            "throw" => return Err(unavailable("it threw an exception")),
            "hang" => std::future::pending().await,
            other => panic!("unknown behaviour {other}"),
        };
        Credentials::new(&self.account, SECRET_KEY)
            .and_then(|keys| keys.with_token(token))
            .map(Arc::new)
            .map_err(|error| unavailable(&error.to_string()))
    }
}
