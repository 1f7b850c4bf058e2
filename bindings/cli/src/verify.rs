//! `verify`: asks the service.

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::output::{Output, columns, shown, styled};
use crate::{exit, person};
use anstyle::{AnsiColor, Style};
use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY};
use idcard_verification::{
    Auth, CallOptions, CancelHandle, Client, ClientConfig, Credentials, Error, Site, Verdict,
    Verification, VerifyRequest,
};
use serde::Serialize;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Largest file of certificates.
const MAX_ROOTS: u64 = 4 * 1024 * 1024;

/// Asks the service, or a sandbox of this process's own.
pub(crate) fn run(arguments: &Verify) -> Output {
    let json = arguments.person.json;
    let (request, notes) = match person::read(&arguments.person) {
        Ok(read) => read,
        Err(failure) => return failure.output(json),
    };
    match ask(arguments, request) {
        Ok(answer) if json => {
            Output::json(exit::of_verdict(answer.verdict), &Answer::from(&answer))
        }
        Ok(answer) => Output::new(exit::of_verdict(answer.verdict), in_words(&answer)),
        Err(error) => Failure::from(&error).output(json),
    }
    .note(&notes)
}

fn ask(arguments: &Verify, request: VerifyRequest) -> Result<Verification, Error> {
    let sandbox = if arguments.sandbox {
        Some(start_sandbox()?)
    } else {
        None
    };
    let site = arguments.site.unwrap_or(Site::International);
    let auth = if sandbox.is_some() {
        Credentials::new(SECRET_ID, SECRET_KEY)?.into()
    } else {
        Auth::DefaultChain
    };
    let mut config = ClientConfig::new(site, auth);
    config.endpoint = sandbox
        .as_ref()
        .map(|sandbox| sandbox.url().to_owned())
        .or_else(|| arguments.endpoint.clone());
    config.proxy = arguments.proxy.clone();
    config.extra_roots = match &arguments.extra_roots {
        Some(file) => Some(read_roots(file)?),
        None => None,
    };
    config.timeout = Some(arguments.timeout);
    config.local_check = !arguments.no_local_check;
    config.language = arguments.language;
    interruptible(&Client::new(config)?, request)
}

/// Asks, and is cancelled by Ctrl-C, so that what the call may have cost is told.
fn interruptible(client: &Client, request: VerifyRequest) -> Result<Verification, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Configuration {
            detail: format!("no runtime can be made: {error}"),
        })?;
    let cancel = CancelHandle::new();
    let mut options = CallOptions::default();
    options.cancel = Some(Arc::clone(&cancel));
    runtime.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
    runtime.block_on(async {
        // The task above listens before anything can be paid.
        tokio::task::yield_now().await;
        client.verify_with(request, options).await
    })
}

fn read_roots(file: &Path) -> Result<String, Error> {
    let named = |why: String| Error::Configuration {
        detail: format!("extra_roots: {}: {why}", file.display()),
    };
    let kind = |error: std::io::Error| named(error.kind().to_string());
    // A pipe would be waited for, and a device has no end.
    if !std::fs::metadata(file).map_err(kind)?.is_file() {
        return Err(named("it is not a regular file".to_owned()));
    }
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(MAX_ROOTS + 1).read_to_string(&mut text));
    if read.map_err(kind)? as u64 > MAX_ROOTS {
        return Err(named("it is larger than 4 MiB".to_owned()));
    }
    Ok(text)
}

fn start_sandbox() -> Result<BlockingSandbox, Error> {
    BlockingSandbox::start(Options::default()).map_err(|error| Error::Configuration {
        detail: format!("the sandbox cannot start: {error}"),
    })
}

/// An answer as JSON.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    verdict: &'a str,
    code: &'a str,
    meaning: &'a str,
    charge: &'a str,
    retry: &'a str,
    request_id: &'a str,
    attempts: u32,
}

impl<'a> From<&'a Verification> for Answer<'a> {
    fn from(answer: &'a Verification) -> Self {
        Self {
            verdict: answer.verdict.as_str(),
            code: &answer.code,
            meaning: answer.result.meaning(),
            charge: answer.charge.as_str(),
            retry: answer.retry.as_str(),
            request_id: &answer.request_id,
            attempts: answer.attempts,
        }
    }
}

fn in_words(answer: &Verification) -> String {
    let colour = match answer.verdict {
        Verdict::Match => AnsiColor::Green,
        Verdict::Mismatch => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    let verdict = styled(
        answer.verdict.as_str(),
        Style::new().bold().fg_color(Some(colour.into())),
    );
    let rows = [
        ("result", shown(&answer.code)),
        ("charge", answer.charge.to_string()),
        ("request id", shown(&answer.request_id)),
        ("attempts", answer.attempts.to_string()),
    ];
    format!("{verdict}: {}\n{}", answer.result.meaning(), columns(rows))
}
