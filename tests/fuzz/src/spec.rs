//! Spec files, up to the Rust that is made from them.

use crate::seeds::repository;
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

/// The first byte says which of our two files the rest replaces.
pub(crate) fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
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
        }
        Err(faults) => {
            let said = faults.to_string();
            assert!(said.contains(".json"), "every fault names its file: {said}");
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
