//! Glue: embeds the texts of the spec files, so that the sandbox follows the same spec.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=IDCARD_SPEC_DIR");
    // Not of the build: another clone may share its target folder.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let own = Path::new(&here).join("../../spec");
    let spec = std::env::var_os("IDCARD_SPEC_DIR").map_or(own, PathBuf::from);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", spec.display());
    let files = match idcard_spec::spec_files(&spec) {
        Ok(files) => files,
        Err(faults) => {
            println!("cargo::error={faults}");
            return ExitCode::FAILURE;
        }
    };
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = file.canonicalize().unwrap_or(file.clone());
        let _ = writeln!(
            list,
            "    (\"spec/{name}\", include_str!({:?})),",
            path.display().to_string()
        );
    }
    list.push(']');
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    match std::fs::write(out.join("spec_files.rs"), list) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error=the list of spec files cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
