//! Whether a transport keeps the contract on which money and privacy depend: any adapter of any
//! HTTP stack can be run against it. Each case is an exchange with a server of its own, made of
//! plain sockets, so that every byte counts.

mod cases;
mod server;

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
