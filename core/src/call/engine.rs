//! What a client is made of: its settings, and what it is in one process.

use super::request_ids::RequestIds;
use crate::config::{DEFAULT_TIMEOUT, MAX_CACHE_TTL, MAX_REQUESTS_PER_SECOND};
use crate::credentials::{self, CredentialsProvider, ResolvedCredentials, Source};
use crate::field_encryption::FieldEncryptor;
use crate::ledger::{CallClaim, KeyedLedger};
use crate::rate_limit::RateLimits;
use crate::reuse::cache::TtlCache;
use crate::reuse::daily_limits::DailyLimits;
use crate::reuse::fingerprint::Fingerprinter;
use crate::reuse::single_flight::SingleFlight;
use crate::runtime::executor::Executor;
use crate::sign::{RemoteSigner, Signer};
use crate::stats::Stats;
use crate::time::deadline::validated_timeout;
use crate::time::service_clock::ServiceClock;
use crate::time::time_source::TimeSource;
use crate::transport::endpoint::Endpoint;
use crate::transport::{HttpSettings, Transport};
use crate::{Auth, ClientConfig, Credentials, Error, Language, RetryPolicy, Site};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// An answer of whatever action, shared or kept.
pub(crate) type AnyAnswer = Arc<dyn Any + Send + Sync>;

/// Calls under way, each with the claim of whoever began it.
pub(crate) type SharedCalls = SingleFlight<Result<AnyAnswer, Error>, Option<Arc<CallClaim>>>;

/// How a client was set up: what never changes, and has no lock.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) site: Site,
    pub(crate) endpoint: Endpoint,
    pub(crate) authenticator: Authenticator,
    pub(crate) transport: TransportHandle,
    pub(crate) timeout: Duration,
    pub(crate) local_check: bool,
    pub(crate) language: Option<Language>,
    pub(crate) encryptor: Option<FieldEncryptor>,
    pub(crate) ledger: Option<Arc<KeyedLedger>>,
    pub(crate) retry: RetryPolicy,
    pub(crate) time_source: Arc<dyn TimeSource>,
    /// There is none when nothing is shared or kept, or without a source of random numbers, and
    /// then nothing is.
    pub(crate) fingerprinter: Option<Fingerprinter>,
    pub(crate) requests_per_second: Option<u32>,
    single_flight: bool,
    cache_ttl: Option<Duration>,
    remember_daily_limits: bool,
}

/// What a client is in one process.
#[derive(Debug)]
pub(crate) struct Engine {
    settings: Arc<Settings>,
    pub(crate) signer: Signer,
    pub(crate) clock: ServiceClock,
    pub(crate) rate_limits: RateLimits,
    pub(crate) shared_calls: Option<SharedCalls>,
    pub(crate) cache: Option<(Duration, TtlCache<AnyAnswer>)>,
    pub(crate) daily: Option<DailyLimits<AnyAnswer>>,
    pub(crate) request_ids: RequestIds,
    pub(crate) stats: Stats,
    pub(crate) blocking: Executor,
}

