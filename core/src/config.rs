//! How a client is set up.

use crate::transport::Transport;
use crate::{CancelHandle, Credentials, Site};
use std::sync::Arc;
use std::time::Duration;

/// Time a call may take altogether, unless it says otherwise.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest body of an answer; a real one has some hundred bytes.
pub(crate) const MAX_RESPONSE_BYTES: u64 = 1 << 20;

/// How a client is set up. Make one with [`new`](Self::new) and change what shall differ.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientConfig {
    /// Where the service is called.
    pub site: Site,
    /// Keys of the account.
    pub credentials: Credentials,
    /// Another place to send requests to, as `scheme://host[:port]`: a sandbox or a gateway.
    /// Plain `http` reaches this machine alone.
    pub endpoint: Option<String>,
    /// Time a call may take altogether; 10 s at first, at least 1 ms.
    pub timeout: Duration,
    /// Whether number and name are checked before anything is sent; they are at first.
    pub local_check: bool,
    /// Language of the texts in an answer; the service decides when none is named.
    pub language: Option<Language>,
    /// The HTTP stack to use; `reqwest` when none is given and the feature is on.
    pub transport: Option<Arc<dyn Transport>>,
}

impl ClientConfig {
    /// The usual set-up for a site and an account.
    #[must_use]
    pub const fn new(site: Site, credentials: Credentials) -> Self {
        Self {
            site,
            credentials,
            endpoint: None,
            timeout: DEFAULT_TIMEOUT,
            local_check: true,
            language: None,
            transport: None,
        }
    }
}

/// Options of one call; what is left out is as the client has it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Time this call may take altogether; at least 1 ms.
    pub timeout: Option<Duration>,
    /// Whether number and name are checked before anything is sent.
    pub local_check: Option<bool>,
    /// Cancels the call from outside.
    pub cancel: Option<Arc<CancelHandle>>,
}

/// Language of the texts in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

impl Language {
    /// Value of the header `X-TC-Language`.
    pub(crate) const fn as_header(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::Chinese => "zh-CN",
        }
    }
}
