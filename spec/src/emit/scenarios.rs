//! Scenarios of codes that have none yet: what the spec says of a code is what its scenario
//! expects. They are a beginning, to be read and kept, as the test identities are there at once.

use crate::ir::{Ir, ResultCode};
use crate::model::{Charge, Retry};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Requests of a call that is repeated, unless a client says otherwise.
const MAX_ATTEMPTS: u32 = 3;

/// The text of a scenario file with scenarios for the result codes that `called` does not name.
///
/// # Errors
/// A sentence when the text is no scenario file.
pub fn results(ir: &Ir, text: &str, called: &BTreeSet<String>) -> Result<String, String> {
    let action = ir.identity_action();
    let codes = action.and_then(|action| action.result_codes.as_ref());
    let scenarios = codes
        .iter()
        .flat_map(|codes| &codes.codes)
        .map(|code| (format!("result:{}", code.wire), result(code)));
    append(text, scenarios, called)
}

/// The same for error codes.
///
/// # Errors
/// As [`results`].
pub fn errors(ir: &Ir, text: &str, called: &BTreeSet<String>) -> Result<String, String> {
    let scenarios = ir.error_codes.iter().filter_map(|code| {
        let variant = code.variant.as_ref()?;
        let (retries, attempts) = repeated(code.retry);
        let identity = format!("error:{}", code.wire);
        let mut expect = json!({"error": "service", "kind": code.kind, "error_code": variant, "code": code.wire, "charge": code.charge, "attempts": attempts, "request_id": true});
        told(&mut expect, code.retry);
        let ledger = json!({"requests": attempts, "charged": 0});
        let name = format!("error {}", code.wire);
        Some((identity.clone(), scenario(&name, retries, &identity, &expect, &ledger)))
    });
    append(text, scenarios, called)
}

/// Keys of the test identities that a scenario file calls.
///
/// # Errors
/// A sentence when the text is no scenario file.
pub fn called(text: &str) -> Result<Vec<String>, String> {
    let scenarios: Vec<Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let identities = scenarios
        .iter()
        .map(|scenario| &scenario["call"]["identity"]);
    Ok(identities
        .filter_map(|key| key.as_str().map(str::to_owned))
        .collect())
}

fn result(code: &ResultCode) -> String {
    let (retries, attempts) = repeated(code.retry);
    let mut expect = json!({"verdict": code.verdict, "result": code.variant, "code": code.wire, "charge": code.charge, "attempts": attempts, "request_id": true});
    told(&mut expect, code.retry);
    let charged = u32::from(code.charge == Charge::Charged);
    let ledger = json!({"requests": attempts, "charged": charged});
    let (name, identity) = (
        format!("result {}", code.wire),
        format!("result:{}", code.wire),
    );
    scenario(&name, retries, &identity, &expect, &ledger)
}

/// Says when it may be repeated, unless it never may, which is left out.
fn told(expect: &mut Value, retry: Retry) {
    if retry != Retry::Never {
        expect["retry"] = json!(retry);
    }
}

/// Whether it is repeated by itself, and how many requests a call makes.
fn repeated(retry: Retry) -> (bool, u32) {
    match retry {
        Retry::Backoff => (true, MAX_ATTEMPTS),
        _ => (false, 1),
    }
}

/// A scenario, each of its parts on a line.
fn scenario(name: &str, retries: bool, identity: &str, expect: &Value, ledger: &Value) -> String {
    let mut parts = vec![("name", json!(name))];
    if retries {
        parts.push(("client", json!({"retry": {"base_delay_ms": 5}})));
    }
    parts.push(("call", json!({"identity": identity})));
    parts.push(("expect", expect.clone()));
    parts.push(("ledger", ledger.clone()));
    let lines: Vec<String> = parts
        .iter()
        .map(|(name, value)| format!("    \"{name}\": {}", spaced(value)))
        .collect();
    format!("  {{\n{}\n  }}", lines.join(",\n"))
}

/// JSON on one line, with a space after each colon and comma.
fn spaced(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut text = String::from("{");
            for (index, (name, value)) in members.iter().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                let _ = write!(text, "{comma}\"{name}\": {}", spaced(value));
            }
            text.push('}');
            text
        }
        other => other.to_string(),
    }
}

fn append(
    text: &str,
    scenarios: impl Iterator<Item = (String, String)>,
    called: &BTreeSet<String>,
) -> Result<String, String> {
    let new: Vec<String> = scenarios
        .filter(|(identity, _)| !called.contains(identity))
        .map(|(_, scenario)| scenario)
        .collect();
    if new.is_empty() {
        return Ok(text.to_owned());
    }
    let list = text.trim_end().strip_suffix(']').map(str::trim_end);
    let list = list.ok_or("it is no list of scenarios")?;
    let comma = if list.ends_with('[') { "" } else { "," };
    Ok(format!("{list}{comma}\n{}\n]\n", new.join(",\n")))
}
