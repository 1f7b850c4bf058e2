//! Codes of results and errors, and the facts about money and retries that follow from them.

use serde::{Deserialize, Serialize};

/// What an outcome costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Charge {
    /// The account pays for it.
    Charged,
    /// It is free.
    NotCharged,
    /// It cannot be told.
    Unknown,
}

/// When the same call may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Not without a change.
    Never,
    /// After a short, growing wait.
    Backoff,
    /// At once, after the clock has been corrected from the answer.
    CorrectClock,
    /// At once, after temporary credentials have been refreshed.
    RefreshCredentials,
    /// On the next day in Beijing.
    NextDay,
}

/// One error code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorCode {
    /// Code as the service sends it: `Family` or `Family.Detail`.
    pub code: String,
    /// Name in code; made from the code when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ident: Option<String>,
    /// One of the error kinds.
    pub kind: String,
    /// What such an error costs.
    pub charge: Charge,
    /// When to try again.
    pub retry: Retry,
    /// True for a family that is not sent by itself, only with a detail.
    #[serde(default, skip_serializing_if = "is_false")]
    pub family: bool,
    /// What it means, in our own words.
    pub meaning: String,
}

/// Codes in a successful answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResultCodes {
    /// Name of the type in code.
    pub ident: String,
    /// Wire name of the response's member that holds the code.
    pub member: String,
    /// One or two sentences.
    pub docs: String,
    /// The codes known today; the set is open.
    pub codes: Vec<ResultCode>,
}

/// Coarse, stable reading of a result code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What was asked is so.
    Match,
    /// What was asked is not so.
    Mismatch,
    /// The service could not tell.
    Inconclusive,
}

/// One result code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResultCode {
    /// Code as the service sends it.
    pub code: String,
    /// Name in code, in PascalCase.
    pub ident: String,
    /// Coarse reading.
    pub verdict: Verdict,
    /// What such an answer costs.
    pub charge: Charge,
    /// When to try again.
    pub retry: Retry,
    /// Year in which the service began to send it, where it was not there from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What it means, in our own words.
    pub meaning: String,
}

pub(super) fn is_false(value: &bool) -> bool {
    !*value
}
