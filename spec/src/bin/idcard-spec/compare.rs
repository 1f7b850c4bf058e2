//! Compares two specs, from folders, files or git revisions.

use crate::files::{self, Outcome};
use idcard_spec::{Ir, SourceFile, diff};
use std::path::Path;
use std::process::{Command as Process, ExitCode};

/// Prints the changes; the exit code says how grave they are.
pub(crate) fn difference(
    changes: &[diff::Change],
    json: bool,
    acknowledged: Option<&Path>,
) -> Outcome<ExitCode> {
    if json {
        println!("{}", serde_json::to_string(changes)?);
    } else {
        print!("{}", diff::table(changes));
    }
    let class = diff::class(changes).unwrap_or(diff::Class::Documentation);
    let Some(file) = acknowledged else {
        return Ok(ExitCode::from(class.exit_code()));
    };
    let text = files::read(file)?;
    let open = diff::unacknowledged(changes, &text);
    for change in &open {
        eprintln!("{} does not acknowledge `{}`", file.display(), change.key());
    }
    let is_fine = open.is_empty() && class != diff::Class::Breaking;
    Ok(ExitCode::from(if is_fine { 0 } else { class.exit_code() }))
}

/// The spec in a folder, or in the folder as a git revision had it.
pub(crate) fn spec_of(which: &str, dir: &Path) -> Outcome<Ir> {
    let path = Path::new(which);
    if path.is_dir() {
        return Ok(idcard_spec::load_dir(path)?);
    }
    if path.is_file() {
        let beside = path.with_file_name("common.json");
        let common = if beside.is_file() {
            beside
        } else {
            dir.join("common.json")
        };
        let read = |path: &Path| -> Outcome<SourceFile> {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = files::read(path)?;
            Ok(SourceFile {
                name: name.into_owned(),
                text,
            })
        };
        return Ok(idcard_spec::load(&[read(&common)?, read(path)?])?);
    }
    let git = |arguments: &[&str]| -> Outcome<String> {
        let output = Process::new("git")
            .arg("-C")
            .arg(dir)
            .args(arguments)
            .output()?;
        if !output.status.success() {
            return Err(format!("`{which}` is neither a folder, a file nor a git revision").into());
        }
        Ok(String::from_utf8(output.stdout)?)
    };
    let names = git(&["ls-tree", "--name-only", which])?;
    let is_spec = |name: &&str| name.ends_with(".json") && *name != "schema.json";
    let sources: Outcome<Vec<SourceFile>> = names
        .lines()
        .filter(is_spec)
        .map(|name| {
            Ok(SourceFile {
                name: format!("{which}/{name}"),
                text: git(&["show", &format!("{which}:./{name}")])?,
            })
        })
        .collect();
    Ok(idcard_spec::load(&sources?)?)
}
