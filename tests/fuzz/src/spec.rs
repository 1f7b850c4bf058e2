//! Spec files, up to the Rust that is made from them.

use crate::seeds::repository;
use idcard_spec::emit::example_programs::{self, Language};
use idcard_spec::emit::{python, tables};
use idcard_spec::{SourceFile, load};
use std::sync::LazyLock;

const COMMON: &str = "common.json";
const ACTION: &str = "idcard_verification.json";

static OURS: LazyLock<[String; 2]> = LazyLock::new(|| {
    [COMMON, ACTION].map(|file| {
        let path = repository().join("spec").join(file);
        std::fs::read_to_string(path).expect("our own spec")
    })
});

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    std::fs::read_to_string(repository().join("spec/REFERENCE.md")).expect("our own document")
});

/// The first byte says which of our two files the rest replaces.
pub(crate) fn run(data: &[u8]) -> bool {
    let Some((first, rest)) = data.split_first() else {
        return false;
    };
    let given = String::from_utf8_lossy(rest).into_owned();
    let [common, action] = &*OURS;
    let texts = match first & 1 {
        0 => [given, action.clone()],
        _ => [common.clone(), given],
    };
    let files = [COMMON, ACTION].into_iter().zip(texts);
    let files: Vec<_> = files
        .map(|(name, text)| SourceFile {
            name: name.to_owned(),
            text,
        })
        .collect();
    match load(&files) {
        Ok(ir) => {
            // What passes is valid Rust, or this panics.
            let _ = idcard_spec::emit::rust(&ir);
            // Programs and modules of the other languages, and documents.
            for language in [
                Language::Rust,
                Language::Kotlin,
                Language::Swift,
                Language::Python,
            ] {
                let _ = example_programs::program(&ir, language);
            }
            let python = [python::actions(&ir), python::types(&ir)];
            assert!(!python.concat().contains('\0'));
            let _ = tables::fill(&DOCUMENT, &ir);
            true
        }
        Err(faults) => {
            let said = faults.to_string();
            assert!(said.contains(".json"), "every fault names its file: {said}");
            false
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let [common, action] = &*OURS;
    vec![
        [&[0], common.as_bytes()].concat(),
        [&[1], action.as_bytes()].concat(),
    ]
}
