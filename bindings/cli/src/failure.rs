//! What failed, in words or as JSON.

use crate::exit;
use crate::output::{Output, shown, styled};
use anstyle::{AnsiColor, Style};
use idcard_bulk::BulkError;
use idcard_bulk::input::InputError;
use idcard_bulk::journal::{JournalError, KeyError};
use idcard_bulk::output::OutputError;
use idcard_verification::Error;
use serde::Serialize;
use std::path::Path;

/// An error of a call, or of what the command was given.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(skip)]
    exit: u8,
    error: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Box<str>>,
    charge: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Box<str>>,
    attempts: u32,
}

impl Failure {
    /// Of the arguments.
    pub(crate) fn usage(detail: String) -> Self {
        Self {
            error: "usage",
            ..Self::input(exit::USAGE, detail)
        }
    }

    /// Of what was read, before anything was sent.
    pub(crate) fn input(exit: u8, detail: String) -> Self {
        Self {
            exit,
            error: "input",
            detail,
            kind: None,
            code: None,
            charge: "not-charged",
            request_id: None,
            attempts: 0,
        }
    }

    /// Of a file of people, before anything was sent, or of its report.
    pub(crate) fn from_bulk(error: &BulkError, input: Option<&Path>) -> Self {
        let (exit, name) = match error {
            BulkError::Input(_) => (exit::BAD_INPUT, "input"),
            BulkError::Charges { .. } => (exit::BAD_INPUT, "charges"),
            BulkError::Output(OutputError::Exists { .. }) => (exit::USAGE, "output"),
            BulkError::Output(_) => (exit::OUTPUT, "output"),
            BulkError::Key(KeyError::System { .. }) => (exit::OUTPUT, "key"),
            BulkError::Key(_) => (exit::USAGE, "key"),
            BulkError::Journal(
                JournalError::Write(_)
                | JournalError::Full
                | JournalError::Closed
                | JournalError::Read(_),
            ) => (exit::OUTPUT, "journal"),
            BulkError::Client(error) => return Self::from(error),
            _ => (exit::USAGE, "journal"),
        };
        let path = input.map_or_else(|| "the input".to_owned(), |path| path.display().to_string());
        let detail = match error {
            BulkError::Input(InputError::Read(why)) => {
                format!("{path} cannot be read: {}", why.kind())
            }
            BulkError::Input(why) => format!("{path}: {why}"),
            BulkError::Output(OutputError::Exists { .. }) => {
                format!("{error}: overwrite it by --force, or name another file")
            }
            _ => error.to_string(),
        };
        Self {
            error: name,
            ..Self::input(exit, detail)
        }
    }

    /// What is to be done about it.
    pub(crate) fn with_hint(mut self, hint: &str) -> Self {
        self.detail.push_str(hint);
        self
    }

    pub(crate) fn with_exit(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    pub(crate) fn output(&self, json: bool) -> Output {
        if json {
            return Output::json(self.exit, self);
        }
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let label = styled("error", red);
        Output::failure(self.exit, format!("{label}: {}\n", shown(&self.detail)))
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let (kind, code) = match error {
            Error::InvalidInput { problem, .. } => (Some(problem.kind().as_str()), None),
            Error::Ledger { problem, .. } => (Some(problem.as_str()), None),
            Error::Network { failure, .. } => (Some(failure.as_str()), None),
            Error::Service { kind, code, .. } => (Some(kind.as_str()), Some(code)),
            Error::UnreadableAnswer { problem, .. } => (Some(problem.as_str()), None),
            _ => (None, None),
        };
        Self {
            exit: exit::of_error(error),
            error: error.name(),
            detail: error.to_string(),
            kind,
            code: code.map(|code| code.as_str().into()),
            charge: error.charge().as_str(),
            request_id: error.request_id().map(Into::into),
            attempts: error.attempts(),
        }
    }
}
