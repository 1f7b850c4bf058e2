//! No text of a spec begins or ends anything in what is generated from it: hostile texts are fed into
//! every string that a spec can have. Which strings those are, the schema says.

mod corpus;

use corpus::{Corpus, strings};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// What no output can hold.
const HOSTILE: &[&str] = &[
    "a */ fun pwned() {} /* b",
    "a /* b",
    "a \"\"\" b",
    "a ''' b",
    "a --> b",
    "a <!-- b",
    "a </td><script>b</script>",
    "a [b](javascript:c)",
    "a ${b()}",
    "a\nb",
    "a\r#[b]",
    "a\u{2028}b",
    "a\u{202e}b\u{2066}c",
    "a\u{200b}b\u{feff}",
    "a\0b\u{7f}\u{9b}",
];

/// The place of a string without its indices: what one is held to, all are.
fn shape(pointer: &str) -> String {
    let parts = pointer.split('/');
    let parts = parts.map(|part| match part.parse::<usize>() {
        Ok(_) => "*",
        Err(_) => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn hostile_texts_are_refused_wherever_they_stand() {
    let corpus = Corpus::read();
    let mut seen = BTreeSet::new();
    for (file, json) in corpus.files() {
        let kind = if file == "common.json" {
            "common"
        } else {
            "action"
        };
        for pointer in strings(json) {
            // Values of examples are data, which programs quote.
            let is_data = pointer.starts_with("/examples/")
                && (pointer.contains("/request/") || pointer.contains("/response/"));
            if !seen.insert((kind, shape(&pointer))) {
                continue;
            }
            for hostile in HOSTILE {
                let is_hidden = hostile
                    .chars()
                    .any(|c| c.is_control() || matches!(c, '\u{200b}'..='\u{206f}' | '\u{feff}'));
                if is_data && !is_hidden {
                    continue;
                }
                let loaded = corpus.load_with(file, &pointer, |_| (*hostile).to_owned());
                assert!(loaded.is_err(), "{file}{pointer}: {hostile:?} is taken");
            }
        }
    }
    assert!(seen.len() > 60, "{} places", seen.len());
}

/// Every member of the schema that is a string is somewhere in the specs that are tried.
#[test]
fn every_string_of_the_schema_is_tried() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.json");
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let mut wanted = BTreeSet::new();
    members(&schema, &mut wanted);
    let corpus = Corpus::read();
    let mut tried = BTreeSet::new();
    for (_, json) in corpus.files() {
        for pointer in strings(json) {
            tried.extend(pointer.split('/').map(str::to_owned));
        }
    }
    let missing: Vec<_> = wanted.difference(&tried).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(wanted.len() > 20, "{wanted:?}");
}

/// Names of members whose value is a string or a list of strings.
fn members(schema: &Value, out: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                for (name, property) in properties {
                    let ty = |value: &Value| match value.get("type") {
                        Some(Value::String(ty)) => ty == "string",
                        Some(Value::Array(types)) => types.iter().any(|ty| ty == "string"),
                        _ => false,
                    };
                    if name != "$schema" && (ty(property) || property.get("items").is_some_and(ty))
                    {
                        out.insert(name.clone());
                    }
                }
            }
            object.values().for_each(|value| members(value, out));
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, out)),
        _ => {}
    }
}
