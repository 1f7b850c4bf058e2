//! Writes a spec file as people lay it out: sections on lines of their own, and what is one thing
//! on one line, however long.

use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Members whose value is one thing.
const ONE_LINE: &[&str] = &["encryption"];
/// Lists whose items are one thing each.
const ONE_LINE_ITEMS: &[&str] = &["members", "codes", "error_codes", "daily"];
/// Parts of an example.
const EXAMPLE: &[&str] = &["request", "response"];

/// The text of a file with this content.
///
/// # Errors
/// Never for the models of this crate.
pub fn write(spec: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    block(&serde_json::to_value(spec)?, "", 0, &mut text);
    text.push('\n');
    Ok(text)
}

/// A value over several lines, where it has several things in it.
fn block(value: &Value, within: &str, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            out.push_str("{\n");
            for (index, (name, member)) in members.iter().enumerate() {
                let _ = write!(out, "{indent}  {}: ", Value::from(name.as_str()));
                let is_one = ONE_LINE.contains(&name.as_str())
                    || (within == "examples" && EXAMPLE.contains(&name.as_str()));
                if is_one {
                    line(member, out);
                } else {
                    block(member, name, depth + 1, out);
                }
                out.push_str(if index + 1 < members.len() {
                    ",\n"
                } else {
                    "\n"
                });
            }
            let _ = write!(out, "{indent}}}");
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            out.push_str("[\n");
            for (index, item) in items.iter().enumerate() {
                let _ = write!(out, "{indent}  ");
                if ONE_LINE_ITEMS.contains(&within) {
                    line(item, out);
                } else {
                    block(item, within, depth + 1, out);
                }
                out.push_str(if index + 1 < items.len() { ",\n" } else { "\n" });
            }
            let _ = write!(out, "{indent}]");
        }
        other => line(other, out),
    }
}

/// A value on one line.
fn line(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            out.push_str("{ ");
            inner(members, out);
            out.push_str(" }");
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                line(item, out);
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

fn inner(members: &Map<String, Value>, out: &mut String) {
    for (index, (name, member)) in members.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        let _ = write!(out, "{}: ", Value::from(name.as_str()));
        line(member, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ActionSpec;
    use std::path::Path;

    #[test]
    fn our_own_file_is_laid_out_so() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("idcard_verification.json");
        let text = std::fs::read_to_string(file).expect("our own file");
        let spec: ActionSpec = serde_json::from_str(&text).expect("a spec");
        assert_eq!(write(&spec).expect("text"), text);
    }
}
