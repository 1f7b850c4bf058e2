//! The command line, the sandbox and the checks of transports and of logs, for Kotlin, Swift and
//! Python: a library of its own beside the one that an app takes.

mod probe;

pub use probe::{
    ProbedError, ProbedFailure, ProbedHeader, ProbedRequest, ProbedResponse, ProbedTransport,
};

uniffi::setup_scaffolding!("idcard_tools");

use idcard_sandbox::{BlockingSandbox, Options};
use std::ffi::OsString;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs the command `idcard-verify` and gives back its exit code. The first argument is the
/// command's name. Arguments are bytes, as the system has them.
#[uniffi::export]
fn run_command(arguments: Vec<Vec<u8>>) -> u8 {
    idcard_cli::run(arguments.into_iter().map(argument))
}

#[cfg(unix)]
fn argument(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn argument(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// Runs a transport of the application against the contract: what it does otherwise, each with the
/// name of a case; nothing when it conforms. It takes some seconds and sends nothing elsewhere.
#[uniffi::export(async_runtime = "tokio")]
async fn check_transport(transport: Arc<dyn ProbedTransport>) -> Vec<String> {
    idcard_conformance::check_transport(&probe::Probe(transport)).await
}

/// The first canary that a text shows: as it is, escaped as in JSON, percent-encoded, or inside
/// base64. It is named by its place in the list. Canaries of less than six bytes are left out.
#[uniffi::export]
fn find_leak(text: &str, canaries: &[String]) -> Option<String> {
    idcard_conformance::find_leak(text, canaries)
}

/// A sandbox of the service inside this process, on a free port of the loopback address.
#[derive(Debug, uniffi::Object)]
pub(crate) struct EmbeddedSandbox {
    url: String,
    running: Mutex<Option<BlockingSandbox>>,
}

#[uniffi::export]
impl EmbeddedSandbox {
    /// Starts it. `requests_per_second` limits each account; 0 for no limit, the service's own
    /// limit when it is left out.
    #[uniffi::constructor(default(requests_per_second = None))]
    fn new(requests_per_second: Option<u32>) -> Result<Arc<Self>, SandboxError> {
        let mut options = Options::default();
        if let Some(limit) = requests_per_second {
            options.requests_per_second = (limit > 0).then_some(limit);
        }
        idcard_verification::transport::ignore_broken_pipes();
        let sandbox = BlockingSandbox::start(options).map_err(|error| SandboxError::Start {
            reason: error.to_string(),
        })?;
        Ok(Arc::new(Self {
            url: sandbox.url().to_owned(),
            running: Mutex::new(Some(sandbox)),
        }))
    }

    /// Where it listens.
    fn url(&self) -> String {
        self.url.clone()
    }

    /// Stops it and waits until it has stopped.
    fn stop(&self) {
        drop(
            self.running
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }
}

/// Why a sandbox did not start.
#[derive(Debug, uniffi::Error)]
pub(crate) enum SandboxError {
    /// It cannot listen.
    Start {
        /// Why.
        reason: String,
    },
}

impl std::fmt::Display for SandboxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Start { reason } = self;
        write!(f, "the sandbox cannot start: {reason}")
    }
}

impl std::error::Error for SandboxError {}

/// Panics if it shall, so that a test can see what its language makes of a panic in the library.
#[uniffi::export]
#[expect(clippy::panic, reason = "that is its purpose")]
fn panic_on_request(really: bool) -> Result<(), SandboxError> {
    if really {
        panic!("a panic on purpose");
    }
    Ok(())
}
