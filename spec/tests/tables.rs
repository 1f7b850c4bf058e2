//! The tables in documents are the spec's.

use std::path::Path;

#[test]
fn the_documents_say_what_the_spec_says() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ir = idcard_spec::load_dir(spec).expect("the spec has no fault");
    for (file, language, code) in [
        ("REFERENCE.md", "", "`NotOnRecord`"),
        (
            "../bindings/python/README.md",
            " python",
            "`ResultCode.NOT_ON_RECORD`",
        ),
        (
            "../bindings/kotlin/README.md",
            " kotlin",
            "`ResultCode.NOT_ON_RECORD`",
        ),
        ("../bindings/swift/README.md", " swift", "`.notOnRecord`"),
    ] {
        let document = std::fs::read_to_string(spec.join(file)).expect(file);
        let filled = idcard_spec::emit::tables::fill(&document, &ir).expect("its markers");
        for table in ["results", "own-errors", "error-kinds", "parameters"] {
            let marker = format!("<!-- spec:{table}{language} -->");
            assert!(filled.contains(&marker), "{file} has no `{marker}`");
        }
        assert!(filled.contains(code), "{file}");
        assert!(
            filled == document,
            "run `cargo make regenerate` and commit {file}"
        );
    }
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
        let error = idcard_spec::emit::tables::fill(document, &ir).expect_err(document);
        assert!(error.contains(problem), "{error}");
    }
}
