//! Glue: generates the module of the spec's types and methods into `OUT_DIR`, and the tables of letters.

#[path = "build/composition.rs"]
mod composition;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Another folder than our own is how a test, or a fork, builds other actions.
    println!("cargo::rerun-if-env-changed=IDCARD_SPEC_DIR");
    // Not of the build: another clone may share its target folder.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let own = Path::new(&here).join("../spec");
    let spec = std::env::var_os("IDCARD_SPEC_DIR").map_or(own, PathBuf::from);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/composition.rs");
    println!("cargo::rerun-if-changed={}", spec.display());
    let ir = match idcard_spec::load_dir(&spec) {
        Ok(ir) => ir,
        Err(faults) => {
            for fault in faults.0 {
                println!("cargo::error={fault}");
            }
            return ExitCode::FAILURE;
        }
    };
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for (file, source) in [
        ("generated.rs", idcard_spec::emit::rust(&ir)),
        ("composition.rs", composition::tables()),
    ] {
        if let Err(error) = std::fs::write(out.join(file), source) {
            println!("cargo::error={file} cannot be written: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
