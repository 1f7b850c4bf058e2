//! `common.json`: what every action of the service shares.

use super::codes::ErrorCode;
use serde::{Deserialize, Serialize};

/// `common.json`: what every action of the service shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommonSpec {
    /// Where an editor finds the JSON Schema.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Always `common`.
    pub kind: CommonTag,
    /// The service and its sites.
    pub service: Service,
    /// Constants of the signature.
    pub signature: Signature,
    /// Headers of a request.
    pub headers: Vec<Header>,
    /// Shape of an answer.
    pub answer: AnswerShape,
    /// Coarse kinds that every error code belongs to. One must be `Unknown`.
    pub error_kinds: Vec<Named>,
    /// Public keys of the service for encrypted fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encryption_keys: Vec<EncryptionKey>,
    /// Error codes that any action may answer with.
    pub error_codes: Vec<ErrorCode>,
}

/// Tag of `common.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommonTag {
    /// The only value.
    Common,
}

/// The service that the actions belong to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Name in the credential scope. It does not follow the host.
    pub name: String,
    /// Places the service is offered at, never a fallback of each other.
    pub sites: Vec<Site>,
    /// Languages that the texts of an answer may have.
    #[serde(default)]
    pub languages: Vec<Language>,
}

/// One site: its own accounts, keys and data residency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Name in code, in PascalCase.
    pub ident: String,
    /// Host, without scheme or path.
    pub host: String,
    /// One or two sentences.
    pub docs: String,
}

/// A language of the texts in an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Name in code, in PascalCase.
    pub ident: String,
    /// Value of the header `X-TC-Language`.
    pub wire: String,
    /// One sentence.
    pub docs: String,
}

/// Constants of the signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Name of the algorithm.
    pub algorithm: String,
    /// Last part of the credential scope.
    pub terminator: String,
    /// Headers to sign, lowercase and sorted.
    pub signed_headers: Vec<String>,
    /// Content type to send and to sign.
    pub content_type: String,
    /// Largest difference between a timestamp and the service's clock, in seconds.
    pub max_clock_skew_seconds: u32,
}

/// One header of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Name as it is sent.
    pub name: String,
    /// Whether every request has it.
    pub required: bool,
    /// Values that are allowed, where they are few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Largest number of characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// One or two sentences.
    pub docs: String,
}

/// Names in an answer's envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerShape {
    /// Key that holds everything.
    pub envelope: String,
    /// Key of an error inside the envelope.
    pub error: String,
    /// Key of the code inside the error.
    pub error_code: String,
    /// Key of the request id inside the envelope.
    pub request_id: String,
    /// Header that repeats the request id.
    pub request_id_header: String,
}

/// A name with its documentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Name in code, in PascalCase.
    pub ident: String,
    /// One or two sentences.
    pub docs: String,
}

/// A public key of the service for one algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EncryptionKey {
    /// Name of the algorithm on the wire.
    pub algorithm: String,
    /// The key, as DER in base64.
    pub public_key: String,
    /// One or two sentences.
    pub docs: String,
}
