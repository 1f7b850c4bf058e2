//! How a request leaves and its answer arrives: a trait with a contract, so that an app can use
//! the HTTP stack it already has.

#[cfg(not(feature = "reqwest"))]
mod disabled;
pub(crate) mod endpoint;
#[cfg(feature = "reqwest")]
mod http_settings;
#[cfg(feature = "reqwest")]
mod proxy;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest")]
mod sigpipe;
#[cfg(feature = "reqwest")]
mod unsolicited;

#[cfg(not(feature = "reqwest"))]
pub(crate) use self::disabled::HttpSettings;

#[cfg(feature = "reqwest")]
pub(crate) use self::http_settings::{HttpRoute, HttpSettings};
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
#[cfg(feature = "reqwest")]
pub use self::sigpipe::ignore_broken_pipes;

pub use crate::error::NetworkFailure;

use crate::redact::REDACTED;
use std::fmt;
use std::time::Duration;

/// Sends requests.
///
/// The contract, on which money and privacy depend:
/// - POST the body byte for byte, with exactly these headers beside those HTTP itself needs
///   (`Host`, `Content-Length`). The signature covers `Content-Type` and `Host`.
/// - Follow no redirect: hand the 3xx answer back.
/// - Give any status back as an answer, with the body as bytes.
/// - Read at most `max_response_bytes`; past that fail with [`NetworkFailure::AnswerTooLarge`].
/// - End within `timeout`, the answer's body included. It is a little less than the call has left, so that
///   what the transport says of `sent` is still heard.
/// - Send the request at most once. When it fails, set `sent` to whether any byte may have left: it decides
///   whether the call counts as possibly charged.
/// - Use no connection again that the server has closed, that holds bytes nobody asked for, or on which
///   an exchange was given up: its next answer may be another person's. HTTP/1.1 has nothing else that
///   ties an answer to its request.
/// - Keep no cookie and no cache.
/// - Log neither the body nor the `Authorization` and `X-TC-Token` headers.
///
/// `check_transport`, among the tools for tests, runs any transport against all of it.
#[cfg_attr(feature = "uniffi", uniffi::export(foreign))]
#[async_trait::async_trait]
pub trait Transport: Send + Sync {
    /// Sends one request.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// An application's transport prints as no more than that: who knows what is in it.
impl fmt::Debug for dyn Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

/// A request to be sent. It prints without body and credentials.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct HttpRequest {
    /// Where to POST to.
    pub url: String,
    /// Headers to send as they are.
    pub headers: Vec<HttpHeader>,
    /// Body to send as it is.
    pub body: Vec<u8>,
    /// Time until the whole answer must be there.
    pub timeout: Duration,
    /// Largest body of an answer, in bytes.
    pub max_response_bytes: u64,
}

impl HttpRequest {
    /// A request to be sent; the client makes its own.
    #[must_use]
    pub const fn new(
        url: String,
        headers: Vec<HttpHeader>,
        body: Vec<u8>,
        timeout: Duration,
        max_response_bytes: u64,
    ) -> Self {
        Self {
            url,
            headers,
            body,
            timeout,
            max_response_bytes,
        }
    }
}

/// One header.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
pub struct HttpHeader {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// An answer. It prints without its body.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<HttpHeader>,
    /// Body as bytes.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Value of the first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }
}

crate::redact::display_as_debug!(HttpRequest, HttpHeader, HttpResponse);

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("body", &REDACTED)
            .field("timeout", &self.timeout)
            .field("max_response_bytes", &self.max_response_bytes)
            .finish()
    }
}

impl fmt::Debug for HttpHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = ["authorization", "x-tc-token"]
            .iter()
            .any(|name| self.name.eq_ignore_ascii_case(name));
        if secret {
            write!(f, "{}: [redacted]", self.name)
        } else {
            write!(f, "{}: {}", self.name, self.value)
        }
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &REDACTED)
            .finish()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
#[non_exhaustive]
pub enum TransportError {
    /// The request failed.
    #[error("{failure}")]
    Failed {
        /// What failed.
        failure: NetworkFailure,
        /// Whether any part of the request may have left. When in doubt: true.
        sent: bool,
    },
}
