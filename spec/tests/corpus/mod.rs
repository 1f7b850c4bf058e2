//! The specs that are tried: ours, and the invented ones.

use idcard_spec::{SourceFile, load};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Spec files by name.
pub(crate) struct Corpus(BTreeMap<String, Value>);

impl Corpus {
    /// Those of this repository.
    pub(crate) fn read() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = BTreeMap::new();
        for folder in [here.to_owned(), here.join("../tests/actions")] {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let is_spec = name.ends_with(".json")
                    && !["schema.json", "definition.json"].contains(&&*name);
                if is_spec {
                    let text = std::fs::read_to_string(&path).expect("a file");
                    files.insert(
                        name.into_owned(),
                        serde_json::from_str(&text).expect("JSON"),
                    );
                }
            }
        }
        let corpus = Self(files);
        corpus.load(&corpus.0).expect("good specs");
        corpus
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, json)| (name.as_str(), json))
    }

    fn load(&self, files: &BTreeMap<String, Value>) -> Result<(), idcard_spec::Faults> {
        let sources: Vec<_> = files
            .iter()
            .map(|(name, json)| SourceFile {
                name: format!("spec/{name}"),
                text: json.to_string(),
            })
            .collect();
        load(&sources).map(drop)
    }

    /// Loads them with one string changed.
    pub(crate) fn load_with(
        &self,
        file: &str,
        pointer: &str,
        change: impl FnOnce(&str) -> String,
    ) -> Result<(), idcard_spec::Faults> {
        let mut files = self.0.clone();
        let value = files
            .get_mut(file)
            .and_then(|json| json.pointer_mut(pointer));
        let value = value.expect(pointer);
        *value = Value::String(change(value.as_str().unwrap_or_default()));
        self.load(&files)
    }
}

/// JSON pointers of every string.
pub(crate) fn strings(json: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), json)];
    while let Some((pointer, value)) = open.pop() {
        match value {
            Value::String(_) => found.push(pointer),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                open.extend(items.map(|(index, item)| (format!("{pointer}/{index}"), item)));
            }
            Value::Object(members) => {
                let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
                open.extend(
                    members
                        .iter()
                        .map(|(name, member)| (format!("{pointer}/{}", escaped(name)), member)),
                );
            }
            _ => {}
        }
    }
    found
}
