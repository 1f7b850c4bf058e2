//! Keeps temporary keys for as long as they are good, and fetches new ones in time: once, however
//! many calls wait for them.

use super::{Credentials, CredentialsProvider, ProviderError};
use crate::runtime::per_process::PerProcess;
use crate::time::time_source::TimeSource;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Time before the end at which keys are fetched again.
const MARGIN_SECONDS: u64 = 300;
/// Pause after a failure while the old keys are still good.
const PAUSE: Duration = Duration::from_secs(10);

/// Fetches temporary keys.
#[async_trait::async_trait]
pub(super) trait FetchCredentials: Send + Sync {
    /// Fetches some; a sentence without secrets otherwise, which names the source.
    async fn fetch(&self) -> Result<FetchedCredentials, String>;
}

/// Keys and when they end.
#[derive(Clone)]
pub(super) struct FetchedCredentials {
    pub(super) credentials: Arc<Credentials>,
    /// Unix time.
    pub(super) expires_at: u64,
}

/// A source with a memory.
pub(super) struct Refreshing<S> {
    source: S,
    time_source: Arc<dyn TimeSource>,
    /// Held while keys are fetched, so that the others wait for the outcome.
    state: PerProcess<Mutex<State>>,
}

#[derive(Default)]
struct State {
    kept: Option<FetchedCredentials>,
    /// When the latest fetch failed, and why.
    failed: Option<(Duration, String)>,
}

impl<S: FetchCredentials> Refreshing<S> {
    pub(super) fn new(source: S, time_source: Arc<dyn TimeSource>) -> Self {
        Self {
            source,
            time_source,
            state: PerProcess::new(),
        }
    }

    /// Keys that are good, and others than those that were refused.
    pub(super) async fn keys(
        &self,
        refused: Option<&Credentials>,
    ) -> Result<Arc<Credentials>, String> {
        let begun = self.time_source.elapsed();
        let mut state = self.state.get_or(Mutex::default).lock().await;
        let kept = state.kept.clone();
        let usable = kept.filter(|kept| !refused.is_some_and(|old| old.is_same(&kept.credentials)));
        let left = usable.as_ref().map_or(0, |usable| {
            usable.expires_at.saturating_sub(self.time_source.unix())
        });
        if let Some(usable) = &usable
            && left > MARGIN_SECONDS
        {
            return Ok(Arc::clone(&usable.credentials));
        }
        let still_good = usable.filter(|_| left > 0);
        if let Some((when, reason)) = &state.failed {
            // It failed while this call waited for it, or a moment ago.
            let shared = *when >= begun;
            let paused = self.time_source.elapsed() < when.saturating_add(PAUSE);
            match &still_good {
                Some(kept) if shared || paused => return Ok(Arc::clone(&kept.credentials)),
                None if shared => return Err(reason.clone()),
                _ => {}
            }
        }
        match self.source.fetch().await {
            Ok(fetched) => {
                let credentials = Arc::clone(&fetched.credentials);
                *state = State {
                    kept: Some(fetched),
                    failed: None,
                };
                Ok(credentials)
            }
            Err(reason) => {
                state.failed = Some((self.time_source.elapsed(), reason.clone()));
                still_good.map_or(Err(reason), |kept| Ok(kept.credentials))
            }
        }
    }
}

#[async_trait::async_trait]
impl<S: FetchCredentials> CredentialsProvider for Refreshing<S> {
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
    use crate::time::time_source::fake::Fake;
    use std::sync::atomic::{AtomicU64, Ordering};

    const NOW: u64 = 1_700_000_000;

    /// Gives keys that live an hour; fails while it is told to.
    struct Counting {
        time_source: Arc<Fake>,
        fetched: AtomicU64,
        failing: AtomicU64,
    }

