//! An action's file: parameters, answer, result codes and examples.

use super::codes::{ErrorCode, ResultCodes, is_false};
use serde::{Deserialize, Serialize};

/// Tag of an action's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActionTag {
    /// The only value.
    Action,
}

/// The file of one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionSpec {
    /// Where an editor finds the JSON Schema.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Always `action`.
    pub kind: ActionTag,
    /// The action.
    pub action: Action,
    /// Limits of the service.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// Parameters.
    pub request: Object,
    /// How the request says which of its members are encrypted, where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// Objects inside the parameters and the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<Object>,
    /// The answer.
    pub response: Object,
    /// Codes in a successful answer, where the action has such a thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_codes: Option<ResultCodes>,
    /// Error codes of this action alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_codes: Vec<ErrorCode>,
    /// Codes of `common.json` that the action's documentation names as its own too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub common_error_codes: Vec<String>,
    /// Documented calls and their answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

/// Name and version of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Name on the wire.
    pub name: String,
    /// Name of the client's method, in snake_case.
    pub method: String,
    /// Version of the interface: a date.
    pub version: String,
    /// Whether the service is about to take it away, or has.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// One or two sentences.
    pub docs: String,
}

/// Limits of the service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests per second of one account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    /// Bytes of a request's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_bytes: Option<u64>,
    /// Attempts per day of one account with the same value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub daily: Vec<DailyLimit>,
}

impl Limits {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Attempts per day with the same value of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DailyLimit {
    /// Wire name of the parameter.
    pub member: String,
    /// Attempts.
    pub attempts: u32,
}

/// An object: the request, the response or one inside them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Name in code, in PascalCase; other types refer to it by this name.
    pub ident: String,
    /// One or two sentences.
    pub docs: String,
    /// Members in order.
    pub members: Vec<Member>,
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Name on the wire.
    pub wire: String,
    /// Name in code, in snake_case; made from the wire name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ident: Option<String>,
    /// Type of the value.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Whether it must be there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Whether the value is personal data or a secret: it then prints redacted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// Whether the service takes the value encrypted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub encryptable: bool,
    /// Whether the service is about to take it away, or has.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// Check that runs before anything is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// Values known today; the set is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// One or two sentences.
    pub docs: String,
}

impl Member {
    /// Name in code.
    pub(crate) fn ident(&self) -> String {
        let made = || crate::ident::value_from_wire(&self.wire);
        self.ident.clone().unwrap_or_else(made)
    }
}

/// How a request says which of its members are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// Wire name of the request's optional object that describes the encryption.
    pub member: String,
    /// Wire name of that object's list of encrypted members.
    pub fields: String,
    /// Wire name of its member with the encrypted key.
    pub key: String,
    /// Wire name of its member with the initialisation vector.
    pub iv: String,
    /// Wire name of its optional member with the name of the algorithm.
    pub algorithm: String,
    /// Wire name of its optional list of authentication tags.
    pub tags: String,
}

/// Type of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Text.
    String,
    /// Signed 64-bit integer.
    Int64,
    /// Unsigned 64-bit integer.
    Uint64,
    /// 64-bit floating-point number.
    Float,
    /// Truth value.
    Bool,
    /// Bytes, as text in base64.
    Binary,
    /// A day, as text: `YYYY-MM-DD`.
    Date,
    /// A time without its zone, as text: `YYYY-MM-DD hh:mm:ss`.
    Datetime,
    /// A time of ISO 8601, as text.
    DatetimeIso,
    /// An object of `types`, by its name in code.
    Object(String),
    /// A list.
    List(Box<Type>),
}

impl Type {
    /// Type of the items of a list, or of lists in it; the type itself otherwise.
    pub(crate) fn innermost(&self) -> &Self {
        match self {
            Self::List(item) => item.innermost(),
            other => other,
        }
    }

    /// Name of the object that it is, or is a list of.
    pub(crate) fn object_name(&self) -> Option<&str> {
        match self.innermost() {
            Self::Object(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is a text in code, of whatever kind.
    pub(crate) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::String | Self::Binary | Self::Date | Self::Datetime | Self::DatetimeIso
        )
    }
}

/// Check of a value before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// An identity-card number: length, digits, date, check digit.
    IdNumber,
    /// A person's name: length and characters.
    Name,
}

/// A documented call and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Short name.
    pub name: String,
    /// What is remarkable about it.
    pub docs: String,
    /// Parameters by wire name.
    pub request: serde_json::Map<String, serde_json::Value>,
    /// Members of the answer by wire name, without the request id.
    pub response: serde_json::Map<String, serde_json::Value>,
    /// Whether the parameters pass the local check.
    pub passes_local_check: bool,
}
