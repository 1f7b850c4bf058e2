//! Settings of a client and options of a call, with their defaults and ranges.

use crate::redact::REDACTED;
use crate::setters::setters;
use crate::transport::Transport;
use crate::{
    Auth, CallProgress, CancelHandle, FieldEncryption, Language, LedgerConfig, RetryPolicy, Site,
};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Time a call may take altogether, unless it says otherwise.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time an answer is kept; records change.
pub(crate) const MAX_CACHE_TTL: Duration = Duration::from_secs(366 * 24 * 3_600);
/// Far above any limit of the service. A number below 0 arrives from Kotlin as one above it.
pub(crate) const MAX_REQUESTS_PER_SECOND: u32 = 1_000_000;
/// Largest body of an answer; a real one has some hundred bytes.
pub(crate) const MAX_RESPONSE_BYTES: u64 = 1 << 20;

/// How a client is set up: where, as whom, and what differs from the defaults.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct ClientConfig {
    /// Where the service is called. Accounts, keys and data differ from site to site.
    pub site: Site,
    /// How requests are signed: keys, a provider of keys, a remote signer, or where the library finds
    /// keys by itself.
    pub auth: Auth,
    /// Another place to send requests to, such as a sandbox or a gateway. `scheme://host[:port]`;
    /// plain `http` reaches this machine alone. Default: the host of the site.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub endpoint: Option<String>,
    /// Time a call may take altogether, with all its requests. 1 ms to a day. Default: 10 s.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub timeout: Option<Duration>,
    /// Whether number and name are checked before anything is sent. Default: yes.
    #[cfg_attr(feature = "uniffi", uniffi(default = true))]
    pub local_check: bool,
    /// Language of the texts in an answer. Default: the service's choice.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub language: Option<Language>,
    /// The HTTP stack. Default: the library's own, in builds that have one.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub transport: Option<Arc<dyn Transport>>,
    /// Retry policy of requests that are certain to be free. Default: up to 3 requests per call, with backoff.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub retry: Option<RetryPolicy>,
    /// Rate limit of this client, in requests per second; further calls wait within their timeout. 0 (no limit) to
    /// 1,000,000. Default: the limit of the service, 100.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub requests_per_second: Option<u32>,
    /// Whether identical calls at the same time share one request (single-flight). One of them reports
    /// the charge; calls of different retry policies do not share, and each ends at its own deadline.
    /// Default: yes.
    #[cfg_attr(feature = "uniffi", uniffi(default = true))]
    pub single_flight: bool,
    /// Cache: how long a charged answer is kept in memory and answers identical calls, which are then free. The
    /// register can change within that time. Up to a year. Default: no cache.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub cache_ttl: Option<Duration>,
    /// Whether result -7 (the day's attempts are used up) is remembered and given again without a request, until
    /// midnight in Beijing. Default: yes.
    #[cfg_attr(feature = "uniffi", uniffi(default = true))]
    pub remember_daily_limits: bool,
    /// Proxy for `https`, such as `http://user:password@proxy.example:3128`; a connection through it is
    /// encrypted from end to end. Not for a `transport` of your own. Default: the one that
    /// `HTTPS_PROXY` names.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub proxy: Option<String>,
    /// Certificates, as PEM, that are trusted beside those of the system: of a company's proxy that looks
    /// inside, or of a test. Not for a `transport` of your own. Default: none.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub extra_roots: Option<String>,
    /// How long a connection is kept for the next call. 1 ms to a day, or 0 for one connection per call;
    /// servers and load balancers usually keep theirs 60 s. Not for a `transport` of your own.
    /// Default: 30 s.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub pool_idle_timeout: Option<Duration>,
    /// Encrypts number and name in every request. Default: they are plain inside TLS.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub encryption: Option<FieldEncryption>,
    /// Ledger: what was asked and what came of it, across clients and processes. What it says was charged is not
    /// asked again, and what it has open is refused with `Ledger`; a call whose claim fails is not sent.
    /// `fresh` calls are claimed too. Default: none.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub ledger: Option<LedgerConfig>,
}

