//! Adds scenarios of codes that have none.

use crate::files::{self, Outcome};
use idcard_spec::Ir;
use idcard_spec::emit::scenarios;
use std::collections::BTreeSet;
use std::path::Path;

/// Adds what `results.json` and `errors.json` lack.
pub(crate) fn add(ir: &Ir, folder: &Path) -> Outcome<()> {
    let mut called = BTreeSet::new();
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for path in entries.iter().map(std::fs::DirEntry::path) {
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let keys = scenarios::called(&files::read(&path)?);
            called.extend(keys.map_err(|error| files::named(&path, &error))?);
        }
    }
    type Add = fn(&Ir, &str, &BTreeSet<String>) -> Result<String, String>;
    let adding: [(&str, Add); 2] = [
        ("results.json", scenarios::results),
        ("errors.json", scenarios::errors),
    ];
    for (file, add) in adding {
        let file = folder.join(file);
        let text = files::read(&file)?;
        let added = add(ir, &text, &called).map_err(|error| files::named(&file, &error))?;
        files::write(&file, &added)?;
    }
    Ok(())
}
