//! `idcard-spec`: checks spec files and prints what is made from them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(version, about = "Check spec files and print what is made from them")]
struct Arguments {
    /// Folder with the spec files.
    #[arg(long, default_value = "spec")]
    dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check every file and say what is wrong, where and what to do.
    Check,
    /// Print the JSON Schema of the files.
    Schema,
    /// Print the generated Rust module.
    Rust,
    /// Fill the tables of documents, in place.
    Tables {
        /// Markdown files with markers such as `<!-- spec:results -->`.
        files: Vec<PathBuf>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    if matches!(arguments.command, Command::Schema) {
        println!("{:#}", idcard_spec::schema());
        return Ok(());
    }
    let ir = idcard_spec::load_dir(&arguments.dir)?;
    match &arguments.command {
        Command::Rust => print!("{}", idcard_spec::emit::rust(&ir)),
        Command::Tables { files } => {
            for file in files {
                let named = |error: String| format!("{}: {error}", file.display());
                let document =
                    std::fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
                let filled = idcard_spec::tables::fill(&document, &ir).map_err(named)?;
                if filled != document {
                    std::fs::write(file, filled).map_err(|error| named(error.to_string()))?;
                }
            }
        }
        Command::Check | Command::Schema => {
            println!(
                "{} files, {} actions, no fault",
                ir.sources.len(),
                ir.actions.len()
            );
        }
    }
    Ok(())
}
