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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Command::Schema) {
        println!("{:#}", idcard_spec::schema());
        return ExitCode::SUCCESS;
    }
    match idcard_spec::load_dir(&arguments.dir) {
        Ok(ir) => {
            if matches!(arguments.command, Command::Rust) {
                print!("{}", idcard_spec::emit::rust(&ir));
            } else {
                println!(
                    "{} files, {} actions, no fault",
                    ir.sources.len(),
                    ir.actions.len()
                );
            }
            ExitCode::SUCCESS
        }
        Err(faults) => {
            eprintln!("{faults}");
            ExitCode::FAILURE
        }
    }
}
