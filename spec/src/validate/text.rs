//! One rule for every text of a spec, wherever it stands: it ends up in comments, tables and programs of
//! four languages, and must not begin or end anything there.

use crate::fault::Collector;
use serde::Serialize;
use serde_json::Value;

/// What begins or ends something in a comment, a document string, a template or a page.
const TERMINATORS: &[&str] = &["*/", "/*", "\"\"\"", "'''", "<!--", "-->", "${"];

/// What a page of documents would run or load.
const ACTIVE: &[&str] = &[
    "<script",
    "<iframe",
    "<img",
    "<svg",
    "<style",
    "<object",
    "<embed",
    "<link",
    "<meta",
    "<base",
    "<form",
    "<input",
    "<video",
    "<audio",
    "<math",
    "javascript:",
    "data:text",
];

/// Values of an example are data; programs quote them.
const DATA: &[&str] = &["request", "response"];

/// Finds the texts of a spec that no output can hold.
pub(super) fn validate(spec: &impl Serialize, out: &mut Collector<'_>) {
    if let Ok(value) = serde_json::to_value(spec) {
        walk("", &value, false, out);
    }
}

fn walk(path: &str, value: &Value, is_data: bool, out: &mut Collector<'_>) {
    match value {
        Value::String(text) => check(path, text, is_data, out),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(&format!("{path}[{index}]"), item, is_data, out);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                check(&path, name, false, out);
                let is_data =
                    is_data || path.starts_with("examples[") && DATA.contains(&name.as_str());
                walk(&path, member, is_data, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn check(path: &str, text: &str, is_data: bool, out: &mut Collector<'_>) {
    if let Some(hidden) = text.chars().find(|c| is_hidden(*c)) {
        let kind = if hidden.is_control() {
            "control"
        } else {
            "invisible"
        };
        out.add(
            path,
            format!(
                "the text contains the {kind} character U+{:04X}",
                u32::from(hidden)
            ),
            "Write one line of plain text.",
        );
    }
    if is_data {
        return;
    }
    let terminator = TERMINATORS.iter().find(|found| text.contains(**found));
    if let Some(terminator) = terminator {
        out.add(
            path,
            format!(
                "the text contains `{terminator}`, which begins or ends something in generated code"
            ),
            "Write it in other words.",
        );
    }
    let lowercase = text.to_ascii_lowercase();
    if let Some(active) = ACTIVE.iter().find(|found| lowercase.contains(**found)) {
        out.add(
            path,
            format!("the text contains `{active}`, which a page would run or load"),
            "Write it in other words.",
        );
    }
}

/// Controls, and characters that change how others are seen: of direction, of width zero, tags, and
/// those that are none.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{e0000}'..='\u{10ffff}'
        )
}
