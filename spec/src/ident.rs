//! Identifiers: made from wire names, and kept clear of what the languages reserve.
//!
//! One identifier is written in four languages, so a word that any of them reserves, or that
//! names a member of a type every generated type inherits from, is out for all of them.

use heck::{ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Words that no field, argument or method can be called, in snake_case.
const RESERVED_VALUES: &[(&str, &[&str])] = &[
    (
        "a keyword of Rust",
        &[
            "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
            "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen",
            "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override",
            "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
            "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where",
            "while", "yield",
        ],
    ),
    (
        "a keyword of Kotlin",
        &[
            "class",
            "fun",
            "interface",
            "is",
            "null",
            "object",
            "package",
            "this",
            "throw",
            "typealias",
            "val",
            "var",
            "when",
        ],
    ),
    (
        "a keyword of Swift",
        &[
            "actor",
            "any",
            "associatedtype",
            "case",
            "catch",
            "default",
            "defer",
            "deinit",
            "extension",
            "fallthrough",
            "fileprivate",
            "func",
            "guard",
            "import",
            "init",
            "inout",
            "internal",
            "nil",
            "open",
            "operator",
            "precedencegroup",
            "private",
            "protocol",
            "public",
            "repeat",
            "rethrows",
            "some",
            "subscript",
            "switch",
            "throws",
        ],
    ),
    (
        "a keyword of Python",
        &[
            "and", "assert", "def", "del", "elif", "except", "finally", "from", "global", "lambda",
            "none", "nonlocal", "not", "or", "pass", "raise", "with",
        ],
    ),
    (
        "a keyword of C, in which Swift is told of the library",
        &[
            "auto", "bool", "char", "double", "float", "goto", "inline", "int", "long", "register",
            "restrict", "short", "signed", "sizeof", "typedef", "unsigned", "void", "volatile",
        ],
    ),
    ("a name that the generated code uses itself", &["it", "ptr"]),
    (
        "a member of a Kotlin base type",
        &[
            "message",
            "cause",
            "localized_message",
            "stack_trace",
            "suppressed",
            "add_suppressed",
            "equals",
            "hash_code",
            "to_string",
            "copy",
            "close",
            "destroy",
            "get_class",
            "notify",
            "notify_all",
            "wait",
            "component1",
            "component2",
        ],
    ),
    (
        "a member of a Swift base type",
        &[
            "description",
            "debug_description",
            "hash_value",
            "localized_description",
            "hash",
        ],
    ),
];

/// Type names that the crate itself defines, or that a language reserves.
const RESERVED_TYPES: &[&str] = &[
    "Action",
    "AnswerOrigin",
    "AnswerProblem",
    "Any",
    "Arc",
    "Auth",
    "Bool",
    "Box",
    "Builder",
    "CallOptions",
    "CancelHandle",
    "Charge",
    "ClaimState",
    "Client",
    "ClientConfig",
    "ClientStats",
    "Clock",
    "Credentials",
    "CredentialsProvider",
    "Data",
    "Date",
    "Double",
    "Duration",
    "EncryptionAlgorithm",
    "Error",
    "ErrorCode",
    "ErrorFacts",
    "ErrorKind",
    "Exception",
    "FieldEncryption",
    "Float",
    "HttpHeader",
    "HttpRequest",
    "HttpResponse",
    "IdCardError",
    "InputProblem",
    "InputProblemKind",
    "Int",
    "InvalidInput",
    "Language",
    "LatencyBucket",
    "Ledger",
    "LedgerClaim",
    "LedgerConfig",
    "LedgerError",
    "LedgerKeys",
    "LedgerOutcome",
    "LedgerProblem",
    "List",
    "Long",
    "ManyOptions",
    "Map",
    "MemoryLedger",
    "NetworkFailure",
    "Never",
    "None",
    "NormalizationChange",
    "NormalizedText",
    "Nothing",
    "Object",
    "Option",
    "Optional",
    "Outcome",
    "Outcomes",
    "Person",
    "PrivateUse",
    "Protocol",
    "ProviderError",
    "RemoteSignature",
    "RemoteSigner",
    "Result",
    "ResultFacts",
    "Retry",
    "RetryPolicy",
    "Run",
    "Secret",
    "Self",
    "Set",
    "Signer",
    "SignerError",
    "SigningRequest",
    "Site",
    "Some",
    "String",
    "Throwable",
    "TkeOidc",
    "Transport",
    "TransportError",
    "Type",
    "Unit",
    "Unknown",
    "Vec",
    "Verdict",
    "Void",
];

/// Why a field, argument or method cannot have this name, if so.
#[must_use]
pub fn reserved_value(ident: &str) -> Option<&'static str> {
    RESERVED_VALUES
        .iter()
        .find(|(_, words)| words.contains(&ident))
        .map(|(reason, _)| *reason)
}

/// Whether a type cannot have this name.
#[must_use]
pub fn reserved_type(ident: &str) -> bool {
    RESERVED_TYPES.contains(&ident)
}

/// Name of a field or argument for a wire name; reserved words get `_field`, because UniFFI would
/// drop a mere underscore.
///
/// ```
/// use idcard_spec::ident::value_from_wire;
/// assert_eq!(value_from_wire("IdCard"), "id_card");
/// assert_eq!(value_from_wire("Type"), "type_field");
/// ```
#[must_use]
pub fn value_from_wire(wire: &str) -> String {
    let mut ident = wire.to_snake_case();
    if !ident.starts_with(|first: char| first.is_ascii_lowercase()) {
        ident.insert_str(0, "x_");
    }
    if reserved_value(&ident).is_some() {
        ident.push_str("_field");
    }
    ident
}

/// Name of a type in Kotlin, Swift and Python, where UniFFI gives it one of its own case.
#[must_use]
pub fn foreign_type(ident: &str) -> String {
    ident.to_upper_camel_case()
}

/// Name of a field or argument in Kotlin and Swift.
#[must_use]
pub fn foreign_value(ident: &str) -> String {
    ident.to_lower_camel_case()
}

/// Name of a constant in Kotlin and Python.
#[must_use]
pub fn constant(ident: &str) -> String {
    ident.to_shouty_snake_case()
}

/// Name of the file of an action, without its ending.
#[must_use]
pub fn file_of(action: &str) -> String {
    action.to_snake_case()
}

/// Name of an enum's variant for a code such as `AuthFailure.SecretIdNotFound`.
#[must_use]
pub fn variant_from_code(code: &str) -> String {
    // The service writes its codes in PascalCase already; only what is not is recased.
    code.split('.')
        .map(|part| {
            if is_pascal_case(part) {
                part.to_owned()
            } else {
                part.to_pascal_case()
            }
        })
        .collect()
}

/// `PascalCase`, ASCII letters and digits.
#[must_use]
pub fn is_pascal_case(ident: &str) -> bool {
    ident.starts_with(|first: char| first.is_ascii_uppercase())
        && ident.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `snake_case`, ASCII letters and digits. UniFFI drops an underscore at the end, so none may be.
#[must_use]
pub fn is_snake_case(ident: &str) -> bool {
    ident.starts_with(|first: char| first.is_ascii_lowercase())
        && ident
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !ident.contains("__")
        && !ident.ends_with('_')
}

/// Fields that an answer has beside the members of the response.
pub(crate) const ANSWER_FIELDS: &[&str] = &[
    "verdict",
    "retry",
    "result",
    "charge",
    "attempts",
    "uncertain_attempts",
    "origin",
];
/// Arguments that a client's method has beside the members of the request.
pub(crate) const METHOD_ARGUMENTS: &[&str] = &["options", "parked", "piece_ms"];
