//! The client as its callers see it: makes calls, and shares what it is made of. What that is, is in
//! [`crate::call`].

#[cfg(feature = "uniffi")]
use crate::call::blocking::{ParkedCall, Running};
use crate::call::engine::{Engine, Settings};
use crate::progress::CallProgress;
use crate::protocol::Action;
use crate::runtime::per_process::PerProcess;
use crate::time::deadline::CancelHandles;
use crate::time::time_source::{MachineTime, TimeSource};
use crate::{CallOptions, CancelHandle, ClientConfig, ClientStats, Error};
use std::sync::Arc;
#[cfg(feature = "uniffi")]
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
        self.engine().call(request, options, cancels, watched).await
    }

    /// What this client and its clones have done so far.
    #[must_use]
    pub fn stats(&self) -> ClientStats {
        self.engine().stats.snapshot()
    }
}
