//! Merges the vendor's definition of actions into a folder of specs.

use crate::files::{self, Outcome};
use idcard_spec::SourceFile;
use idcard_spec::import::Definition;
use idcard_spec::model::ActionSpec;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Merges definitions into the files of a folder. Nothing is written unless all of it is good.
pub(crate) fn import(dir: &Path, definition: &Path, actions: &[String], all: bool) -> Outcome<()> {
    let name = definition.display().to_string();
    let text = files::read(definition)?;
    let definition = Definition::read(&name, &text)?;
    let actions = if all {
        definition.actions()
    } else {
        actions.to_vec()
    };
    let mut folder = Folder::read(dir)?;
    for action in &actions {
        let known = folder.file_of(action);
        let known_spec = known.as_ref().map(|file| &folder.actions[file]);
        // Each type is of one file: what an action has itself is not taken by another.
        let is_taken = |ident: &str| folder.types.contains(ident) && !has_type(known_spec, ident);
        let merged = definition.import(action, known_spec, &is_taken)?;
        let file = match known {
            Some(file) => file,
            None => folder.new_file(action)?,
        };
        println!("{action} -> {}", dir.join(&file).display());
        for line in &merged.taken {
            println!("  + {line}");
        }
        for line in &merged.not_taken {
            println!("  - {line}");
        }
        folder.types.extend(types_of(&merged.spec).cloned());
        folder.actions.insert(file, merged.spec);
    }
    folder.write(dir)?;
    Ok(())
}

/// The action files of a folder.
struct Folder {
    actions: BTreeMap<String, ActionSpec>,
    texts: BTreeMap<String, String>,
    /// Types of all files.
    types: HashSet<String>,
}

/// The types that an action's file has.
fn types_of(spec: &ActionSpec) -> impl Iterator<Item = &String> {
    let codes = spec.result_codes.iter().map(|codes| &codes.ident);
    let types = spec.types.iter().map(|ty| &ty.ident);
    types
        .chain(codes)
        .chain([&spec.request.ident, &spec.response.ident])
}

fn has_type(spec: Option<&ActionSpec>, ident: &str) -> bool {
    spec.is_some_and(|spec| types_of(spec).any(|ty| ty == ident))
}

impl Folder {
    fn read(dir: &Path) -> Outcome<Self> {
        // What is there has to be good before something is laid over it.
        idcard_spec::load_dir(dir)?;
        let (mut actions, mut texts) = (BTreeMap::new(), BTreeMap::new());
        for path in idcard_spec::spec_files(dir)? {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = files::read(&path)?;
            if let Ok(spec) = serde_json::from_str(&text) {
                actions.insert(name.clone(), spec);
            }
            texts.insert(name, text);
        }
        let types = actions.values().flat_map(types_of).cloned().collect();
        Ok(Self {
            actions,
            texts,
            types,
        })
    }

    fn file_of(&self, action: &str) -> Option<String> {
        let mut files = self.actions.iter();
        let found = files.find(|(_, spec)| spec.action.name == action)?;
        Some(found.0.clone())
    }

    /// A file for an action that has none. It replaces no other: two names may be one in snake case.
    fn new_file(&self, action: &str) -> Outcome<String> {
        let file = format!("{}.json", idcard_spec::ident::file_of(action));
        let is_reserved = ["common.json", "schema.json"].contains(&file.as_str());
        if is_reserved || self.texts.contains_key(&file) || self.actions.contains_key(&file) {
            return Err(format!(
                "{action}: its file would be {file}, which is another's; nothing was written"
            )
            .into());
        }
        Ok(file)
    }

    /// Writes what differs, once the whole is known to be good.
    fn write(&self, dir: &Path) -> Outcome<()> {
        let mut texts = self.texts.clone();
        for (file, spec) in &self.actions {
            let before = texts
                .get(file)
                .and_then(|text| serde_json::from_str(text).ok());
            if before.as_ref() != Some(spec) {
                texts.insert(file.clone(), idcard_spec::format::write(spec)?);
            }
        }
        let sources: Vec<SourceFile> = texts
            .iter()
            .map(|(name, text)| SourceFile {
                name: dir.join(name).display().to_string(),
                text: text.clone(),
            })
            .collect();
        idcard_spec::load(&sources)?;
        for (file, text) in &texts {
            files::write(&dir.join(file), text)?;
        }
        Ok(())
    }
}
