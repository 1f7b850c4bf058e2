//! `verify` and `check`.

use crate::arguments::{Check, Person, Verify};
use crate::exit;
use crate::output::{Output, columns, shown, styled};
use anstyle::{AnsiColor, Style};
use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY};
use idcard_verification::{
    Auth, CallOptions, CancelHandle, Change, Client, ClientConfig, Credentials, Error, Site,
    Verdict, Verification, VerifyRequest, id_number, name,
};
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead, Read};
use std::path::Path;
use std::sync::Arc;

/// Most of standard input that is read for a number and a name.
const MAX_STDIN: u64 = 64 * 1024;
/// Largest file of certificates.
const MAX_ROOTS: u64 = 4 * 1024 * 1024;

/// Asks the service, or a sandbox of this process's own.
pub(crate) fn verify(arguments: &Verify) -> Output {
    let (request, note) = match read(&arguments.person) {
        Ok(read) => read,
        Err(output) => return output,
    };
    match ask(arguments, request) {
        Ok(answer) if arguments.person.json => {
            Output::json(exit::of_verdict(answer.verdict), &Answer::from(&answer))
        }
        Ok(answer) => Output::new(exit::of_verdict(answer.verdict), in_words(&answer)),
        Err(error) => failure(&error, arguments.person.json),
    }
    .note(&note)
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

/// Checks number and name without asking anyone.
pub(crate) fn check(arguments: &Check) -> Output {
    let (request, note) = match read(&arguments.person) {
        Ok(read) => read,
        Err(output) => return output,
    };
    let number = id_number::check(&request.id_number).map_err(|problem| ("id_number", problem));
    let problem =
        number.and_then(|()| name::check(&request.name).map_err(|problem| ("name", problem)));
    match problem {
        Ok(()) if arguments.person.json => Output::json(exit::OK, &serde_json::json!({"ok": true})),
        Ok(()) => Output::text("number and name are well-formed\n".to_owned()),
        Err((field, problem)) => failure(
            &Error::InvalidInput {
                field: field.to_owned(),
                problem,
            },
            arguments.person.json,
        ),
    }
    .note(&note)
}

/// Number and name from arguments, environment or standard input, and a note of what was mended.
fn read(person: &Person) -> Result<(VerifyRequest, String), Output> {
    let (number, name) = if person.stdin {
        let mut lines = std::io::stdin().lock().take(MAX_STDIN).lines();
        let mut line = || {
            lines
                .next()
                .and_then(Result::ok)
                .map(|line| line.trim_end_matches('\r').to_owned())
        };
        (line(), line())
    } else {
        (person.number.clone(), person.name.clone())
    };
    let (Some(number), Some(name)) = (number, name) else {
        let where_from = if person.stdin {
            "two lines of standard input"
        } else {
            "arguments, environment or --stdin"
        };
        let text = format!("error: a number and a name are needed, from {where_from}\n");
        return Err(Output::failure(exit::USAGE, text));
    };
    if !person.normalize {
        return Ok((VerifyRequest::new(number, name), String::new()));
    }
    let (number, name) = (id_number::normalize(&number), name::normalize(&name));
    let note = [("number", &number.changes), ("name", &name.changes)]
        .into_iter()
        .filter(|(_, changes)| !changes.is_empty())
        .map(|(field, changes)| format!("note: {field}: {}\n", changes_in_words(changes)))
        .collect();
    Ok((VerifyRequest::new(number.value, name.value), note))
}

fn changes_in_words(changes: &[Change]) -> String {
    let words: Vec<&str> = changes
        .iter()
        .map(|change| match change {
            Change::SpaceRemoved => "removed spaces or invisible characters",
            Change::FullWidth => "replaced full-width characters",
            Change::MiddleDot => "replaced a look-alike of the middle dot",
            Change::Composed => "composed decomposed characters",
            Change::UppercaseX => "wrote the check digit x as X",
            _ => "mended it",
        })
        .collect();
    words.join(", ")
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

/// An error as JSON.
#[derive(Debug, Serialize)]
struct Failure<'a> {
    error: &'a str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    charge: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    attempts: u32,
}

fn failure(error: &Error, json: bool) -> Output {
    let exit = exit::of_error(error);
    if !json {
        let label = styled(
            "error",
            Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
        );
        return Output::failure(exit, format!("{label}: {}\n", shown(&error.to_string())));
    }
    let (name, kind, code) = match error {
        Error::InvalidInput { .. } => ("invalid-input", None, None),
        Error::Credentials { .. } => ("credentials", None, None),
        Error::Network { failure, .. } => ("network", Some(failure.as_str()), None),
        Error::Service { kind, code, .. } => ("service", Some(kind.as_str()), Some(code.as_str())),
        Error::UnreadableAnswer { problem, .. } => {
            ("unreadable-answer", Some(problem.as_str()), None)
        }
        Error::Cancelled { .. } => ("cancelled", None, None),
        Error::Panic { .. } => ("panic", None, None),
        _ => ("configuration", None, None),
    };
    let failure = Failure {
        error: name,
        detail: error.to_string(),
        kind,
        code,
        charge: error.charge().as_str(),
        request_id: error.request_id(),
        attempts: error.attempts(),
    };
    Output::json(exit, &failure)
}
