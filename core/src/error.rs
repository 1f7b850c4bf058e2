//! Everything that can go wrong, typed, with what it cost. No error prints personal data, a key or a text that the
//! service wrote; the reason of a provider or signer of the caller's is printed as it is.

mod ledger_problem;
mod network_failure;

pub use self::ledger_problem::LedgerProblem;
pub use self::network_failure::NetworkFailure;

use crate::generated::{ERROR_FACTS, ErrorCode, ErrorKind};
use crate::{Charge, InputProblem, InvalidInput, Retry};

/// Facts of the spec about an error code or a family of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorFacts {
    /// The code, or the family that an unknown code belongs to; empty when there is none.
    pub code: &'static str,
    /// Coarse, stable kind.
    pub kind: ErrorKind,
    /// What a call that ends so costs.
    pub charge: Charge,
    /// When the same call may be made again.
    pub retry: Retry,
    /// What the code means.
    pub meaning: &'static str,
}

impl ErrorFacts {
    /// Facts of a code as the service sends it, or of the longest part of it that the spec knows:
    /// `RequestLimitExceeded.New` is a `RequestLimitExceeded`. A code of no known family may have
    /// been charged, and is never to be repeated.
    #[must_use]
    pub fn of(code: &str) -> Self {
        *facts(code)
    }
}

/// Facts of a code in no known family. It may have been charged, so it is never repeated.
static UNKNOWN: ErrorFacts = ErrorFacts {
    code: "",
    kind: ErrorKind::Unknown,
    charge: Charge::Unknown,
    retry: Retry::Never,
    meaning: "An error that this version does not know.",
};

/// Facts of a code, or of the longest part of it that the spec knows.
pub(crate) fn facts(code: &str) -> &'static ErrorFacts {
    let mut family = code;
    loop {
        if let Ok(index) = ERROR_FACTS.binary_search_by(|facts| facts.code.cmp(family)) {
            return &ERROR_FACTS[index];
        }
        match family.rsplit_once('.') {
            Some((parent, _)) => family = parent,
            None => return &UNKNOWN,
        }
    }
}

/// Why an answer could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum AnswerProblem {
    /// The answer had no body.
    Empty,
    /// The body was larger than the client takes.
    TooLarge,
    /// The body was not JSON.
    NotJson,
    /// The JSON did not have the form of an answer.
    WrongShape,
    /// The answer was a redirect. Redirects are never followed, so that personal data stays with the host of the
    /// client.
    Redirect,
    /// The answer has the request id of an earlier one, so it may be another request's.
    RepeatedRequestId,
}

impl AnswerProblem {
    /// Name of the value, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too-large",
            Self::NotJson => "not-json",
            Self::WrongShape => "wrong-shape",
            Self::Redirect => "redirect",
            Self::RepeatedRequestId => "repeated-request-id",
        }
    }
}

