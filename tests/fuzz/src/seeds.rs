//! Seeds out of the scenarios, and what was found before.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every text under this key anywhere in the scenarios.
pub(crate) fn of_scenarios(key: &str) -> Vec<Vec<u8>> {
    let files = json_files(&repository().join("tests/scenarios"));
    let mut found: Vec<_> = files.iter().flat_map(|file| of_json(file, key)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Every text under this key anywhere in a file.
pub(crate) fn of_json(file: &[u8], key: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_slice(file) {
        collect(&value, key, &mut found);
    }
    found
}

/// Contents of the JSON files of a folder.
pub(crate) fn json_files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    paths.iter().flat_map(std::fs::read).collect()
}

fn collect(value: &Value, key: &str, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::Object(fields) => {
            if let Some(text) = fields.get(key).and_then(Value::as_str) {
                found.push(text.as_bytes().to_vec());
            }
            fields.values().for_each(|value| collect(value, key, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, key, found)),
        _ => {}
    }
}
