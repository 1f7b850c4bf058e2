//! The house: which module may know which, and how long a file may be.
//!
//! `CONTRIBUTING.md` has the picture. A new arrow that closes a circle fails here, with the circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file, without its tests.
const MAX_LINES: usize = 400;

/// Modules that the generator writes, or that say the same to foreign languages: they know everything, and
/// nobody but generated code knows them.
const OUTSIDE: [&str; 2] = ["generated", "foreign"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Rust files below a folder, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A file's code: without its tests at the end, comments and strings of documentation.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a file");
    let own = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let is_comment = |line: &&str| !line.trim_start().starts_with("//");
    own.lines()
        .filter(is_comment)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A crate's modules.
struct House {
    source: PathBuf,
    /// Names that the root exports, with the module of each.
    exported: BTreeMap<String, String>,
}

impl House {
    fn of(krate: &str) -> Self {
        let source = repository().join(krate).join("src");
        let lib = code(&source.join("lib.rs"));
        let mut exported = BTreeMap::new();
        for statement in lib.split(';') {
            let Some((_, path)) = statement.split_once("pub use ") else {
                continue;
            };
            let (module, names) = path.split_once("::").unwrap_or((path, ""));
            for name in names.split([',', '{', '}']) {
                let name = name.trim();
                let name = name.rsplit([' ', ':']).next().unwrap_or(name);
                exported.insert(name.to_owned(), module.trim().to_owned());
            }
        }
        Self { source, exported }
    }

    /// What stands behind `crate::` in a text: paths, with those in braces one by one.
    fn paths(text: &str) -> Vec<String> {
        let mut paths = Vec::new();
        let uses: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for after in uses.split("crate::").skip(1) {
            if let Some(list) = after.strip_prefix('{') {
                let mut depth = 0;
                let mut item = String::new();
                for character in list.chars() {
                    match character {
                        '}' if depth == 0 => break,
                        ',' if depth == 0 => paths.push(std::mem::take(&mut item)),
                        _ => {
                            depth += i32::from(character == '{') - i32::from(character == '}');
                            item.push(character);
                        }
                    }
                }
                paths.push(item);
            } else {
                let is_path = |c: &char| c.is_alphanumeric() || matches!(c, '_' | ':');
                paths.push(after.chars().take_while(is_path).collect());
            }
        }
        paths.iter().map(|path| path.trim().to_owned()).collect()
    }

    /// The top module of a path behind `crate::`.
    fn top(&self, path: &str) -> Option<String> {
        let first = path.split([':', ' ']).next()?.to_owned();
        let module = |name: &str| {
            self.source.join(format!("{name}.rs")).is_file() || self.source.join(name).is_dir()
        };
        match self.exported.get(&first) {
            Some(module) => Some(module.clone()),
            None => module(&first).then_some(first),
        }
    }

    /// Arrows between modules that lie in the same folder; everything below a module is that module.
    fn arrows(&self, folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let inside = folder.strip_prefix(&self.source).expect("below it");
        let prefix: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        for file in rust_files(folder) {
            let below = file.strip_prefix(folder).expect("below it");
            let own = below.iter().next().expect("a name").to_string_lossy();
            let own = own.trim_end_matches(".rs").to_owned();
            if ["lib", "bin", "tests"].contains(&own.as_str()) || below.ends_with("tests.rs") {
                continue;
            }
            let text = code(&file);
            let mut targets: Vec<String> = Vec::new();
            for path in Self::paths(&text) {
                let mut parts = path.split("::").map(str::to_owned);
                if prefix.is_empty() {
                    targets.extend(self.top(&path));
                } else if prefix
                    .iter()
                    .all(|part| parts.next().as_deref() == Some(part))
                {
                    targets.extend(parts.next());
                }
            }
            // Siblings by `super`, from the file of a module in this folder.
            if below.components().count() == 1 {
                for after in text.split("super::").skip(1) {
                    let names = after.split(';').next().unwrap_or_default();
                    let names = names
                        .trim_start_matches('{')
                        .split(['{', '}', ',', ' ', '\n']);
                    targets.extend(
                        names
                            .filter_map(|n| n.split("::").next())
                            .map(str::to_owned),
                    );
                }
            }
            let is_sibling = |name: &String| {
                *name != own
                    && !OUTSIDE.contains(&name.as_str())
                    && (folder.join(format!("{name}.rs")).is_file() || folder.join(name).is_dir())
            };
            let arrows = arrows.entry(own.clone()).or_default();
            if !OUTSIDE.contains(&own.as_str()) {
                arrows.extend(targets.into_iter().filter(is_sibling));
            }
        }
        arrows
    }
}

/// A circle, if there is one: modules in the order of their arrows.
fn circle(arrows: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit<'a>(
        module: &'a String,
        arrows: &'a BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<&'a String>,
        done: &mut BTreeSet<&'a String>,
    ) -> Option<Vec<String>> {
        if let Some(begin) = way.iter().position(|on_the_way| *on_the_way == module) {
            return Some(way[begin..].iter().map(ToString::to_string).collect());
        }
        if !done.insert(module) {
            return None;
        }
        way.push(module);
        let found = arrows.get(module).into_iter().flatten();
        let found = found
            .filter_map(|next| visit(next, arrows, way, done))
            .next();
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    let mut modules = arrows.keys();
    modules.find_map(|module| visit(module, arrows, &mut Vec::new(), &mut done))
}

#[test]
fn a_circle_is_found() {
    let arrows = |text: &str| {
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in text.split(' ').filter_map(|arrow| arrow.split_once('>')) {
            arrows
                .entry(from.to_owned())
                .or_default()
                .insert(to.to_owned());
            arrows.entry(to.to_owned()).or_default();
        }
        arrows
    };
    assert_eq!(circle(&arrows("a>b b>c a>c d>c")), None);
    assert_eq!(
        circle(&arrows("a>b b>c c>d d>b")),
        Some(vec!["b".into(), "c".into(), "d".into()])
    );
    let paths = House::paths("use crate::{a::b, c::{d, e}, F};\nlet x = crate::g::h(crate::I);");
    assert_eq!(paths, ["a::b", "c::{d, e}", "F", "g::h", "I"]);
}

#[test]
fn no_modules_know_each_other() {
    for krate in ["core", "spec"] {
        let house = House::of(krate);
        let mut folders = vec![house.source.clone()];
        let entries = fs::read_dir(&house.source).expect("a folder").flatten();
        folders.extend(
            entries
                .map(|entry| entry.path())
                .filter(|path| path.is_dir()),
        );
        for folder in folders {
            let arrows = house.arrows(&folder);
            assert!(!arrows.is_empty(), "{}", folder.display());
            assert_eq!(circle(&arrows), None, "{}: {arrows:#?}", folder.display());
        }
        let count: usize = house
            .arrows(&house.source)
            .values()
            .map(BTreeSet::len)
            .sum();
        assert!(count > 5, "{krate}: {count} arrows are too few to be all");
    }
}

/// `spec` knows no HTTP, `core` no foreign language, and five files of `core` know the HTTP library.
#[test]
fn each_part_knows_what_it_may() {
    let says = |text: &str, word: &str| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        text.match_indices(word).any(|(place, _)| {
            let before = text[..place].chars().next_back();
            let after = text[place + word.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    for file in rust_files(&repository().join("spec/src")) {
        for http in ["reqwest", "hyper", "tokio", "rustls", "TcpStream"] {
            assert!(!says(&code(&file), http), "{}: {http}", file.display());
        }
    }
    let library = [
        "transport/reqwest.rs",
        "transport/http_settings.rs",
        "transport/proxy.rs",
        "transport/unsolicited.rs",
        "credentials/fetch.rs",
    ];
    for file in rust_files(&repository().join("core/src")) {
        let text = code(&file);
        for language in ["kotlin", "swift", "python", "jna", "okhttp"] {
            assert!(
                !says(&text.to_lowercase(), language),
                "{}: {language}",
                file.display()
            );
        }
        let uses = text.contains("reqwest::") && !text.contains("self::reqwest::");
        let may = library.iter().any(|own| file.ends_with(own));
        assert!(!uses || may, "{} uses the HTTP library", file.display());
    }
}

#[test]
fn files_can_be_read_in_one_sitting() {
    for folder in [
        "core/src",
        "spec/src",
        "bindings/cli/src",
        "bindings/ffi/src",
        "bindings/tools/src",
    ] {
        for file in rust_files(&repository().join(folder)) {
            let is_test = file.iter().any(|part| part == "tests") || file.ends_with("tests.rs");
            let text = fs::read_to_string(&file).expect("a file");
            let own = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let lines = own.lines().count();
            assert!(
                is_test || lines <= MAX_LINES,
                "{}: {lines} lines",
                file.display()
            );
        }
    }
}