impl ClientConfig {
    /// The usual set-up for a site and an account: `auth` is a pair of keys or an [`Auth`].
    #[must_use]
    pub fn new(site: Site, auth: impl Into<Auth>) -> Self {
        Self {
            site,
            auth: auth.into(),
            endpoint: None,
            timeout: None,
            local_check: true,
            language: None,
            transport: None,
            retry: None,
            requests_per_second: None,
            single_flight: true,
            cache_ttl: None,
            remember_daily_limits: true,
            proxy: None,
            extra_roots: None,
            pool_idle_timeout: None,
            encryption: None,
            ledger: None,
        }
    }

    setters! {
        with_endpoint(endpoint: some String),
        with_timeout(timeout: some Duration),
        with_local_check(local_check: bool),
        with_language(language: some Language),
        with_retry(retry: some RetryPolicy),
        with_requests_per_second(requests_per_second: some u32),
        with_single_flight(single_flight: bool),
        with_cache_ttl(cache_ttl: some Duration),
        with_remember_daily_limits(remember_daily_limits: bool),
        with_proxy(proxy: some String),
        with_extra_roots(extra_roots: some String),
        with_pool_idle_timeout(pool_idle_timeout: some Duration),
        with_encryption(encryption: some FieldEncryption),
        with_ledger(ledger: some LedgerConfig),
        with_shared_transport(transport: some Arc<dyn Transport>),
    }

    /// Sets [`transport`](Self::transport).
    #[must_use]
    pub fn with_transport(self, transport: impl Transport + 'static) -> Self {
        self.with_shared_transport(Arc::new(transport) as Arc<dyn Transport>)
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Taken apart, so that no new field is forgotten.
        let Self {
            site,
            auth,
            endpoint,
            timeout,
            local_check,
            language,
            transport,
            retry,
            requests_per_second,
            single_flight,
            cache_ttl,
            remember_daily_limits,
            proxy,
            extra_roots,
            pool_idle_timeout,
            encryption,
            ledger,
        } = self;
        f.debug_struct("ClientConfig")
            .field("site", site)
            .field("auth", auth)
            .field("endpoint", endpoint)
            .field("timeout", timeout)
            .field("local_check", local_check)
            .field("language", language)
            .field("transport", transport)
            .field("retry", retry)
            .field("requests_per_second", requests_per_second)
            .field("single_flight", single_flight)
            .field("cache_ttl", cache_ttl)
            .field("remember_daily_limits", remember_daily_limits)
            .field("proxy", &proxy.as_ref().map(|_| REDACTED))
            .field("has_extra_roots", &extra_roots.is_some())
            .field("pool_idle_timeout", pool_idle_timeout)
            .field("encryption", encryption)
            .field("ledger", ledger)
            .finish()
    }
}

crate::redact::display_as_debug!(ClientConfig, CallOptions);

/// Options of one call.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct CallOptions {
    /// Time this call may take altogether, with all its requests. 1 ms to a day. Default: the client's.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub timeout: Option<Duration>,
    /// Whether number and name are checked before anything is sent. Default: as the client does.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub local_check: Option<bool>,
    /// Cancels the call from outside. Default: nothing does.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub cancel: Option<Arc<CancelHandle>>,
    /// Retry policy of this call. Default: the client's.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub retry: Option<RetryPolicy>,
    /// Bypasses single-flight, the cache and the daily limits: this call sends its own request. Default: no.
    #[cfg_attr(feature = "uniffi", uniffi(default = false))]
    pub fresh: bool,
    /// Tells what the call has cost so far, also after it was dropped. For one call only. Default: none.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub progress: Option<Arc<CallProgress>>,
}

impl CallOptions {
    setters! {
        with_timeout(timeout: some Duration),
        with_local_check(local_check: some bool),
        with_cancel(cancel: some Arc<CancelHandle>),
        with_retry(retry: some RetryPolicy),
        with_fresh(fresh: bool),
        with_progress(progress: some Arc<CallProgress>),
    }
}
