//! The spec, as it was when the sandbox was built.

use idcard_spec::ir::Action;
use idcard_spec::{Ir, SourceFile};
use std::sync::LazyLock;

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/spec_files.rs"));

static IR: LazyLock<Ir> = LazyLock::new(|| {
    let sources: Vec<SourceFile> = FILES
        .iter()
        .map(|(name, text)| SourceFile {
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    idcard_spec::load(&sources).expect("the client was generated from the same files")
});

pub(crate) fn ir() -> &'static Ir {
    &IR
}

/// An action by its name on the wire.
pub(crate) fn action(name: &str) -> Option<&'static Action> {
    ir().actions.iter().find(|action| action.name == name)
}

/// The lowest limit of any action.
pub(crate) fn requests_per_second() -> Option<u32> {
    ir().actions
        .iter()
        .filter_map(|action| action.limits.requests_per_second)
        .min()
}

/// Meaning of an error code, or of its family.
pub(crate) fn error_meaning(code: &str) -> &'static str {
    let known = |code: &str| ir().error_codes.iter().find(|known| known.wire == code);
    let family = code.split('.').next().unwrap_or_default();
    known(code)
        .or_else(|| known(family))
        .map_or("An error that is not in the spec.", |code| &code.meaning)
}
