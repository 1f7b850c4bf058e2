//! Finds what the model's types cannot: duplicates, clashes, dangling names, reserved words,
//! prose that would end a comment, and facts about charge and retry that contradict each other.

mod action;
mod common;
mod encryption;
mod members;
mod text;

use crate::fault::{Collector, Fault};
use crate::ident;
use crate::model::source::Parsed;
use crate::model::{ActionSpec, Charge, CommonSpec, ErrorCode, Retry};
use std::collections::{BTreeMap, BTreeSet};

/// Adds every fault of the files to `faults`.
pub(crate) fn validate(
    common: &Parsed<CommonSpec>,
    actions: &[Parsed<ActionSpec>],
    faults: &mut Vec<Fault>,
) {
    let mut out = Collector::new(&common.name, faults);
    text::validate(&common.spec, &mut out);
    common::validate(&common.spec, &mut out);
    let mut across = CrossFileNames::new(&common.spec);
    for action in actions {
        let mut out = Collector::new(&action.name, faults);
        text::validate(&action.spec, &mut out);
        action::validate(&action.spec, &common.spec, &mut across, &mut out);
    }
}

/// Names that must not clash between files.
#[derive(Debug)]
pub(crate) struct CrossFileNames {
    /// Type in code, to the place that took it.
    types: BTreeMap<String, String>,
    methods: BTreeSet<String>,
    /// Error code, and variant in code, that are taken.
    error_codes: BTreeSet<String>,
    error_variants: BTreeMap<String, String>,
}

impl CrossFileNames {
    fn new(common: &CommonSpec) -> Self {
        Self {
            types: BTreeMap::new(),
            methods: BTreeSet::new(),
            error_codes: common
                .error_codes
                .iter()
                .map(|code| code.code.clone())
                .collect(),
            error_variants: common
                .error_codes
                .iter()
                .map(|code| (variant(code), code.code.clone()))
                .collect(),
        }
    }
}

/// Name of an error code in code.
pub(crate) fn variant(code: &ErrorCode) -> String {
    code.ident
        .clone()
        .unwrap_or_else(|| ident::variant_from_code(&code.code))
}

/// A name for a type or variant.
pub(crate) fn pascal(path: &str, name: &str, out: &mut Collector<'_>) {
    if !ident::is_pascal_case(name) {
        out.add(
            path,
            format!("`{name}` is not PascalCase"),
            "Write it with ASCII letters and digits, like `IdCard`.",
        );
    }
}

/// A code's facts must not allow a charged call to be repeated.
pub(crate) fn check_retry_charge(
    path: &str,
    charge: Charge,
    retry: Retry,
    out: &mut Collector<'_>,
) {
    if retry != Retry::Never && charge != Charge::NotCharged {
        out.add(
            format!("{path}.retry"),
            "a code that is or may be charged cannot be retried",
            "Set `retry` to `never`, or `charge` to `not_charged` if the service guarantees it.",
        );
    }
}

/// One list of error codes.
pub(crate) fn error_codes(codes: &[ErrorCode], common: &CommonSpec, out: &mut Collector<'_>) {
    for (index, code) in codes.iter().enumerate() {
        let path = format!("error_codes[{index}]");
        let well_formed = code.code.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.chars().all(|c| c.is_ascii_alphanumeric())
        });
        if !well_formed {
            out.add(
                format!("{path}.code"),
                format!("`{}` is not an error code", code.code),
                "Write it as `Family` or `Family.Detail`, with ASCII letters and digits.",
            );
        }
        let ident = variant(code);
        if ident == "Unknown" {
            out.add(
                format!("{path}.ident"),
                "`Unknown` stands for codes that are not in the spec",
                "Choose another `ident`.",
            );
        }
        pascal(&format!("{path}.ident"), &ident, out);
        if !common
            .error_kinds
            .iter()
            .any(|kind| kind.ident == code.kind)
        {
            out.add(
                format!("{path}.kind"),
                format!("there is no error kind `{}`", code.kind),
                "Use an `ident` of `error_kinds` in common.json, or add one there.",
            );
        }
        check_retry_charge(&path, code.charge, code.retry, out);
    }
}

/// Every name once.
pub(crate) fn unique<'a>(
    what: &str,
    names: impl IntoIterator<Item = (String, &'a str)>,
    remedy: &str,
    out: &mut Collector<'_>,
) {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (path, name) in names {
        match seen.get(name) {
            Some(first) => out.add(
                path,
                format!("{what} `{name}` is there already, at {first}"),
                remedy,
            ),
            None => {
                seen.insert(name, path);
            }
        }
    }
}
