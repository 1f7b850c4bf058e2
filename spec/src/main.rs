//! `idcard-spec`: checks spec files and prints what is made from them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

use clap::{Parser, Subcommand};
use idcard_spec::calls::Language;
use idcard_spec::model::ActionSpec;
use idcard_spec::{Ir, SourceFile, diff};
use std::collections::{BTreeMap, BTreeSet};
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
        language: LanguageArgument,
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

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LanguageArgument {
    Rust,
    Kotlin,
    Swift,
    Python,
}

impl From<LanguageArgument> for Language {
    fn from(language: LanguageArgument) -> Self {
        match language {
            LanguageArgument::Rust => Self::Rust,
            LanguageArgument::Kotlin => Self::Kotlin,
            LanguageArgument::Swift => Self::Swift,
            LanguageArgument::Python => Self::Python,
        }
    }
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
        Command::Layout { files } => {
            for file in files {
                let named = |error: String| format!("{}: {error}", file.display());
                let text =
                    std::fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
                let spec: ActionSpec =
                    serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
                std::fs::write(file, idcard_spec::layout::write(&spec)?)
                    .map_err(|error| named(error.to_string()))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Command::Import {
            definition,
            action,
            all,
        } => return import(&arguments.dir, definition, action, *all),
        _ => {}
    }
    let ir = idcard_spec::load_dir(&arguments.dir)?;
    match &arguments.command {
        Command::Rust => print!("{}", idcard_spec::emit::rust(&ir)),
        Command::Scenarios { folder } => add_scenarios(&ir, folder)?,
        Command::Calls { language } => {
            print!("{}", idcard_spec::calls::program(&ir, (*language).into()));
        }
        Command::Python { package } => {
            for (file, text) in [
                ("_actions.py", idcard_spec::python::actions(&ir)),
                ("_types.py", idcard_spec::python::types(&ir)),
            ] {
                let file = package.join(file);
                std::fs::write(&file, text)
                    .map_err(|error| format!("{}: {error}", file.display()))?;
            }
        }
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
        // The others have returned.
        _ => {
            println!(
                "{} files, {} actions, no fault",
                ir.sources.len(),
                ir.actions.len()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds what `results.json` and `errors.json` lack.
fn add_scenarios(ir: &Ir, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    use idcard_spec::scenarios;
    let mut called = BTreeSet::new();
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for path in entries.iter().map(std::fs::DirEntry::path) {
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let keys = scenarios::called(&std::fs::read_to_string(&path)?);
            called.extend(keys.map_err(|error| format!("{}: {error}", path.display()))?);
        }
    }
    type Add = fn(&Ir, &str, &BTreeSet<String>) -> Result<String, String>;
    let files: [(&str, Add); 2] = [
        ("results.json", scenarios::results),
        ("errors.json", scenarios::errors),
    ];
    for (file, add) in files {
        let file = folder.join(file);
        let named = |error: String| format!("{}: {error}", file.display());
        let text = std::fs::read_to_string(&file).map_err(|error| named(error.to_string()))?;
        let added = add(ir, &text, &called).map_err(named)?;
        if added != text {
            std::fs::write(&file, added).map_err(|error| named(error.to_string()))?;
        }
    }
    Ok(())
}

/// Merges definitions into the files of a folder. Nothing is written unless all of it is good.
fn import(
    dir: &Path,
    definition: &Path,
    actions: &[String],
    all: bool,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let name = definition.display().to_string();
    let text = std::fs::read_to_string(definition).map_err(|error| format!("{name}: {error}"))?;
    let actions = if all {
        idcard_spec::import::actions(&name, &text)?
    } else {
        actions.to_vec()
    };
    let mut folder = Folder::read(dir)?;
    for action in &actions {
        let known = folder.file_of(action);
        let known_spec = known.as_ref().map(|file| &folder.actions[file]);
        let is_taken = |ident: &str| folder.has_type(ident, known.as_deref());
        let merged = idcard_spec::import::import(&name, &text, action, known_spec, &is_taken)?;
        let file = known.unwrap_or_else(|| format!("{}.json", idcard_spec::ident::file_of(action)));
        println!("{action} -> {}", dir.join(&file).display());
        for line in &merged.taken {
            println!("  + {line}");
        }
        for line in &merged.not_taken {
            println!("  - {line}");
        }
        folder.actions.insert(file, merged.spec);
    }
    folder.write(dir)?;
    Ok(ExitCode::SUCCESS)
}

/// The action files of a folder.
struct Folder {
    actions: BTreeMap<String, ActionSpec>,
    texts: BTreeMap<String, String>,
}

impl Folder {
    fn read(dir: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        // What is there has to be good before something is laid over it.
        idcard_spec::load_dir(dir)?;
        let (mut actions, mut texts) = (BTreeMap::new(), BTreeMap::new());
        for path in idcard_spec::spec_files(dir)? {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(&path)?;
            if let Ok(spec) = serde_json::from_str(&text) {
                actions.insert(name.clone(), spec);
            }
            texts.insert(name, text);
        }
        Ok(Self { actions, texts })
    }

    fn file_of(&self, action: &str) -> Option<String> {
        let mut files = self.actions.iter();
        let found = files.find(|(_, spec)| spec.action.name == action)?;
        Some(found.0.clone())
    }

    /// Whether another file has a type of this name.
    fn has_type(&self, ident: &str, but: Option<&str>) -> bool {
        let others = self
            .actions
            .iter()
            .filter(|(file, _)| Some(file.as_str()) != but);
        others.into_iter().any(|(_, spec)| {
            let types = spec.types.iter().map(|ty| &ty.ident);
            let codes = spec.result_codes.iter().map(|codes| &codes.ident);
            let own = [&spec.request.ident, &spec.response.ident];
            types.chain(codes).chain(own).any(|taken| taken == ident)
        })
    }

    /// Writes what differs, once the whole is known to be good.
    fn write(&self, dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let mut texts = self.texts.clone();
        for (file, spec) in &self.actions {
            let before = texts
                .get(file)
                .and_then(|text| serde_json::from_str(text).ok());
            if before.as_ref() != Some(spec) {
                texts.insert(file.clone(), idcard_spec::layout::write(spec)?);
            }
        }
        let sources: Vec<SourceFile> = texts
            .iter()
            .map(|(name, text)| SourceFile {
                name: dir.join(name).display().to_string(),
                text: text.clone(),
            })
            .collect();
        idcard_spec::load(&sources)?;
        for (file, text) in &texts {
            if self.texts.get(file) != Some(text) {
                std::fs::write(dir.join(file), text)
                    .map_err(|error| format!("{}: {error}", dir.join(file).display()))?;
            }
        }
        Ok(())
    }
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
        let read = |path: &Path| -> Result<SourceFile, Box<dyn std::error::Error>> {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(SourceFile {
                name: name.into_owned(),
                text,
            })
        };
        return Ok(idcard_spec::load(&[read(&common)?, read(path)?])?);
    }
    let git = |arguments: &[&str]| -> Result<String, Box<dyn std::error::Error>> {
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
