//! What failed, in words or as JSON.

use crate::exit;
use crate::output::{Output, shown, styled};
use anstyle::{AnsiColor, Style};
use idcard_verification::Error;
use serde::Serialize;

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
        let (name, kind, code) = match error {
            Error::InvalidInput { problem, .. } => {
                ("invalid-input", Some(problem.kind().as_str()), None)
            }
            Error::Credentials { .. } => ("credentials", None, None),
            Error::Network { failure, .. } => ("network", Some(failure.as_str()), None),
            Error::Service { kind, code, .. } => ("service", Some(kind.as_str()), Some(code)),
            Error::UnreadableAnswer { problem, .. } => {
                ("unreadable-answer", Some(problem.as_str()), None)
            }
            Error::Cancelled { .. } => ("cancelled", None, None),
            Error::Panic { .. } => ("panic", None, None),
            _ => ("configuration", None, None),
        };
        Self {
            exit: exit::of_error(error),
            error: name,
            detail: error.to_string(),
            kind,
            code: code.map(|code| code.as_str().into()),
            charge: error.charge().as_str(),
            request_id: error.request_id().map(Into::into),
            attempts: error.attempts(),
        }
    }
}
