//! `idcard-spec`: checks spec files and prints or writes what is made from them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

mod arguments;
mod compare;
mod files;
mod import;
mod scenarios;

use arguments::{Arguments, Command};
use clap::Parser;
use files::Outcome;
use idcard_spec::emit::{example_programs, python, tables};
use idcard_spec::model::ActionSpec;
use idcard_spec::{Ir, diff, format};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(Arguments { dir, command }: &Arguments) -> Outcome<ExitCode> {
    let spec = || idcard_spec::load_dir(dir);
    match command {
        Command::Check => {
            let ir = spec()?;
            let (files, actions) = (ir.sources.len(), ir.actions.len());
            println!("{files} files, {actions} actions, no fault");
        }
        Command::Schema => println!("{:#}", idcard_spec::emit::schema()),
        Command::Rust => print!("{}", idcard_spec::emit::rust(&spec()?)),
        Command::Calls { language } => {
            print!("{}", example_programs::program(&spec()?, *language));
        }
        Command::Python { package } => {
            let ir = spec()?;
            files::write(&package.join("_actions.py"), &python::actions(&ir))?;
            files::write(&package.join("_types.py"), &python::types(&ir))?;
        }
        Command::Scenarios { folder } => scenarios::add(&spec()?, folder)?,
        Command::Tables { files } => fill_tables(&spec()?, files)?,
        Command::Layout { files } => {
            for file in files {
                lay_out(file)?;
            }
        }
        Command::Import {
            definition,
            action,
            all,
        } => import::import(dir, definition, action, *all)?,
        Command::Diff {
            old,
            new,
            json,
            acknowledged,
        } => {
            let old = compare::spec_of(old, dir)?;
            let new = match new {
                Some(new) => compare::spec_of(new, dir)?,
                None => spec()?,
            };
            let changes = diff::diff(&old, &new);
            return compare::difference(&changes, *json, acknowledged.as_deref());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn fill_tables(ir: &Ir, documents: &[impl AsRef<Path>]) -> Outcome<()> {
    for file in documents.iter().map(AsRef::as_ref) {
        let filled = tables::fill(&files::read(file)?, ir);
        files::write(file, &filled.map_err(|error| files::named(file, &error))?)?;
    }
    Ok(())
}

fn lay_out(file: &Path) -> Outcome<()> {
    let spec = serde_json::from_str::<ActionSpec>(&files::read(file)?);
    let spec = spec.map_err(|error| files::named(file, &error))?;
    files::write(file, &format::write(&spec)?)
}