/// Why a call failed, and whether it was charged.
///
/// Decide by the variant first, then by [`ErrorKind`], then by the code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(
    feature = "uniffi",
    derive(uniffi::Error),
    uniffi(name = "IdCardError")
)]
#[cfg_attr(feature = "uniffi", uniffi::export(Display))]
#[non_exhaustive]
pub enum IdCardError {
    /// A parameter is wrong. Nothing was sent.
    #[error("{field}: {problem}")]
    InvalidInput {
        /// Name of the parameter.
        field: String,
        /// What is wrong with it.
        problem: InputProblem,
    },
    /// The client cannot be made, or be used this way. Nothing was sent.
    #[error("configuration: {detail}")]
    Configuration {
        /// What is wrong.
        detail: String,
    },
    /// There are no usable credentials. Nothing was sent.
    #[error("credentials: {detail}")]
    Credentials {
        /// Which source failed and why.
        detail: String,
    },
    /// The ledger did not let the call be made. Nothing was sent.
    #[error("ledger: {problem}{}", after_colon(detail.as_deref()))]
    Ledger {
        /// Why.
        problem: LedgerProblem,
        /// What the ledger said.
        detail: Option<String>,
    },
    /// The network failed before an answer was there.
    #[error("network: {failure}{}, {}, {charge}, attempts: {attempts}", after_colon(detail.as_deref()), sent_in_words(*.sent))]
    Network {
        /// What failed.
        failure: NetworkFailure,
        /// What more is known of it: that the application's transport threw an exception.
        detail: Option<String>,
        /// Whether any part of the request may have left.
        sent: bool,
        /// What it cost: not charged unless the request may have left.
        charge: Charge,
        /// How many requests were made.
        attempts: u32,
    },
    /// The call was cancelled by its handle. It stopped waiting; the service may not have.
    #[error("cancelled: {}, {charge}, attempts: {attempts}", sent_in_words(*.sent))]
    Cancelled {
        /// Whether any part of a request may have left.
        sent: bool,
        /// What it cost: not charged unless a request may have left.
        charge: Charge,
        /// How many requests were made.
        attempts: u32,
    },
    /// The service refused the request or failed.
    #[error("service: {code} ({kind}), {charge}, request id {}, attempts: {attempts}: {}", request_id.as_deref().unwrap_or("none"), facts(code).meaning)]
    Service {
        /// Coarse, stable kind.
        kind: ErrorKind,
        /// The code, typed.
        error_code: ErrorCode,
        /// The code exactly as the service sent it.
        code: String,
        /// Identifier of the request, for the vendor's support.
        request_id: Option<String>,
        /// What it cost.
        charge: Charge,
        /// How many requests were made.
        attempts: u32,
    },
    /// There was an answer and it could not be read.
    #[error("unreadable answer: {detail}, HTTP status {}, {charge}, request id {}, attempts: {attempts}", status_in_words(*.http_status), request_id.as_deref().unwrap_or("none"))]
    UnreadableAnswer {
        /// Kind of the problem.
        problem: AnswerProblem,
        /// Where and how the answer differs from what was expected. It quotes no value.
        detail: String,
        /// HTTP status, if it is known.
        http_status: Option<u16>,
        /// Identifier of the request, if a header told it.
        request_id: Option<String>,
        /// What it cost: unknown, because the service had the request.
        charge: Charge,
        /// How many requests were made.
        attempts: u32,
    },
    /// The library, or a part of the application that it called, panicked. Please report it.
    #[error("panic: the library has a fault, {charge}, attempts: {attempts}")]
    Panic {
        /// What it cost: unknown, whatever the fault was.
        charge: Charge,
        /// How many requests were made.
        attempts: u32,
    },
}

impl IdCardError {
    pub(crate) fn configuration(detail: &str) -> Self {
        Self::Configuration {
            detail: detail.to_owned(),
        }
    }

    pub(crate) fn credentials(detail: &str) -> Self {
        Self::Credentials {
            detail: detail.to_owned(),
        }
    }

    /// What the failed call cost.
    #[must_use]
    pub const fn charge(&self) -> Charge {
        match self {
            Self::InvalidInput { .. }
            | Self::Configuration { .. }
            | Self::Credentials { .. }
            | Self::Ledger { .. } => Charge::NotCharged,
            Self::Network { charge, .. }
            | Self::Cancelled { charge, .. }
            | Self::Service { charge, .. }
            | Self::UnreadableAnswer { charge, .. }
            | Self::Panic { charge, .. } => *charge,
        }
    }

