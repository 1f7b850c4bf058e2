//! `verify`: asks the service.

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::output::{Output, columns, shown, styled};
use crate::{exit, person};
use anstyle::{AnsiColor, Style};
use idcard_verification::{
    CallOptions, CancelHandle, Client, Error, Verdict, Verification, VerifyRequest,
};
use serde::Serialize;
use std::sync::Arc;

/// Asks the service, or a sandbox of this process's own.
pub(crate) fn run(arguments: &Verify) -> Output {
    let json = arguments.person.json;
    let read = arguments.service.check();
    let read = read.and_then(|()| person::read(&arguments.person));
    let (request, notes) = match read {
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
    let (mut config, _sandbox) = arguments.service.config()?;
    config.local_check = !arguments.no_local_check;
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
