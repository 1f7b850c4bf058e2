//! What failed between the client and the service.

use crate::Retry;
use std::fmt;

/// What failed on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum NetworkFailure {
    /// No connection to the service: the name was not resolved, or nobody accepted.
    Connect,
    /// No connection through the proxy: it was not reached, or it refused to connect.
    Proxy,
    /// The proxy wants another user name and password (407).
    ProxyAuthentication,
    /// The TLS handshake failed, or the certificate was refused.
    Tls,
    /// The timeout was reached.
    Timeout,
    /// The connection broke.
    Interrupted,
    /// The answer was larger than allowed.
    AnswerTooLarge,
    /// Something else.
    Other,
}

impl NetworkFailure {
    /// Name of the value, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::ProxyAuthentication => "proxy-authentication",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::AnswerTooLarge => "answer-too-large",
            Self::Other => "other",
        }
    }

    /// When a request may be made again that failed so and did not leave. A certificate that was
    /// refused will be again, and so will a password: a few more refusals lock the account.
    pub(crate) const fn retry(self) -> Retry {
        match self {
            Self::Tls | Self::ProxyAuthentication | Self::AnswerTooLarge => Retry::Never,
            _ => Retry::Backoff,
        }
    }
}

impl fmt::Display for NetworkFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection to the service",
            Self::Proxy => "no connection through the proxy",
            Self::ProxyAuthentication => "the proxy refused its user name and password (407)",
            Self::Tls => "TLS failed",
            Self::Timeout => "timed out",
            Self::Interrupted => "the connection broke",
            Self::AnswerTooLarge => "the answer is too large",
            Self::Other => "the transport failed",
        })
    }
}
