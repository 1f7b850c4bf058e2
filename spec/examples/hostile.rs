//! Lays specs out whose prose is as odd as it may be, for `tests/run/actions.sh` to build and call in
//! every language: `hostile FOLDER`. Which texts are prose is found by trying.

#![expect(clippy::print_stdout, reason = "a program for a script")]

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use corpus::{Corpus, strings};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Whatever means something to one of the languages, and ends nothing.
const ODD: &str = " 'a' \"b\" $c {d} %s #e //f @g &amp; ;-- |h 100% é 林 𠮷 [i](j) \\k \\u0041 `l` <b>m</b> #\"n\"# \"";

fn main() {
    let folder = std::env::args().nth(1).expect("hostile FOLDER");
    let corpus = Corpus::read();
    let mut is_prose = BTreeMap::new();
    let mut changed = 0;
    for (file, json) in corpus.files() {
        let mut odd = json.clone();
        for pointer in strings(json) {
            let shape: String = pointer.split(|c: char| c.is_ascii_digit()).collect();
            let key = (file == "common.json", shape);
            let takes_it = is_prose.entry(key).or_insert_with(|| {
                let loaded = corpus.load_with(file, &pointer, |text| format!("{text}{ODD}"));
                loaded.is_ok()
            });
            // What is sent and answered in an example is the sandbox's to read.
            let is_data = pointer.starts_with("/examples/") && !pointer.ends_with("/docs");
            if *takes_it && !is_data && pointer != "/$schema" {
                let value = odd.pointer_mut(&pointer).expect("a string");
                let text = value.as_str().unwrap_or_default();
                *value = Value::String(format!("{text}{ODD}"));
                changed += 1;
            }
        }
        let text = serde_json::to_string_pretty(&odd).expect("JSON");
        std::fs::write(Path::new(&folder).join(file), text).expect("it is written");
    }
    assert!(changed > 100, "{changed} texts");
    println!(
        "hostile: {changed} texts, {} kinds of places",
        is_prose.len()
    );
}
