//! `schema.json` is what editors check spec files with; it says what the model says.

#![cfg(feature = "schema")]

use serde_json::{Value, json};
use std::path::Path;

fn read(name: &str) -> Value {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name);
    serde_json::from_str(&text).expect(name)
}

#[test]
fn it_is_up_to_date() {
    let hint = "run `cargo make regenerate` and commit spec/schema.json";
    assert_eq!(read("schema.json"), idcard_spec::emit::schema(), "{hint}");
}

#[test]
fn it_takes_the_spec_and_refuses_what_the_model_refuses() {
    let schema = jsonschema::validator_for(&idcard_spec::emit::schema()).expect("a schema");
    for name in ["common.json", "idcard_verification.json"] {
        let json = read(name);
        assert!(schema.is_valid(&json), "{name}");
        for (pointer, value) in [
            ("", json!({})),
            ("/kind", json!("other")),
            ("/error_codes/0/charge", json!("maybe")),
        ] {
            let mut wrong = json.clone();
            *wrong.pointer_mut(pointer).expect(pointer) = value;
            assert!(!schema.is_valid(&wrong), "{name} {pointer}");
        }
        let mut wrong = json.clone();
        wrong
            .as_object_mut()
            .expect("an object")
            .insert("unknown".into(), json!(1));
        assert!(!schema.is_valid(&wrong), "{name} with an unknown key");
    }
}