impl std::ops::Deref for Engine {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl Engine {
    pub(crate) fn new(settings: &Arc<Settings>) -> Self {
        let time_source = Arc::clone(&settings.time_source);
        Self {
            settings: Arc::clone(settings),
            signer: Signer::default(),
            clock: ServiceClock::default(),
            rate_limits: RateLimits::new(settings.requests_per_second, time_source),
            shared_calls: settings.single_flight.then(SingleFlight::default),
            cache: settings.cache_ttl.map(|ttl| (ttl, TtlCache::default())),
            daily: settings.remember_daily_limits.then(DailyLimits::default),
            request_ids: RequestIds::default(),
            stats: Stats::default(),
            blocking: Executor::default(),
        }
    }
}

/// Where keys come from.
#[derive(Debug)]
pub(crate) enum Authenticator {
    Fixed(Arc<Credentials>),
    /// With what its errors begin with.
    Provided(&'static str, Arc<dyn CredentialsProvider>),
    Remote(Arc<dyn RemoteSigner>),
}

/// The HTTP stack.
#[derive(Debug)]
pub(crate) enum TransportHandle {
    /// The library's own, which says when it writes and leaves the time to its caller.
    Own(Box<OwnTransport>),
    /// The application's, which is held to the time it is told.
    Host(Arc<dyn Transport>),
}

#[cfg(feature = "reqwest")]
pub(crate) type OwnTransport = crate::transport::ReqwestTransport;
#[cfg(not(feature = "reqwest"))]
pub(crate) type OwnTransport = std::convert::Infallible;

impl Settings {
    /// Checks what a client is to be, and finds its keys as far as that needs nobody.
    pub(crate) fn new(
        config: ClientConfig,
        time_source: Arc<dyn TimeSource>,
    ) -> Result<Self, Error> {
        let endpoint = match &config.endpoint {
            Some(url) => Endpoint::parse(url)?,
            None => Endpoint::of_site(config.site),
        };
        if config.cache_ttl.is_some_and(|ttl| ttl > MAX_CACHE_TTL) {
            return Err(Error::configuration("cache_ttl: it is longer than a year"));
        }
        if config.requests_per_second > Some(MAX_REQUESTS_PER_SECOND) {
            return Err(Error::configuration(
                "requests_per_second: it is more than 1,000,000",
            ));
        }
        let http = HttpSettings::new(
            config.proxy.as_deref(),
            config.extra_roots.as_deref(),
            config.pool_idle_timeout,
        )?;
        let ledger = config.ledger.as_ref();
        let ledger = ledger.map(|ledger| KeyedLedger::new(ledger, config.site).map(Arc::new));
        let encryptor = config.encryption.as_ref().map(FieldEncryptor::new);
        // Only what is shared or kept needs a name.
        let needs_fingerprints =
            config.single_flight || config.cache_ttl.is_some() || config.remember_daily_limits;
        Ok(Self {
            timeout: validated_timeout(config.timeout.unwrap_or(DEFAULT_TIMEOUT))?,
            transport: TransportHandle::new(&config, &endpoint, &http)?,
            authenticator: Authenticator::new(config.auth, config.site, &http, &time_source)?,
            encryptor: encryptor.transpose()?,
            ledger: ledger.transpose()?,
            retry: config.retry.unwrap_or_default().validated()?,
            fingerprinter: needs_fingerprints.then(Fingerprinter::new).flatten(),
            site: config.site,
            endpoint,
            local_check: config.local_check,
            language: config.language,
            time_source,
            requests_per_second: config.requests_per_second,
            single_flight: config.single_flight,
            cache_ttl: config.cache_ttl,
            remember_daily_limits: config.remember_daily_limits,
        })
    }
}

impl Authenticator {
    fn new(
        auth: Auth,
        site: Site,
        http: &HttpSettings,
        time_source: &Arc<dyn TimeSource>,
    ) -> Result<Self, Error> {
        let source = match auth {
            Auth::Keys { credentials } => return Ok(Self::Fixed(credentials)),
            Auth::Provider { provider } => return Ok(Self::Provided("provider: ", provider)),
            Auth::RemoteSigner { signer } => return Ok(Self::Remote(signer)),
            Auth::DefaultChain => Source::DefaultChain,
            Auth::CvmRole { role, endpoint } => Source::CvmRole { role, endpoint },
            Auth::TkeOidc { settings } => Source::TkeOidc(settings),
        };
        let resolved = credentials::resolve(&source, site, http, time_source)?;
        Ok(match resolved {
            ResolvedCredentials::Keys(found) => Self::Fixed(Arc::new(found)),
            // It names itself.
            ResolvedCredentials::Provider(provider) => Self::Provided("", provider),
        })
    }
}

impl TransportHandle {
    fn new(config: &ClientConfig, endpoint: &Endpoint, http: &HttpSettings) -> Result<Self, Error> {
        let is_for_own = config.proxy.is_some()
            || config.extra_roots.is_some()
            || config.pool_idle_timeout.is_some();
        match &config.transport {
            Some(_) if is_for_own => Err(Error::configuration(
                "proxy, extra_roots and pool_idle_timeout are for the library's own HTTP stack; \
                 set up yours",
            )),
            Some(transport) => Ok(Self::Host(Arc::clone(transport))),
            None => Ok(Self::Own(Box::new(own_transport(endpoint, http)?))),
        }
    }
}

#[cfg(feature = "reqwest")]
fn own_transport(endpoint: &Endpoint, http: &HttpSettings) -> Result<OwnTransport, Error> {
    OwnTransport::with_settings(http, endpoint)
}

#[cfg(not(feature = "reqwest"))]
fn own_transport(_: &Endpoint, _: &HttpSettings) -> Result<OwnTransport, Error> {
    Err(Error::configuration(
        "this build has no HTTP stack of its own; give the client a transport",
    ))
}
