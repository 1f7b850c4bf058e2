//! Scenarios made from the spec: they are those that were written and read, and new ones are added.

use idcard_spec::emit::scenarios;
use idcard_spec::{Ir, load_dir};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn spec() -> Ir {
    load_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("our own spec")
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/scenarios")
        .join(name)
}

fn list(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("scenarios")
}

#[test]
fn what_is_made_is_what_was_read() {
    type Make = fn(&Ir, &str, &BTreeSet<String>) -> Result<String, String>;
    let makers: [(&str, Make, usize); 2] = [
        ("results.json", scenarios::results, 8),
        ("errors.json", scenarios::errors, 40),
    ];
    for (name, make, at_least) in makers {
        let text = std::fs::read_to_string(file(name)).expect("a file");
        let written = list(&text);
        let made = list(&make(&spec(), "[\n]\n", &BTreeSet::new()).expect("scenarios"));
        assert!(made.len() >= at_least, "{}", made.len());
        for scenario in &made {
            let same = written.iter().find(|w| w["name"] == scenario["name"]);
            assert_eq!(same, Some(scenario), "{name}");
        }
    }
}

#[test]
fn what_is_called_already_is_not_added() {
    let text = std::fs::read_to_string(file("results.json")).expect("a file");
    let called: BTreeSet<String> = scenarios::called(&text)
        .expect("scenarios")
        .into_iter()
        .collect();
    assert!(called.contains("result:-7"));
    assert_eq!(
        scenarios::results(&spec(), &text, &called).as_ref(),
        Ok(&text)
    );
    let mut without = called;
    without.remove("result:-7");
    let added = scenarios::results(&spec(), &text, &without).expect("scenarios");
    assert!(added.starts_with(text.trim_end().trim_end_matches(']').trim_end()));
    assert_eq!(list(&added).len(), list(&text).len() + 1);
    assert!(scenarios::results(&spec(), "{}", &without).is_err());
}
