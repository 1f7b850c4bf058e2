//! An emulator of the service for tests and demonstrations, like a payment provider's sandbox:
//! it verifies signatures, refuses what the service refuses, limits the rate, and has a
//! documented test identity for every result code, error code and fault. A ledger says what each
//! call would have cost.
//!
//! It is driven by the same spec as the client, so a new code has its test identity at once.
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! let sandbox = idcard_sandbox::Sandbox::start(idcard_sandbox::Options::default()).await?;
//! println!("{}", sandbox.url());
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```

mod accounts;
mod answers;
mod auth;
mod backend;
mod broken;
mod faults;
mod field_encryption;
mod identities;
mod ledger;
mod metadata;
mod parameters;
mod relay;
mod replies;
mod routes;
mod script;
mod spec;
mod tls;
mod wire;

pub use accounts::{SECRET_ID, SECRET_KEY, TOKEN};
pub use broken::Endpoints;
pub use faults::Fault;
pub use field_encryption::EncryptionKeys;
pub use identities::{Identity, identities};
pub use ledger::{Entry, Ledger, identity_key};
pub use metadata::WEB_IDENTITY_TOKEN;
pub use relay::RelayEndpoints;
pub use script::Random;
pub use tls::TlsEndpoints;

use accounts::Accounts;
use broken::Broken;
use relay::Relays;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tls::Tls;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port on the loopback address; 0 for a free one.
    pub port: u16,
    /// Requests per second of one account: the limit of the spec at first, `None` for no limit.
    pub requests_per_second: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            requests_per_second: spec::requests_per_second(),
        }
    }
}

/// A running sandbox.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<State>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    trap: JoinHandle<()>,
}

/// What the handlers share.
#[derive(Debug)]
struct State {
    accounts: Accounts,
    ledger: Ledger,
    request_ids: AtomicU64,
    /// Where redirects lead: a listener that counts who follows.
    trap: SocketAddr,
    broken: Broken,
    tls: Tls,
    relays: Relays,
}

impl Sandbox {
    /// Starts a sandbox on the loopback address.
    ///
    /// # Errors
    /// When the port cannot be listened on.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let trap_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            accounts: Accounts::new(options.requests_per_second),
            ledger: Ledger::default(),
            request_ids: AtomicU64::new(0),
            trap: trap_listener.local_addr()?,
            broken: Broken::start().await?,
            tls: Tls::start(address).await?,
            relays: Relays::start(address).await?,
        });
        let (stop, stopped) = watch::channel(false);
        let trap = tokio::spawn(routes::trap(trap_listener, Arc::clone(&state)));
        let server = tokio::spawn(routes::serve(listener, Arc::clone(&state), stopped));
        Ok(Self {
            address,
            state,
            stop,
            server,
            trap,
        })
    }

    /// Where it listens, as `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has charged so far.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.state.ledger
    }

    /// Where connections break before a request has been read.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.state.broken.endpoints
    }

    /// Where it is reached by TLS, with certificates good and bad, and by a proxy.
    #[must_use]
    pub fn tls_endpoints(&self) -> &TlsEndpoints {
        &self.state.tls.endpoints
    }

    /// Where connections change while they are idle.
    #[must_use]
    pub fn relay_endpoints(&self) -> &RelayEndpoints {
        &self.state.relays.endpoints
    }

    /// Stops listening, lets calls in progress end for a moment and closes the connections.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        self.trap.abort();
        let mut server = self.server;
        if tokio::time::timeout(routes::GRACE, &mut server)
            .await
            .is_err()
        {
            server.abort();
        }
    }

    /// Serves until `signal` completes, then stops.
    pub async fn serve_until(self, signal: impl Future<Output = ()>) {
        signal.await;
        self.stop().await;
    }
}

/// A sandbox on a thread of its own, for callers without an async runtime. It stops when it is
/// dropped.
#[derive(Debug)]
pub struct BlockingSandbox {
    url: String,
    tls_endpoints: TlsEndpoints,
    relay_endpoints: RelayEndpoints,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    /// A child that a fork made has neither the thread nor a say in it.
    process: u32,
}

impl BlockingSandbox {
    /// Starts a sandbox on the loopback address.
    ///
    /// # Errors
    /// When the port cannot be listened on or the thread cannot be started.
    pub fn start(options: Options) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let sandbox = runtime.block_on(Sandbox::start(options))?;
        let url = sandbox.url();
        let tls_endpoints = sandbox.tls_endpoints().clone();
        let relay_endpoints = sandbox.relay_endpoints().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serve = async move {
            let signal = async {
                let _ = stopped.await;
            };
            sandbox.serve_until(signal).await;
        };
        let thread = std::thread::Builder::new()
            .name("idcard-sandbox".to_owned())
            .spawn(move || runtime.block_on(serve))?;
        Ok(Self {
            url,
            tls_endpoints,
            relay_endpoints,
            process: std::process::id(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens, as `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it is reached by TLS, with certificates good and bad, and by a proxy.
    #[must_use]
    pub fn tls_endpoints(&self) -> &TlsEndpoints {
        &self.tls_endpoints
    }

    /// Where connections change while they are idle.
    #[must_use]
    pub fn relay_endpoints(&self) -> &RelayEndpoints {
        &self.relay_endpoints
    }

    /// Stops it and waits until it has.
    pub fn stop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget((self.stop.take(), self.thread.take()));
            return;
        }
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for BlockingSandbox {
    fn drop(&mut self) {
        self.stop();
    }
}
