//! The vendor's definition files: JSON that somebody else has written.

use crate::seeds::repository;
use idcard_spec::import::Definition;
use idcard_spec::{SourceFile, format, load};
use std::sync::LazyLock;

const FILE: &str = "api.json";

static COMMON: LazyLock<String> = LazyLock::new(|| {
    let path = repository().join("spec/common.json");
    std::fs::read_to_string(path).expect("our own spec")
});

pub(crate) fn run(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let definition = match Definition::read(FILE, &text) {
        Ok(definition) => definition,
        Err(faults) => {
            assert!(faults.to_string().starts_with(FILE), "{faults}");
            return false;
        }
    };
    let mut is_good = false;
    for name in definition.actions() {
        let Ok(first) = definition.import(&name, None, &|_| false) else {
            continue;
        };
        let again = definition.import(&name, Some(&first.spec), &|_| false);
        let again = again.expect("what was good once is good twice");
        // A member that is there twice in the definition changes back and forth; that is a fault of
        // the spec, which is found below.
        let file = SourceFile {
            name: "imported.json".to_owned(),
            text: format::write(&first.spec).expect("text"),
        };
        let common = SourceFile {
            name: "common.json".to_owned(),
            text: COMMON.clone(),
        };
        if load(&[common, file]).is_ok() {
            assert_eq!(again.spec, first.spec, "a second import changes something");
            is_good = true;
        }
    }
    is_good
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let path = repository().join("tests/actions/definition.json");
    std::fs::read(path).into_iter().collect()
}
