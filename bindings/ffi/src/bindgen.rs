//! Generates the foreign sources from the built library, and mends them: see `mend`. It is
//! built from the same version of `uniffi` as the library, which checks that at load time.

use std::env;
use std::ffi::OsString;
use std::io::{Error, Result, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Set for the run that only documents another language.
const PLAIN: &str = "IDCARD_BINDGEN_PLAIN";

fn main() -> ExitCode {
    uniffi::uniffi_bindgen_main();
    if env::var_os(PLAIN).is_some() {
        return ExitCode::SUCCESS;
    }
    match mend() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "uniffi-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn mend() -> Result<()> {
    let (Some(language), Some(folder)) = (argument("--language"), argument("--out-dir")) else {
        return Ok(());
    };
    let folder = PathBuf::from(folder);
    let extension = match language.to_str() {
        Some("kotlin") => "kt",
        Some("swift") => "swift",
        Some("python") => "py",
        _ => return Ok(()),
    };
    let mut mend = Command::new("python3");
    mend.arg(package().join("mend")).arg(&language);
    if extension == "py" {
        // Kotlin documents the fields of records, and Python does not.
        let beside = folder.join("documented");
        document(&beside)?;
        mend.arg(beside);
    }
    succeed(mend.args(files(&folder, extension)?))?;
    match std::fs::remove_dir_all(folder.join("documented")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The package of this program: `cargo run` says where that is, and otherwise the repository is
/// here. Where it was built may be another clone.
fn package() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("bindings/ffi"), PathBuf::from)
}

/// The value of an option that has one.
fn argument(name: &str) -> Option<OsString> {
    let mut arguments = env::args_os().skip_while(|argument| argument != name);
    arguments.nth(1)
}

/// Generates Kotlin from the same library.
fn document(folder: &Path) -> Result<()> {
    let mut arguments: Vec<OsString> = env::args_os().skip(1).collect();
    for (name, value) in [
        ("--language", OsString::from("kotlin")),
        ("--out-dir", folder.into()),
    ] {
        if let Some(place) = arguments.iter().position(|argument| argument == name) {
            arguments[place + 1] = value;
        }
    }
    let mut generate = Command::new(env::current_exe()?);
    succeed(generate.args(arguments).env(PLAIN, ""))
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() {
        return Ok(());
    }
    Err(Error::other(format!("{command:?} failed: {status}")))
}

/// The files below a folder with an extension.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
