//! The client: what it is made of. What a call does is in [`crate::call`].

#[cfg(feature = "uniffi")]
use crate::blocking::{ParkedCall, Running};
use crate::call::{self, Kept};
use crate::clock::Clock;
use crate::config::{DEFAULT_TIMEOUT, MAX_CACHE_TTL, MAX_REQUESTS_PER_SECOND};
use crate::credentials::{self, CredentialsProvider, Found, Source};
use crate::daily::Daily;
use crate::endpoint::Endpoint;
use crate::envelope::Sealer;
use crate::fingerprint::Fingerprinter;
use crate::memory::Memory;
use crate::process::PerProcess;
use crate::progress::CallProgress;
use crate::protocol::Action;
use crate::quota::Quotas;
use crate::request_ids::RequestIds;
use crate::sign::{RemoteSigner, Signer};
use crate::single_flight::SingleFlight;
use crate::stats::Stats;
use crate::stop::Cancels;
use crate::timeline::{Machine, Timeline};
use crate::transport::{HttpSettings, Transport};
use crate::{
    Auth, CallOptions, CancelHandle, ClientConfig, ClientStats, Credentials, Error, Language,
    RetryPolicy,
};
use std::sync::Arc;
use std::time::Duration;

/// Calls the service. Whatever is made of one client shares its connections and keys.
///
/// It may be shared between threads, tasks and runtimes. After `fork` the child begins anew: with
/// connections, a quota, a memory and counters of its own, and without touching the parent's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Client {
    settings: Arc<Settings>,
    inner: Arc<PerProcess<Arc<Inner>>>,
    /// Each cancels all calls of this clone.
    cancels: Vec<Arc<CancelHandle>>,
}

/// How a client was set up: what never changes, and has no lock.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) keys: Keys,
    pub(crate) stack: Stack,
    pub(crate) timeout: Duration,
    pub(crate) local_check: bool,
    pub(crate) language: Option<Language>,
    pub(crate) sealer: Option<Sealer>,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeline: Arc<dyn Timeline>,
    /// There is none when nothing is shared or kept, or without a source of random numbers, and
    /// then nothing is.
    pub(crate) prints: Option<Fingerprinter>,
    requests_per_second: Option<u32>,
    single_flight: bool,
    cache_ttl: Option<Duration>,
    remember_daily_limits: bool,
}

/// What a client is in one process.
#[derive(Debug)]
pub(crate) struct Inner {
    settings: Arc<Settings>,
    pub(crate) signer: Signer,
    pub(crate) clock: Clock,
    pub(crate) quotas: Quotas,
    pub(crate) flights: Option<SingleFlight<Result<Kept, Error>>>,
    pub(crate) cache: Option<(Duration, Memory<Kept>)>,
    pub(crate) daily: Option<Daily<Kept>>,
    pub(crate) request_ids: RequestIds,
    pub(crate) stats: Stats,
    pub(crate) blocking: crate::blocking::Executor,
}

