//! Reads spec files: text in, [`Ir`] or [`Faults`] out.

use crate::fault::{Collector, Fault, Faults};
use crate::ir::{self, Ir};
use crate::model::source::{Parsed, SourceFile};
use crate::model::{ActionSpec, CommonSpec};
use crate::validate;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// File name of what all actions share.
const COMMON: &str = "common.json";
/// File name of the JSON Schema, which is no spec.
const SCHEMA: &str = "schema.json";

/// Lists the spec files of a folder, sorted by name.
///
/// # Errors
/// A fault when the folder cannot be read.
pub fn spec_files(dir: &Path) -> Result<Vec<PathBuf>, Faults> {
    let entries = std::fs::read_dir(dir).map_err(|error| io_fault(dir, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| io_fault(dir, &error))?.path();
        let is_spec = path.extension().is_some_and(|ext| ext == "json")
            && path.file_name().is_some_and(|name| name != SCHEMA);
        if is_spec {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Loads every spec file of a folder.
///
/// # Errors
/// All faults of all files.
pub fn load_dir(dir: &Path) -> Result<Ir, Faults> {
    let dir_name = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let folder = dir_name
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut sources = Vec::new();
    for path in spec_files(dir)? {
        let text = std::fs::read_to_string(&path).map_err(|error| io_fault(&path, &error))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        sources.push(SourceFile {
            name: format!("{folder}/{file}"),
            text,
        });
    }
    load(&sources)
}

/// Loads spec files that are already in memory: one `common.json` and any number of actions.
///
/// # Errors
/// All faults of all files.
pub fn load(sources: &[SourceFile]) -> Result<Ir, Faults> {
    let mut faults = Vec::new();
    let mut common: Option<Parsed<CommonSpec>> = None;
    let mut actions: Vec<Parsed<ActionSpec>> = Vec::new();
    for source in sources {
        if is_common(source) {
            if common.is_some() {
                Collector::new(&source.name, &mut faults).add(
                    "kind",
                    "there is another file of the kind `common`",
                    "Keep one of them.",
                );
            }
            common = parse(source, &mut faults);
        } else if let Some(action) = parse(source, &mut faults) {
            actions.push(action);
        }
    }
    match common {
        Some(common) if faults.is_empty() => {
            validate::validate(&common, &actions, &mut faults);
            if faults.is_empty() {
                Ok(ir::lower(&common, &actions))
            } else {
                Err(Faults(faults))
            }
        }
        None if faults.is_empty() => Err(Faults(vec![Fault {
            file: COMMON.to_owned(),
            path: String::new(),
            problem: "the file is missing".to_owned(),
            remedy: "Put it beside the actions' files.".to_owned(),
        }])),
        _ => Err(Faults(faults)),
    }
}

/// Whether a file is what all actions share, which it says itself. The name tells where it does not.
fn is_common(source: &SourceFile) -> bool {
    #[derive(serde::Deserialize)]
    struct Tagged {
        kind: String,
    }
    let tagged = serde_json::from_str::<Tagged>(&source.text);
    match tagged.as_ref().map(|tagged| tagged.kind.as_str()) {
        Ok("common") => true,
        Ok("action") => false,
        _ => source.name.rsplit(['/', '\\']).next() == Some(COMMON),
    }
}

fn parse<T: DeserializeOwned>(source: &SourceFile, faults: &mut Vec<Fault>) -> Option<Parsed<T>> {
    let mut deserializer = serde_json::Deserializer::from_str(&source.text);
    let parsed = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| (error.path().to_string(), error.into_inner()))
        .and_then(|spec: T| match deserializer.end() {
            Ok(()) => Ok(spec),
            Err(error) => Err((String::new(), error)),
        });
    match parsed {
        Ok(spec) => Some(Parsed {
            name: source.name.clone(),
            text: source.text.clone(),
            spec,
        }),
        Err((path, error)) => {
            let remedy = if error.is_data() {
                "Use the keys and types of spec/schema.json."
            } else {
                "Mend the JSON."
            };
            let path = if path == "." { String::new() } else { path };
            Collector::new(&source.name, faults).add(path, error.to_string(), remedy);
            None
        }
    }
}

fn io_fault(path: &Path, error: &std::io::Error) -> Faults {
    Faults(vec![Fault {
        file: path.display().to_string(),
        path: String::new(),
        problem: format!("cannot be read: {error}"),
        remedy: "Check the path and its permissions.".to_owned(),
    }])
}
