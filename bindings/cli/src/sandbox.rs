//! `sandbox`: serves until it is told to stop.

use crate::arguments::Sandbox;
use crate::exit;
use crate::output::Output;
use idcard_sandbox::{Options, SECRET_ID, SECRET_KEY, identities};
use std::fmt::Write as _;

pub(crate) fn run(arguments: &Sandbox) -> u8 {
    if arguments.identities {
        return list(arguments.json).print();
    }
    match serve(arguments) {
        Ok(()) => exit::OK,
        Err(error) => Output::failure(
            exit::NETWORK,
            format!("error: the sandbox cannot serve: {error}\n"),
        )
        .print(),
    }
}

fn list(json: bool) -> Output {
    if json {
        return Output::json(exit::OK, &identities());
    }
    let width = identities()
        .iter()
        .map(|identity| identity.key.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for identity in identities() {
        let _ = writeln!(
            text,
            "{:width$}  {}  {}  {}",
            identity.key, identity.id_number, identity.name, identity.docs
        );
    }
    Output::text(text)
}

fn serve(arguments: &Sandbox) -> std::io::Result<()> {
    let mut options = Options {
        port: arguments.port,
        ..Options::default()
    };
    if let Some(rate) = arguments.rate {
        options.requests_per_second = (rate > 0).then_some(rate);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Listening for signals comes first: who reads the address may send one at once.
        let signal = stop_signal()?;
        let sandbox = idcard_sandbox::Sandbox::start(options).await?;
        announce(&sandbox.url(), arguments.json);
        sandbox.serve_until(signal).await;
        Ok(())
    })
}

fn announce(url: &str, json: bool) {
    let output = if json {
        Output::json(
            exit::OK,
            &serde_json::json!({"url": url, "secret_id": SECRET_ID, "secret_key": SECRET_KEY}),
        )
    } else {
        Output::text(format!(
            "sandbox at {url}\n\
             \n\
             \x20 export TENCENTCLOUD_SECRET_ID={SECRET_ID} TENCENTCLOUD_SECRET_KEY={SECRET_KEY}\n\
             \x20 idcard-verify verify --site international --endpoint {url} NUMBER NAME\n\
             \n\
             test identities: {url}/sandbox/identities, charges: {url}/sandbox/ledger\n"
        ))
    };
    output.print();
}

/// Completes at Ctrl-C or, where there is such a thing, SIGTERM.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
