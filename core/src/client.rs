//! The client as its callers see it: makes calls, and shares what it is made of. What that is, is in
//! [`crate::call`].

use crate::call::CallOf;
#[cfg(feature = "uniffi")]
use crate::call::blocking::{ParkedCall, Running};
use crate::call::engine::{Engine, Settings};
use crate::ledger::KeyedLedger;
use crate::progress::CallProgress;
use crate::protocol::Action;
use crate::runtime::per_process::PerProcess;
use crate::time::deadline::CancelHandles;
use crate::time::time_source::{MachineTime, TimeSource};
use crate::{
    CallOptions, CancelHandle, ClientConfig, ClientStats, Error, LedgerConfig, RetryPolicy, Site,
};
use std::sync::Arc;
use std::time::Duration;

/// Calls the service. Whatever is made of one client shares its connections and keys.
///
/// It may be shared between threads, tasks and runtimes. After `fork` the child begins anew: with
/// connections, a rate limit, a cache and counters of its own, and without touching the parent's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Client {
    settings: Arc<Settings>,
    engine: Arc<PerProcess<Arc<Engine>>>,
    /// Each cancels all calls of this clone.
    cancels: Vec<Arc<CancelHandle>>,
    /// Where the calls of this clone are claimed.
    ledger: Option<Arc<KeyedLedger>>,
}

impl Client {
    /// Makes a client. It connects when it is first called.
    ///
    /// # Errors
    /// [`Error::Configuration`] when a setting cannot be used; [`Error::Credentials`] when keys that
    /// the library finds by itself are malformed.
    pub fn new(config: ClientConfig) -> Result<Self, Error> {
        Self::with_time_source(config, MachineTime::new())
    }

    /// A client whose time a test can replace.
    pub(crate) fn with_time_source(
        config: ClientConfig,
        time_source: Arc<dyn TimeSource>,
    ) -> Result<Self, Error> {
        let settings = Arc::new(Settings::new(config, time_source)?);
        let engine = PerProcess::with(Arc::new(Engine::new(&settings)));
        Ok(Self {
            ledger: settings.ledger.clone(),
            settings,
            engine: Arc::new(engine),
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

    /// The same client, whose calls are claimed in a ledger: in place of the one that its settings name, if they do.
    /// For a batch of calls that has a ledger of its own.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the ledger's key has less than 16 bytes.
    pub fn with_ledger(&self, config: &LedgerConfig) -> Result<Self, Error> {
        let mut same = self.clone();
        same.ledger = Some(Arc::new(KeyedLedger::new(config, self.settings.site)?));
        Ok(same)
    }

    /// The site that it calls.
    #[must_use]
    pub fn site(&self) -> Site {
        self.settings.site
    }

    /// The retry policy of its calls, unless they have one of their own.
    #[must_use]
    pub fn retry_policy(&self) -> &RetryPolicy {
        &self.settings.retry
    }

    /// The time that its calls may take, unless they have one of their own.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    /// How many requests a second it makes at most to verify; nothing without a limit.
    #[must_use]
    pub fn requests_per_second(&self) -> Option<u32> {
        let usual = crate::VerifyRequest::INFO.requests_per_second;
        let limit = self.settings.requests_per_second.or(usual);
        limit.filter(|limit| *limit > 0)
    }

    /// Whether its calls are claimed in a ledger.
    #[must_use]
    pub fn has_ledger(&self) -> bool {
        self.ledger.is_some()
    }

    /// What the client is in this process.
    fn engine(&self) -> &Arc<Engine> {
        self.engine.get_or(|| Arc::new(Engine::new(&self.settings)))
    }

    /// Calls an action and waits for it.
    pub(crate) fn call_blocking<A: Action>(
        &self,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        self.engine().run(self.call(request, options))?
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
                Running::begin(self.engine(), call)?
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
        let cancels = CancelHandles {
            of_call: options.cancel.as_deref(),
            of_client: &self.cancels,
        };
        let ledger = self.ledger.clone();
        let of = CallOf { cancels, ledger };
        self.engine().call(request, options, of, watched).await
    }

    /// What this client and its clones have done so far.
    #[must_use]
    pub fn stats(&self) -> ClientStats {
        self.engine().stats.snapshot()
    }
}