    #[async_trait::async_trait]
    impl FetchCredentials for Arc<Counting> {
        async fn fetch(&self) -> Result<FetchedCredentials, String> {
            tokio::task::yield_now().await;
            let count = self.fetched.fetch_add(1, Ordering::SeqCst) + 1;
            if self.failing.load(Ordering::SeqCst) > 0 {
                return Err(format!("failure {count}"));
            }
            Ok(FetchedCredentials {
                credentials: Arc::new(Credentials::new(format!("id{count}"), "key").expect("keys")),
                expires_at: self.time_source.unix() + 3600,
            })
        }
    }

    fn make() -> (Arc<Counting>, Refreshing<Arc<Counting>>, Arc<Fake>) {
        let time_source = Fake::new(NOW);
        let source = Arc::new(Counting {
            time_source: Arc::clone(&time_source),
            fetched: AtomicU64::new(0),
            failing: AtomicU64::new(0),
        });
        let refreshing = Refreshing::new(Arc::clone(&source), time_source.clone());
        (source, refreshing, time_source)
    }

    fn id(keys: Result<Arc<Credentials>, String>) -> String {
        keys.map_or_else(|reason| reason, |keys| keys.secret_id().to_owned())
    }

    #[tokio::test]
    async fn keys_are_kept_until_300_seconds_are_left() {
        let (_, refreshing, time_source) = make();
        assert_eq!(id(refreshing.keys(None).await), "id1");
        time_source.pass(Duration::from_secs(3299));
        assert_eq!(id(refreshing.keys(None).await), "id1");
        time_source.pass(Duration::from_secs(1));
        assert_eq!(id(refreshing.keys(None).await), "id2");
    }

    #[tokio::test]
    async fn all_who_wait_share_one_fetch() {
        let (source, refreshing, _) = make();
        let refreshing = Arc::new(refreshing);
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let refreshing = Arc::clone(&refreshing);
                tokio::spawn(async move { id(refreshing.keys(None).await) })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.expect("no panic"), "id1");
        }
        assert_eq!(source.fetched.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_failure_is_shared_by_those_who_waited_and_tried_again_by_the_next() {
        let (source, refreshing, time_source) = make();
        source.failing.store(1, Ordering::SeqCst);
        let (one, other) = tokio::join!(refreshing.keys(None), refreshing.keys(None));
        assert_eq!(
            (id(one), id(other)),
            ("failure 1".into(), "failure 1".into())
        );
        source.failing.store(0, Ordering::SeqCst);
        time_source.pass(Duration::from_secs(1));
        assert_eq!(id(refreshing.keys(None).await), "id2");
    }

    #[tokio::test]
    async fn old_keys_serve_while_they_are_good_and_new_ones_cannot_be_had() {
        let (source, refreshing, time_source) = make();
        assert_eq!(id(refreshing.keys(None).await), "id1");
        source.failing.store(1, Ordering::SeqCst);
        time_source.pass(Duration::from_secs(3400));
        for _ in 0..3 {
            assert_eq!(id(refreshing.keys(None).await), "id1");
        }
        assert_eq!(source.fetched.load(Ordering::SeqCst), 2, "one try in 10 s");
        time_source.pass(PAUSE);
        assert_eq!(id(refreshing.keys(None).await), "id1");
        assert_eq!(source.fetched.load(Ordering::SeqCst), 3);
        time_source.pass(Duration::from_secs(200));
        assert_eq!(id(refreshing.keys(None).await), "failure 4");
    }

    #[tokio::test]
    async fn refused_keys_are_not_given_again() {
        let (source, refreshing, time_source) = make();
        let first = refreshing.keys(None).await.expect("keys");
        assert_eq!(id(refreshing.keys(Some(&first)).await), "id2");
        // Somebody else was refused the same ones a moment later: the new ones serve.
        assert_eq!(id(refreshing.keys(Some(&first)).await), "id2");
        source.failing.store(1, Ordering::SeqCst);
        time_source.pass(Duration::from_secs(1));
        let second = refreshing.keys(None).await.expect("keys");
        assert_eq!(id(refreshing.keys(Some(&second)).await), "failure 3");
    }
}
