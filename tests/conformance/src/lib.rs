//! Whether what surrounds the client keeps its promises: a transport the contract on which money
//! and privacy depend, and what is printed the secrecy of keys and people.
//!
//! Any adapter of any HTTP stack can be run against the contract. Each case is an exchange with a server of its own, made of
//! plain sockets, so that every byte counts.

mod cases;
mod leaks;
mod server;

pub use leaks::find_leak;

use idcard_verification::transport::Transport;

/// What a transport does otherwise than the contract says, each with the name of its case; nothing
/// when it conforms. It takes some seconds, because some cases wait for a deadline.
pub async fn check_transport(transport: &dyn Transport) -> Vec<String> {
    let mut findings = Vec::new();
    for case in cases::CASES {
        if let Err(finding) = (case.run)(transport).await {
            findings.push(format!("{}: {finding}", case.name));
        }
    }
    findings
}
