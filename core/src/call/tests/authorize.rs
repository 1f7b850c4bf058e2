//! Keys that a provider hands out.

use super::*;

/// Hands out tokens by number; the second time the same, if it shall.
struct Provider {
    asked: Mutex<Vec<bool>>,
    rotates: bool,
}

#[async_trait::async_trait]
impl CredentialsProvider for Provider {
    async fn provide(
        &self,
        refused: Option<Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, ProviderError> {
        let mut asked = self.asked.lock().expect("asked");
        asked.push(refused.is_some());
        let number = if self.rotates { asked.len() } else { 1 };
        let keys = Credentials::new("AKIDinvented", "an invented key");
        keys.and_then(|keys| keys.with_token(format!("token-{number}")))
            .map(Arc::new)
            .map_err(|_| ProviderError::Unavailable {
                reason: "none".to_owned(),
            })
    }
}

#[test]
fn a_refused_token_is_refreshed_once() {
    for (rotates, replies, requests, succeeds) in [
        (
            true,
            vec![Reply::Error("AuthFailure.TokenFailure"), Reply::Result("0")],
            2,
            true,
        ),
        (
            true,
            vec![Reply::Error("AuthFailure.TokenFailure")],
            2,
            false,
        ),
        (
            false,
            vec![Reply::Error("AuthFailure.TokenFailure"), Reply::Result("0")],
            1,
            false,
        ),
    ] {
        let provider = Arc::new(Provider {
            asked: Mutex::default(),
            rotates,
        });
        let set = set(&replies, |config| {
            config.auth = Auth::Provider {
                provider: Arc::clone(&provider) as _,
            };
        });
        let outcome = set.verify();
        assert_eq!((outcome.is_ok(), set.requests()), (succeeds, requests));
        assert_eq!(*provider.asked.lock().expect("asked"), [false, true]);
        if let Err(error) = outcome {
            assert!(
                matches!(error, Error::Service { ref code, .. } if code == "AuthFailure.TokenFailure"),
                "{error}"
            );
        }
    }
}
