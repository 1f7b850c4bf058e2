//! The reviewed copy of everything that is made from the spec. A change of the spec shows here,
//! and stays a failure until somebody has looked at it.

#![cfg(feature = "emit")]

use std::path::Path;

const HOW_TO_REVIEW: &str = "What is made from the spec has changed. To review it, run `cargo make regenerate`, \
     look at `git diff tests/snapshots`, and commit the snapshots with the spec.";

#[test]
fn generated_rust() {
    println!("{HOW_TO_REVIEW}");
    let ir = idcard_spec::load_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .expect("the spec has no fault");
    let settings = {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../tests/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    };
    settings.bind(|| insta::assert_snapshot!("generated_rust", idcard_spec::emit::rust(&ir)));
}

#[test]
fn the_same_spec_gives_the_same_code() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let once = idcard_spec::load_dir(dir).map(|ir| idcard_spec::emit::rust(&ir));
    let twice = idcard_spec::load_dir(dir).map(|ir| idcard_spec::emit::rust(&ir));
    assert_eq!(once, twice);
}
