//! The last links of the chain of sources: those that are asked over the network, when a call
//! first needs keys. The one that has some is asked from then on.

use super::cvm_role::CvmRole;
use super::refreshing::Refreshing;
use super::tke_oidc::TkeOidcRole;
use super::{Credentials, CredentialsProvider, ProviderError};
use crate::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const UNDECIDED: u8 = 0;
const CVM: u8 = 1;
const TKE: u8 = 2;

/// Sources in their order.
pub(super) struct Chain {
    /// Why the earlier sources have none.
    earlier: String,
    cvm: Refreshing<CvmRole>,
    /// There is none outside a pod, and this is why.
    tke: Result<Refreshing<TkeOidcRole>, Error>,
    chosen: AtomicU8,
}

impl Chain {
    pub(super) fn new(
        earlier: String,
        cvm: Refreshing<CvmRole>,
        tke: Result<Refreshing<TkeOidcRole>, Error>,
    ) -> Self {
        Self {
            earlier,
            cvm,
            tke,
            chosen: AtomicU8::new(UNDECIDED),
        }
    }

    async fn keys(&self, refused: Option<&Credentials>) -> Result<Arc<Credentials>, String> {
        let chosen = self.chosen.load(Ordering::Acquire);
        let mut reasons = vec![self.earlier.clone()];
        if chosen != TKE {
            match self.cvm.keys(refused).await {
                Err(reason) if chosen == UNDECIDED => reasons.push(reason),
                outcome => {
                    self.chosen.store(CVM, Ordering::Release);
                    return outcome;
                }
            }
        }
        match &self.tke {
            Ok(tke) => match tke.keys(refused).await {
                Err(reason) if chosen == UNDECIDED => reasons.push(reason),
                outcome => {
                    self.chosen.store(TKE, Ordering::Release);
                    return outcome;
                }
            },
            Err(Error::Credentials { detail }) => reasons.push(detail.clone()),
            Err(error) => reasons.push(error.to_string()),
        }
        Err(reasons.join("; "))
    }
}

#[async_trait::async_trait]
impl CredentialsProvider for Chain {
    async fn provide(
        &self,
        refused: Option<Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, ProviderError> {
        let keys = self.keys(refused.as_deref()).await;
        keys.map_err(|reason| ProviderError::Unavailable { reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Site;
    use crate::credentials::source::TkeOidc;
    use crate::timeline::{Machine, Timeline};
    use idcard_sandbox::{Options, Sandbox, WEB_IDENTITY_TOKEN};

    const NOBODY: &str = "http://127.0.0.1:1";

    fn chain(cvm: &str, tke: Result<&TkeOidc, Error>) -> Chain {
        let timeline: Arc<dyn Timeline> = Machine::new();
        let cvm = CvmRole::new(None, Some(cvm)).expect("a place");
        let tke = tke.map(|settings| {
            let role = TkeOidcRole::new(settings, Site::Mainland).expect("settings");
            Refreshing::new(role, Arc::clone(&timeline))
        });
        Chain::new(
            "environment: none".to_owned(),
            Refreshing::new(cvm, Arc::clone(&timeline)),
            tke,
        )
    }

    #[tokio::test]
    async fn the_first_source_with_keys_is_asked_from_then_on() {
        let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
        let file = std::env::temp_dir().join(format!("token-{}", std::process::id()));
        std::fs::write(&file, WEB_IDENTITY_TOKEN).expect("a token");
        let pod = TkeOidc {
            region: Some("ap-guangzhou".to_owned()),
            provider_id: Some("sandbox-provider".to_owned()),
            token_file: Some(file.display().to_string()),
            role_arn: Some("roleName/AKIDSANDBOX-chain".to_owned()),
            endpoint: Some(sandbox.url()),
        };
        let of_pod = chain(NOBODY, Ok(&pod));
        let keys = of_pod.keys(None).await.expect("keys of the pod");
        assert_eq!(keys.secret_id(), "AKIDSANDBOX-chain-TEMPORARY");
        assert_eq!(of_pod.chosen.load(Ordering::Acquire), TKE);
        let of_machine = chain(&sandbox.url(), Ok(&pod));
        let keys = of_machine.keys(None).await.expect("keys of the machine");
        assert_eq!(keys.secret_id(), "AKIDSANDBOX-TEMPORARY");
        std::fs::remove_file(file).expect("the file was there");
    }

    #[tokio::test]
    async fn without_keys_every_source_says_why() {
        let absent = Error::Credentials {
            detail: "TKE OIDC: TKE_REGION is not set".to_owned(),
        };
        let reason = chain(NOBODY, Err(absent))
            .keys(None)
            .await
            .expect_err("no keys");
        assert_eq!(
            reason,
            "environment: none; CVM role: no connection; TKE OIDC: TKE_REGION is not set"
        );
    }
}
