//! Everything that can go wrong, typed, with what it cost. No error holds personal data, a key
//! or a text that somebody else wrote.

use crate::generated::{ERROR_FACTS, ErrorCode, ErrorKind};
use crate::transport::NetworkFailure;
use crate::{Charge, Retry};

/// Facts of the spec about an error code or a family of codes.
#[derive(Debug)]
pub(crate) struct ErrorFacts {
    pub(crate) code: &'static str,
    pub(crate) kind: ErrorKind,
    pub(crate) charge: Charge,
    pub(crate) retry: Retry,
    pub(crate) meaning: &'static str,
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

impl ErrorCode {
    /// Coarse, stable kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        facts(self.as_str()).kind
    }

    /// What a call that ended so cost.
    #[must_use]
    pub fn charge(&self) -> Charge {
        facts(self.as_str()).charge
    }

    /// When the same call may be made again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        facts(self.as_str()).retry
    }

    /// What the code means; of its family if the code is not in the spec.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        facts(self.as_str()).meaning
    }
}

/// What is wrong with a number or a name. It never quotes them, except for the check digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum InputProblem {
    /// The number does not have 18 characters.
    #[error("length is {actual}, expected 18")]
    NumberLength {
        /// How many characters it has.
        actual: u32,
    },
    /// One of the first 17 characters is no digit from 0 to 9.
    #[error("character {position} is not a digit")]
    NotADigit {
        /// Which character, counted from 1.
        position: u32,
    },
    /// Characters 7 to 14 are no day of the calendar.
    #[error("characters 7 to 14 are not a date")]
    NoSuchDate,
    /// The last character is neither a digit nor an `X`.
    #[error("character 18 is neither a digit nor X")]
    NotACheckDigit,
    /// The last character is a lowercase `x`.
    #[error("check digit is a lowercase x, write it as X")]
    LowercaseX,
    /// The check digit is not the one that follows from the other characters.
    #[error("check digit is {actual}, expected {expected}")]
    CheckDigit {
        /// What it is.
        actual: String,
        /// What it should be.
        expected: String,
    },
    /// The name is empty.
    #[error("is empty")]
    NameEmpty,
    /// The name has more than 64 characters.
    #[error("length is {actual}, at most 64 is expected")]
    NameLength {
        /// How many characters it has.
        actual: u32,
    },
    /// A character does not belong into a name, or not at this place.
    #[error("character {position} does not belong there")]
    NameCharacter {
        /// Which character, counted from 1.
        position: u32,
    },
    /// A character only looks like the middle dot of a minority name.
    #[error(
        "character {position} is {code_point}, where the registry writes the middle dot U+00B7"
    )]
    NameDot {
        /// Which character, counted from 1.
        position: u32,
        /// The character's code point.
        code_point: String,
    },
    /// The name is not in Unicode normalization form C.
    #[error("is not in Unicode normalization form C")]
    NameNotComposed,
    /// It is not text at all: a value of another type, or one that UTF-8 cannot encode.
    #[error("is not text")]
    NotText,
    /// A row of many is no pair of a number and a name.
    #[error("is not a pair of number and name")]
    NotAPair,
}

/// A parameter that was refused before anything was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidInput {
    field: &'static str,
    problem: InputProblem,
}

impl InvalidInput {
    pub(crate) const fn new(field: &'static str, problem: InputProblem) -> Self {
        Self { field, problem }
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
    /// The answer was a redirect. None is followed: the identity goes nowhere else.
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

/// Why there is no verified identity, and what it cost to find out.
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
            Self::InvalidInput { .. } | Self::Configuration { .. } | Self::Credentials { .. } => {
                Charge::NotCharged
            }
            Self::Network { charge, .. }
            | Self::Cancelled { charge, .. }
            | Self::Service { charge, .. }
            | Self::UnreadableAnswer { charge, .. }
            | Self::Panic { charge, .. } => *charge,
        }
    }

    /// How many requests were made.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        match self {
            Self::InvalidInput { .. } | Self::Configuration { .. } | Self::Credentials { .. } => 0,
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
