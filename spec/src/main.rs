//! `idcard-spec`: checks spec files and prints what is made from them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

use clap::{Parser, Subcommand};
use idcard_spec::{Ir, SourceFile, diff};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, ExitCode};

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
    /// Say what changed between two specs, and what it means for whom.
    ///
    /// Exit code: 0 for nothing or words, 10 additive, 20 dangerous, 30 breaking; 1 for a failure.
    /// With --acknowledged, dangerous changes that the file names are fine, and the others and the
    /// breaking ones alone fail.
    Diff {
        /// A folder with spec files, or a git revision of the folder `--dir`.
        old: String,
        /// The same; the folder `--dir` as it is when it is left out.
        new: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// File that acknowledges dangerous changes, such as spec/CHANGES.md.
        #[arg(long)]
        acknowledged: Option<PathBuf>,
    },
    /// Fill the tables of documents, in place.
    Tables {
        /// Markdown files with markers such as `<!-- spec:results -->`.
        files: Vec<PathBuf>,
    },
}

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

fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match &arguments.command {
        Command::Schema => {
            println!("{:#}", idcard_spec::schema());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Diff {
            old,
            new,
            json,
            acknowledged,
        } => {
            let old = spec_of(old, &arguments.dir)?;
            let new = match new {
                Some(new) => spec_of(new, &arguments.dir)?,
                None => idcard_spec::load_dir(&arguments.dir)?,
            };
            return difference(&diff::diff(&old, &new), *json, acknowledged.as_deref());
        }
        _ => {}
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
        Command::Check | Command::Schema | Command::Diff { .. } => {
            println!(
                "{} files, {} actions, no fault",
                ir.sources.len(),
                ir.actions.len()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the changes; the exit code says how grave they are.
fn difference(
    changes: &[diff::Change],
    json: bool,
    acknowledged: Option<&Path>,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    if json {
        println!("{}", serde_json::to_string(changes)?);
    } else {
        print!("{}", diff::table(changes));
    }
    let class = diff::class(changes).unwrap_or(diff::Class::Documentation);
    let Some(file) = acknowledged else {
        return Ok(ExitCode::from(class.exit_code()));
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let open = diff::unacknowledged(changes, &text);
    for change in &open {
        eprintln!("{} does not acknowledge `{}`", file.display(), change.key());
    }
    let is_fine = open.is_empty() && class != diff::Class::Breaking;
    Ok(ExitCode::from(if is_fine { 0 } else { class.exit_code() }))
}

/// The spec in a folder, or in the folder as a git revision had it.
fn spec_of(which: &str, dir: &Path) -> Result<Ir, Box<dyn std::error::Error>> {
    if Path::new(which).is_dir() {
        return Ok(idcard_spec::load_dir(Path::new(which))?);
    }
    let git = |arguments: &[&str]| -> Result<String, Box<dyn std::error::Error>> {
        let output = Process::new("git")
            .arg("-C")
            .arg(dir)
            .args(arguments)
            .output()?;
        if !output.status.success() {
            return Err(format!("`{which}` is neither a folder nor a git revision").into());
        }
        Ok(String::from_utf8(output.stdout)?)
    };
    let names = git(&["ls-tree", "--name-only", which])?;
    let is_spec = |name: &&str| name.ends_with(".json") && *name != "schema.json";
    let sources: Result<Vec<SourceFile>, Box<dyn std::error::Error>> = names
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
