//! The client: what it is made of. What a call does is in [`crate::call`].

use crate::call::{self, Kept};
use crate::clock::Clock;
use crate::config::DEFAULT_TIMEOUT;
use crate::credentials::{self, CredentialsProvider, Found};
use crate::daily::Daily;
use crate::endpoint::Endpoint;
use crate::envelope::Sealer;
use crate::fingerprint::Fingerprinter;
use crate::flight::Flights;
use crate::memory::Memory;
use crate::protocol::Action;
use crate::quota::Quotas;
use crate::sign::{RemoteSigner, Signer};
use crate::stats::Stats;
use crate::timeline::{Machine, Timeline};
use crate::transport::{Route, Transport};
use crate::{CallOptions, ClientConfig, ClientStats, Credentials, Error, Language, RetryPolicy};
use std::sync::Arc;
use std::time::Duration;

/// Calls the service. It is cheap to clone, and all clones share connections and keys.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) endpoint: Endpoint,
    pub(crate) keys: Keys,
    pub(crate) signer: Signer,
    pub(crate) stack: Stack,
    pub(crate) timeout: Duration,
    pub(crate) local_check: bool,
    pub(crate) language: Option<Language>,
    pub(crate) sealer: Option<Sealer>,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeline: Arc<dyn Timeline>,
    pub(crate) clock: Clock,
    pub(crate) quotas: Quotas,
    /// There are none when nothing is shared or kept, or without a source of random numbers, and
    /// then nothing is.
    pub(crate) prints: Option<Fingerprinter>,
    pub(crate) flights: Option<Flights<Result<Kept, Error>>>,
    pub(crate) cache: Option<(Duration, Memory<Kept>)>,
    pub(crate) daily: Option<Daily<Kept>>,
    pub(crate) stats: Stats,
    blocking: crate::blocking::Executor,
}

/// Where keys come from.
#[derive(Debug)]
pub(crate) enum Keys {
    Fixed(Arc<Credentials>),
    /// With what its errors begin with.
    Provided(&'static str, Arc<dyn CredentialsProvider>),
    Remote(Arc<dyn RemoteSigner>),
}

/// The HTTP stack.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) transport: Arc<dyn Transport>,
    /// Whether it is the application's, whose word on time is not relied on.
    pub(crate) is_host: bool,
}

impl Client {
    /// Makes a client. It connects when it is first called.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the endpoint, the timeout or the transport cannot be used,
    /// or when there is not exactly one of credentials, a provider, a source and a remote
    /// signer; [`Error::Credentials`] when a source is malformed.
    pub fn new(config: ClientConfig) -> Result<Self, Error> {
        Self::with_timeline(config, Machine::new())
    }

    /// A client whose time a test can replace.
    pub(crate) fn with_timeline(
        config: ClientConfig,
        timeline: Arc<dyn Timeline>,
    ) -> Result<Self, Error> {
        let endpoint = match &config.endpoint {
            Some(url) => Endpoint::parse(url)?,
            None => Endpoint::of_site(config.site),
        };
        let timeout = call::checked(config.timeout.unwrap_or(DEFAULT_TIMEOUT))?;
        let route = Route::new(config.proxy.as_deref(), config.extra_roots.as_deref())?;
        let keys = match (
            config.credentials,
            config.credentials_provider,
            config.credentials_source,
            config.remote_signer,
        ) {
            (Some(credentials), None, None, None) => Keys::Fixed(credentials),
            (None, Some(provider), None, None) => Keys::Provided("provider: ", provider),
            (None, None, Some(source), None) => {
                match credentials::find(&source, config.site, &route, &timeline)? {
                    Found::Keys(found) => Keys::Fixed(Arc::new(found)),
                    // It names itself.
                    Found::Provider(provider) => Keys::Provided("", provider),
                }
            }
            (None, None, None, Some(signer)) => Keys::Remote(signer),
            _ => {
                return Err(configuration(
                    "give one of credentials, a provider of them, a source of them and a remote \
                     signer",
                ));
            }
        };
        let stack = match config.transport {
            Some(_) if config.proxy.is_some() || config.extra_roots.is_some() => {
                return Err(configuration(
                    "proxy and extra_roots are for the library's own HTTP stack; set up yours",
                ));
            }
            Some(transport) => Stack {
                transport,
                is_host: true,
            },
            None => Stack {
                transport: default_transport(&endpoint, &route)?,
                is_host: false,
            },
        };
        let sealer = config.encryption.as_ref().map(Sealer::new).transpose()?;
        // Only what is shared or kept needs a name.
        let has_memory =
            config.single_flight || config.cache_ttl.is_some() || config.remember_daily_limits;
        let inner = Inner {
            endpoint,
            keys,
            signer: Signer::default(),
            stack,
            timeout,
            local_check: config.local_check,
            language: config.language,
            sealer,
            retry: policy(config.retry.unwrap_or_default())?,
            quotas: Quotas::new(config.requests_per_second, Arc::clone(&timeline)),
            timeline,
            clock: Clock::default(),
            prints: has_memory.then(Fingerprinter::new).flatten(),
            flights: config.single_flight.then(Flights::default),
            cache: config.cache_ttl.map(|ttl| (ttl, Memory::default())),
            daily: config.remember_daily_limits.then(Daily::default),
            stats: Stats::default(),
            blocking: crate::blocking::Executor::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Calls an action and waits for it.
    pub(crate) fn call_blocking<A: Action>(
        &self,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        self.inner.blocking.run(self.call(request, options))?
    }

    /// Calls an action.
    pub(crate) async fn call<A: Action>(
        &self,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        self.inner.call(request, options).await
    }

    /// What this client and its clones have done so far.
    #[must_use]
    pub fn stats(&self) -> ClientStats {
        self.inner.stats.snapshot()
    }
}

pub(crate) fn policy(policy: RetryPolicy) -> Result<RetryPolicy, Error> {
    if policy.max_attempts == 0 {
        return Err(configuration("a call makes at least 1 attempt"));
    }
    Ok(policy)
}

pub(crate) fn configuration(detail: &str) -> Error {
    Error::Configuration {
        detail: detail.to_owned(),
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(endpoint: &Endpoint, route: &Route) -> Result<Arc<dyn Transport>, Error> {
    let transport = crate::transport::ReqwestTransport::by(route.near(endpoint.is_loopback()));
    transport.probe()?;
    Ok(Arc::new(transport))
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: &Endpoint, _: &Route) -> Result<Arc<dyn Transport>, Error> {
    Err(configuration(
        "this build has no HTTP stack of its own; give the client a transport",
    ))
}
