//! The last links of the chain of sources: those that are asked over the network, when a call
//! first needs keys. The one that has some is asked from then on.

use super::refreshing::{FetchCredentials, Refreshing};
use super::{Credentials, CredentialsProvider, ProviderError};
use crate::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const UNDECIDED: u8 = 0;
const CVM: u8 = 1;
const TKE: u8 = 2;

/// Sources in their order.
pub(super) struct Chain<C, T> {
    /// Why the earlier sources have none.
    earlier: String,
    cvm: Refreshing<C>,
    /// There is none outside a pod, and this is why.
    tke: Result<Refreshing<T>, Error>,
    chosen: AtomicU8,
}

impl<C: FetchCredentials, T: FetchCredentials> Chain<C, T> {
    pub(super) fn new(
        earlier: String,
        cvm: Refreshing<C>,
        tke: Result<Refreshing<T>, Error>,
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
impl<C: FetchCredentials, T: FetchCredentials> CredentialsProvider for Chain<C, T> {
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
    use super::super::refreshing::FetchedCredentials;
    use super::*;
    use crate::time::time_source::{MachineTime, TimeSource};
    use std::sync::atomic::AtomicBool;

    /// Gives keys of a name while it is told to.
    #[derive(Clone)]
    struct Named(&'static str, Arc<AtomicBool>);

    #[async_trait::async_trait]
    impl FetchCredentials for Named {
        async fn fetch(&self) -> Result<FetchedCredentials, String> {
            if !self.1.load(Ordering::SeqCst) {
                return Err(format!("{}: asleep", self.0));
            }
            Ok(FetchedCredentials {
                credentials: Arc::new(Credentials::new(self.0, "key").expect("keys")),
                expires_at: 60,
            })
        }
    }

    fn named(name: &'static str, awake: bool) -> Named {
        Named(name, Arc::new(AtomicBool::new(awake)))
    }

    fn chain(cvm: &Named, tke: Result<&Named, Error>) -> Chain<Named, Named> {
        let time_source: Arc<dyn TimeSource> = MachineTime::new();
        Chain::new(
            "environment: none".to_owned(),
            Refreshing::new(cvm.clone(), Arc::clone(&time_source)),
            tke.map(|tke| Refreshing::new(tke.clone(), time_source)),
        )
    }

    #[tokio::test]
    async fn the_first_source_with_keys_is_asked_from_then_on() {
        let (cvm, tke) = (named("machine", false), named("pod", true));
        let chain = chain(&cvm, Ok(&tke));
        let keys = chain.keys(None).await.expect("keys of the pod");
        assert_eq!(keys.secret_id(), "pod");
        // Keys of another account are not taken because the one in use is asleep.
        cvm.1.store(true, Ordering::SeqCst);
        tke.1.store(false, Ordering::SeqCst);
        let reason = chain.keys(Some(&keys)).await.expect_err("the pod sleeps");
        assert_eq!(reason, "pod: asleep");
    }

    #[tokio::test]
    async fn a_machine_comes_before_a_pod() {
        let chain = chain(&named("machine", true), Ok(&named("pod", true)));
        let keys = chain.keys(None).await.expect("keys of the machine");
        assert_eq!(keys.secret_id(), "machine");
    }

    #[tokio::test]
    async fn without_keys_every_source_says_why() {
        let absent = Error::Credentials {
            detail: "TKE OIDC: TKE_REGION is not set".to_owned(),
        };
        let chain = chain(&named("machine", false), Err(absent));
        let reason = chain.keys(None).await.expect_err("no keys");
        assert_eq!(
            reason,
            "environment: none; machine: asleep; TKE OIDC: TKE_REGION is not set"
        );
    }
}