    /// When the same call may be made again without paying twice: of a service error as the spec
    /// has it for the verbatim code, of a network error after a wait if nothing was sent. `Never`
    /// wherever the charge is unknown.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Service { code, .. } if self.charge() == Charge::NotCharged => facts(code).retry,
            Self::Network {
                failure,
                charge: Charge::NotCharged,
                ..
            } => failure.retry(),
            Self::Ledger { problem, .. } => problem.retry(),
            _ => Retry::Never,
        }
    }

    /// What the error means, in English: of a service error as the spec has it for the verbatim
    /// code or its longest known family.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::InvalidInput { .. } => "An argument is wrong. Nothing was sent.",
            Self::Configuration { .. } => {
                "The client cannot be made, or be used this way. Nothing was sent."
            }
            Self::Credentials { .. } => "There are no usable credentials. Nothing was sent.",
            Self::Ledger { problem, .. } => problem.meaning(),
            Self::Network { sent: false, .. } => "The network failed before anything was sent.",
            Self::Network { .. } => "The network failed before an answer was there.",
            Self::Cancelled { .. } => "The call was cancelled.",
            Self::Service { code, .. } => facts(code).meaning,
            Self::UnreadableAnswer { .. } => "There was an answer and it could not be read.",
            Self::Panic { .. } => "The library has a fault. Please report it.",
        }
    }

    /// Name of the variant, in kebab-case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InvalidInput { .. } => "invalid-input",
            Self::Configuration { .. } => "configuration",
            Self::Credentials { .. } => "credentials",
            Self::Ledger { .. } => "ledger",
            Self::Network { .. } => "network",
            Self::Cancelled { .. } => "cancelled",
            Self::Service { .. } => "service",
            Self::UnreadableAnswer { .. } => "unreadable-answer",
            Self::Panic { .. } => "panic",
        }
    }

    /// What went wrong in one word or two, for a table or a ledger: the service's code, or the name of the
    /// variant and of what it knows.
    #[must_use]
    pub fn label(&self) -> String {
        let detail = match self {
            Self::InvalidInput { problem, .. } => problem.kind().as_str(),
            Self::Ledger { problem, .. } => problem.as_str(),
            Self::Network { failure, .. } => failure.as_str(),
            Self::UnreadableAnswer { problem, .. } => problem.as_str(),
            Self::Service { code, .. } => return code.clone(),
            _ => return self.name().to_owned(),
        };
        format!("{} {detail}", self.name())
    }

    /// How many requests were made.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        match self {
            Self::InvalidInput { .. }
            | Self::Configuration { .. }
            | Self::Credentials { .. }
            | Self::Ledger { .. } => 0,
            Self::Network { attempts, .. }
            | Self::Cancelled { attempts, .. }
            | Self::Service { attempts, .. }
            | Self::UnreadableAnswer { attempts, .. }
            | Self::Panic { attempts, .. } => *attempts,
        }
    }

    /// The same error after so many requests, of which some before the last one may have been
    /// charged.
    pub(crate) fn after(mut self, requests: u32, uncertain: u32) -> Self {
        if let Self::Network {
            charge, attempts, ..
        }
        | Self::Cancelled {
            charge, attempts, ..
        }
        | Self::Service {
            charge, attempts, ..
        }
        | Self::UnreadableAnswer {
            charge, attempts, ..
        }
        | Self::Panic { charge, attempts } = &mut self
        {
            *attempts = requests;
            if uncertain > 0 {
                *charge = Charge::Unknown;
            }
        }
        self
    }

    /// Identifier of the request, where there is one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Service { request_id, .. } | Self::UnreadableAnswer { request_id, .. } => {
                request_id.as_deref()
            }
            _ => None,
        }
    }
}

fn after_colon(detail: Option<&str>) -> String {
    detail.map_or_else(String::new, |detail| format!(": {detail}"))
}

fn status_in_words(status: Option<u16>) -> String {
    status.map_or_else(|| "unknown".to_owned(), |status| status.to_string())
}

const fn sent_in_words(sent: bool) -> &'static str {
    if sent {
        "the request may have been sent"
    } else {
        "the request was not sent"
    }
}

impl From<InvalidInput> for IdCardError {
    fn from(input: InvalidInput) -> Self {
        Self::InvalidInput {
            field: input.field.to_owned(),
            problem: input.problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_as_the_search_needs_it() {
        assert!(ERROR_FACTS.is_sorted_by_key(|facts| facts.code));
    }

    #[test]
    fn unknown_codes_take_after_their_longest_known_family() {
        for (code, kind, charge, retry) in [
            (
                "RequestLimitExceeded.NewLimit",
                ErrorKind::Throttled,
                Charge::NotCharged,
                Retry::Backoff,
            ),
            (
                "RequestLimitExceeded.IPLimitExceeded.V6",
                ErrorKind::Throttled,
                Charge::NotCharged,
                Retry::Backoff,
            ),
            (
                "AuthFailure.New",
                ErrorKind::Authentication,
                Charge::NotCharged,
                Retry::Never,
            ),
            (
                "InternalError.New",
                ErrorKind::Internal,
                Charge::Unknown,
                Retry::Never,
            ),
            (
                "FailedOperation.New",
                ErrorKind::Internal,
                Charge::Unknown,
                Retry::Never,
            ),
            ("Martian", ErrorKind::Unknown, Charge::Unknown, Retry::Never),
            ("", ErrorKind::Unknown, Charge::Unknown, Retry::Never),
            ("...", ErrorKind::Unknown, Charge::Unknown, Retry::Never),
        ] {
            assert_eq!(ErrorCode::from_wire(code), ErrorCode::Unknown);
            let read = facts(code);
            assert_eq!(
                (read.kind, read.charge, read.retry),
                (kind, charge, retry),
                "{code}"
            );
        }
    }

    #[test]
    fn nothing_that_may_be_charged_is_retried() {
        for facts in ERROR_FACTS {
            assert!(
                facts.retry == Retry::Never || facts.charge == Charge::NotCharged,
                "{}",
                facts.code
            );
        }
    }

    #[test]
    fn known_codes_survive_the_round_trip() {
        for code in ErrorCode::KNOWN {
            assert_eq!(ErrorCode::from_wire(code.as_str()), *code);
            assert_eq!(facts(code.as_str()).code, code.as_str());
        }
    }
}
