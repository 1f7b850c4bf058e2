//! The arguments of the command.

use clap::{Parser, Subcommand};
use idcard_spec::emit::example_programs::Language;
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(version, about = "Check spec files and print what is made from them")]
pub(crate) struct Arguments {
    /// Folder with the spec files.
    #[arg(long, default_value = "spec")]
    pub(crate) dir: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
        /// A folder with spec files, an action's file beside its common.json, or a git revision of
        /// the folder `--dir`.
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
    /// Merge the vendor's definition of an action into its spec file, or make a new one.
    ///
    /// It says what it took and what it did not. The same definition again changes nothing.
    Import {
        /// The vendor's definition file (api.json).
        definition: PathBuf,
        /// Name of the action, more than once for several.
        #[arg(long, required_unless_present = "all")]
        action: Vec<String>,
        /// Every action of the definition.
        #[arg(long, conflicts_with = "action")]
        all: bool,
    },
    /// Lay files of actions out as people write them, in place.
    Layout {
        /// Spec files of actions.
        files: Vec<PathBuf>,
    },
    /// Print a program that calls every action against the sandbox.
    Calls {
        /// Its language.
        language: Language,
    },
    /// Write the part of the Python package that follows the spec.
    Python {
        /// Folder of the package.
        package: PathBuf,
    },
    /// Add scenarios of the codes that have none, in place.
    Scenarios {
        /// Folder with the scenario files.
        folder: PathBuf,
    },
    /// Fill the tables of documents, in place.
    Tables {
        /// Markdown files with markers such as `<!-- spec:results -->`.
        files: Vec<PathBuf>,
    },
}
