//! A transport of the application, as the tools see it: they are a library of their own, so that an
//! app need not take them, and share no type with the one under test. Each language wraps its
//! transport in a few lines.

use async_trait::async_trait;
use idcard_verification::transport::{
    HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError,
};
use std::sync::Arc;
use std::time::Duration;

/// A transport under test.
#[uniffi::export(foreign)]
#[async_trait]
pub trait ProbedTransport: Send + Sync {
    /// Sends a request as the library would.
    async fn send(&self, request: ProbedRequest) -> Result<ProbedResponse, ProbedError>;
}

/// A header.
#[derive(Debug, uniffi::Record)]
pub struct ProbedHeader {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A request.
#[derive(Debug, uniffi::Record)]
pub struct ProbedRequest {
    /// Where to POST to.
    pub url: String,
    /// Headers to send as they are.
    pub headers: Vec<ProbedHeader>,
    /// Body to send as it is.
    pub body: Vec<u8>,
    /// Time until the whole answer must be there.
    pub timeout: Duration,
    /// Largest body of an answer, in bytes.
    pub max_response_bytes: u64,
}

/// An answer.
#[derive(Debug, uniffi::Record)]
pub struct ProbedResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<ProbedHeader>,
    /// Body as bytes.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum ProbedError {
    /// The request failed.
    #[error("{failure:?}")]
    Failed {
        /// What failed.
        failure: ProbedFailure,
        /// Whether any part of the request may have left.
        sent: bool,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ProbedError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            failure: ProbedFailure::Other,
            sent: true,
        }
    }
}

/// What failed, by the names that the library has for it.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum ProbedFailure {
    /// No connection to the service.
    Connect,
    /// No connection through the proxy.
    Proxy,
    /// The proxy wants another user name and password.
    ProxyAuthentication,
    /// The TLS handshake failed.
    Tls,
    /// The time was over.
    Timeout,
    /// The connection broke.
    Interrupted,
    /// The answer was larger than allowed.
    AnswerTooLarge,
    /// Something else.
    Other,
}

impl From<ProbedFailure> for NetworkFailure {
    fn from(failure: ProbedFailure) -> Self {
        match failure {
            ProbedFailure::Connect => Self::Connect,
            ProbedFailure::Proxy => Self::Proxy,
            ProbedFailure::ProxyAuthentication => Self::ProxyAuthentication,
            ProbedFailure::Tls => Self::Tls,
            ProbedFailure::Timeout => Self::Timeout,
            ProbedFailure::Interrupted => Self::Interrupted,
            ProbedFailure::AnswerTooLarge => Self::AnswerTooLarge,
            ProbedFailure::Other => Self::Other,
        }
    }
}

/// The same transport, as the checks call one.
pub(crate) struct Probe(pub(crate) Arc<dyn ProbedTransport>);

#[async_trait]
impl Transport for Probe {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let headers = request.headers.into_iter().map(|header| ProbedHeader {
            name: header.name,
            value: header.value,
        });
        let probed = ProbedRequest {
            url: request.url,
            headers: headers.collect(),
            body: request.body,
            timeout: request.timeout,
            max_response_bytes: request.max_response_bytes,
        };
        match self.0.send(probed).await {
            Ok(response) => Ok(HttpResponse {
                status: response.status,
                headers: response
                    .headers
                    .into_iter()
                    .map(|header| HttpHeader {
                        name: header.name,
                        value: header.value,
                    })
                    .collect(),
                body: response.body,
            }),
            Err(ProbedError::Failed { failure, sent }) => Err(TransportError::Failed {
                failure: failure.into(),
                sent,
            }),
        }
    }
}