impl std::ops::Deref for Inner {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl Inner {
    fn new(settings: &Arc<Settings>) -> Self {
        let timeline = Arc::clone(&settings.timeline);
        Self {
            settings: Arc::clone(settings),
            signer: Signer::default(),
            clock: Clock::default(),
            quotas: Quotas::new(settings.requests_per_second, timeline),
            flights: settings.single_flight.then(SingleFlight::default),
            cache: settings.cache_ttl.map(|ttl| (ttl, Memory::default())),
            daily: settings.remember_daily_limits.then(Daily::default),
            request_ids: RequestIds::default(),
            stats: Stats::default(),
            blocking: crate::blocking::Executor::default(),
        }
    }
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
pub(crate) enum Stack {
    /// The library's own, which says when it writes and leaves the time to its caller.
    Own(Box<OwnTransport>),
    /// The application's, which is held to the time it is told.
    Host(Arc<dyn Transport>),
}

#[cfg(feature = "reqwest")]
pub(crate) type OwnTransport = crate::transport::ReqwestTransport;
#[cfg(not(feature = "reqwest"))]
pub(crate) type OwnTransport = std::convert::Infallible;

impl Client {
    /// Makes a client. It connects when it is first called.
    ///
    /// # Errors
    /// [`Error::Configuration`] when a setting cannot be used; [`Error::Credentials`] when keys that
    /// the library finds by itself are malformed.
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
        let http = HttpSettings::new(
            config.proxy.as_deref(),
            config.extra_roots.as_deref(),
            config.pool_idle_timeout,
        )?;
        let find = |source| -> Result<Keys, Error> {
            Ok(
                match credentials::find(&source, config.site, &http, &timeline)? {
                    Found::Keys(found) => Keys::Fixed(Arc::new(found)),
                    // It names itself.
                    Found::Provider(provider) => Keys::Provided("", provider),
                },
            )
        };
        let keys = match config.auth {
            Auth::Keys { credentials } => Keys::Fixed(credentials),
            Auth::Provider { provider } => Keys::Provided("provider: ", provider),
            Auth::RemoteSigner { signer } => Keys::Remote(signer),
            Auth::DefaultChain => find(Source::DefaultChain)?,
            Auth::CvmRole { role, endpoint } => find(Source::CvmRole { role, endpoint })?,
            Auth::TkeOidc { settings } => find(Source::TkeOidc(settings))?,
        };
        let is_for_own = config.proxy.is_some()
            || config.extra_roots.is_some()
            || config.pool_idle_timeout.is_some();
        let stack = match config.transport {
            Some(_) if is_for_own => {
                return Err(Error::configuration(
                    "proxy, extra_roots and pool_idle_timeout are for the library's own HTTP \
                     stack; set up yours",
                ));
            }
            Some(transport) => Stack::Host(transport),
            None => Stack::Own(Box::new(own_transport(&endpoint, &http)?)),
        };
        if config.cache_ttl.is_some_and(|ttl| ttl > MAX_CACHE_TTL) {
            return Err(Error::configuration("cache_ttl: it is longer than a year"));
        }
        if config.requests_per_second > Some(MAX_REQUESTS_PER_SECOND) {
            return Err(Error::configuration(
                "requests_per_second: it is more than 1,000,000",
            ));
        }
        let sealer = config.encryption.as_ref().map(Sealer::new).transpose()?;
        // Only what is shared or kept needs a name.
        let has_memory =
            config.single_flight || config.cache_ttl.is_some() || config.remember_daily_limits;
        let settings = Arc::new(Settings {
            endpoint,
            keys,
            stack,
            timeout,
            local_check: config.local_check,
            language: config.language,
            sealer,
            retry: config.retry.unwrap_or_default().checked()?,
            timeline,
            prints: has_memory.then(Fingerprinter::new).flatten(),
            requests_per_second: config.requests_per_second,
            single_flight: config.single_flight,
            cache_ttl: config.cache_ttl,
            remember_daily_limits: config.remember_daily_limits,
        });
        let inner = PerProcess::with(Arc::new(Inner::new(&settings)));
        Ok(Self {
            settings,
            inner: Arc::new(inner),
            cancels: Vec::new(),
        })
    }

    /// The same client, whose calls a handle cancels too: beside the one that a call may have of its
    /// own, and those that this client has already. For a batch of calls that end together.
    #[must_use]
    pub fn cancelled_by(&self, handle: Arc<CancelHandle>) -> Self {
        let mut same = self.clone();
        same.cancels.push(handle);
        same
    }

    /// What the client is in this process.
    fn inner(&self) -> &Arc<Inner> {
        self.inner.get_or(|| Arc::new(Inner::new(&self.settings)))
    }

    /// Calls an action and waits for it.
    pub(crate) fn call_blocking<A: Action>(
        &self,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        self.inner().run(self.call(request, options))?
    }

    /// Calls an action and waits for it for some time; none when that is over. The next piece goes
    /// on with the call that is parked.
    #[cfg(feature = "uniffi")]
    pub(crate) fn call_in_pieces<A: Action + Send + Sync + 'static>(
        &self,
        request: A,
        options: CallOptions,
        parked: &ParkedCall,
        piece: Duration,
    ) -> Result<Option<A::Answer>, Error> {
        let running = match parked.take()? {
            Some(running) => running,
            None => {
                parked.begins();
                let client = self.clone();
                let call = async move { client.call(&request, &options).await };
                Running::begin(self.inner(), call)?
            }
        };
        match running.wait(piece) {
            Ok(outcome) => outcome.map(Some),
            Err(running) => {
                parked.park(running);
                Ok(None)
            }
        }
    }

    /// Calls an action.
    pub(crate) async fn call<A: Action>(
        &self,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        let watched = options.progress.as_deref().map(CallProgress::watched);
        let cancels = Cancels {
            of_call: options.cancel.as_deref(),
            of_client: &self.cancels,
        };
        self.inner().call(request, options, cancels, watched).await
    }

    /// What this client and its clones have done so far.
    #[must_use]
    pub fn stats(&self) -> ClientStats {
        self.inner().stats.snapshot()
    }
}

#[cfg(feature = "reqwest")]
fn own_transport(endpoint: &Endpoint, http: &HttpSettings) -> Result<OwnTransport, Error> {
    OwnTransport::by(http, endpoint)
}

#[cfg(not(feature = "reqwest"))]
fn own_transport(_: &Endpoint, _: &HttpSettings) -> Result<OwnTransport, Error> {
    Err(Error::configuration(
        "this build has no HTTP stack of its own; give the client a transport",
    ))
}
