//! Runs every scenario of `tests/scenarios` against the sandbox over HTTP, once awaited and once
//! blocking. The other languages run the same files.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a test runner"
)]

mod leaks;
mod model;
mod providers;
mod run;
mod signers;
mod transports;

use idcard_sandbox::{BlockingSandbox, Options};
use libtest_mimic::{Arguments, Failed, Trial};
use model::Scenario;
use run::{Mode, Runner};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let scenarios = match load() {
        Ok(scenarios) => scenarios,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let log = leaks::Log::install();
    let sandbox = BlockingSandbox::start(Options::default()).expect("the sandbox starts");
    let runner = Arc::new(Runner::new(sandbox.url()));
    let count = scenarios.len();
    let trials = scenarios
        .into_iter()
        .flat_map(|scenario| [Mode::Async, Mode::Blocking].map(|mode| (scenario.clone(), mode)))
        .map(|(scenario, mode)| {
            let runner = Arc::clone(&runner);
            let name = format!("{}: {}", mode.name(), scenario.name);
            Trial::test(name, move || {
                runner.run(&scenario, mode).map_err(Failed::from)
            })
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    println!("rust: {count} scenarios, each awaited and blocking");
    match log.check(&runner.canaries()) {
        Ok(lines) => println!("rust: {lines} lines of log show nobody and no key"),
        Err(leak) => {
            eprintln!("{leak}");
            return ExitCode::FAILURE;
        }
    }
    conclusion.exit_code()
}

/// All scenarios of all files; one that is not understood fails the run.
fn load() -> Result<Vec<Scenario>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .map_err(|error| error.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let scenarios: Vec<Scenario> =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        all.extend(scenarios);
    }
    Ok(all)
}
