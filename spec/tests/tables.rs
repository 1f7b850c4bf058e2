//! The tables in documents are the spec's.

use std::path::Path;

#[test]
fn the_readme_says_what_the_spec_says() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ir = idcard_spec::load_dir(spec).expect("the spec has no fault");
    let readme = std::fs::read_to_string(spec.join("../README.md")).expect("the README");
    let filled = idcard_spec::tables::fill(&readme, &ir).expect("its markers");
    assert!(filled.contains("<!-- spec:results -->"));
    assert!(
        filled == readme,
        "run `cargo make tables` and commit the README"
    );
}

#[test]
fn a_wrong_marker_is_refused() {
    let ir = idcard_spec::load_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .expect("the spec has no fault");
    for (document, problem) in [
        ("<!-- spec:nothing --><!-- /spec -->", "no table `nothing`"),
        ("<!-- spec:results -->", "has no `<!-- /spec -->`"),
        ("<!-- spec:results", "has no end"),
    ] {
        let error = idcard_spec::tables::fill(document, &ir).expect_err(document);
        assert!(error.contains(problem), "{error}");
    }
}
