//! Transports of an application, good and bad.

use idcard_verification::transport::{
    HttpRequest, HttpResponse, NetworkFailure, ReqwestTransport, Transport, TransportError,
};
use std::sync::Arc;

#[derive(Debug)]
struct HostTransport {
    behaviour: String,
    inner: ReqwestTransport,
}

/// A transport that behaves as the scenario says.
pub(crate) fn transport(behaviour: &str, authority: &str) -> Arc<dyn Transport> {
    Arc::new(HostTransport {
        behaviour: behaviour.to_owned(),
        inner: ReqwestTransport::new("https://127.0.0.1", None, Some(authority))
            .expect("a transport"),
    })
}

#[async_trait::async_trait]
impl Transport for HostTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let failed = |failure, sent| Err(TransportError::Failed { failure, sent });
        match self.behaviour.as_str() {
            "pass" => self.inner.send(request).await,
            "fail_before" => failed(NetworkFailure::Connect, false),
            "fail_after" => {
                self.inner.send(request).await?;
                failed(NetworkFailure::Interrupted, true)
            }
            "too_large" => failed(NetworkFailure::AnswerTooLarge, true),
            // Rust has no exceptions; other languages throw one here, which arrives so.
            "throw" => failed(NetworkFailure::Other, true),
            "hang" => std::future::pending().await,
            other => panic!("unknown behaviour {other}"),
        }
    }
}
