//! Every fault a spec can have is found, named by file and JSON path, and comes with a remedy.

use idcard_spec::{Fault, Faults, SourceFile, load};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

/// A file of a spec as it once was, so that changes of ours do not meet those of the tests.
fn file(name: &str) -> String {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen");
    std::fs::read_to_string(frozen.join(name)).expect(name)
}

/// Loads that spec with one value changed, by JSON pointer.
fn changed(file_name: &str, pointer: &str, value: Value) -> Vec<Fault> {
    let sources = ["common.json", "idcard_verification.json"].map(|name| {
        let mut json: Value = serde_json::from_str(&file(name)).expect("JSON");
        if name == file_name {
            match pointer.rsplit_once('/') {
                Some((parent, "-")) => json
                    .pointer_mut(parent)
                    .and_then(Value::as_array_mut)
                    .expect(pointer)
                    .push(value.clone()),
                Some((parent, key)) if json.pointer(pointer).is_none() => {
                    json.pointer_mut(parent)
                        .and_then(Value::as_object_mut)
                        .expect(pointer)
                        .insert(key.to_owned(), value.clone());
                }
                _ => *json.pointer_mut(pointer).expect(pointer) = value.clone(),
            }
        }
        SourceFile {
            name: format!("spec/{name}"),
            text: json.to_string(),
        }
    });
    load(&sources)
        .err()
        .map(|faults| faults.0)
        .unwrap_or_default()
}

#[test]
fn every_fault_is_found_where_it_is() {
    let action = "idcard_verification.json";
    let common = "common.json";
    let error = |code: &str| json!({"code": code, "kind": "Internal", "charge": "unknown", "retry": "never", "meaning": ""});
    let member = |wire: &str, ident: &str| json!({"wire": wire, "ident": ident, "type": "string", "docs": ""});
    for (file, pointer, value, path, problem) in [
        (
            action,
            "/request/membres",
            json!([]),
            "request.membres",
            "unknown field",
        ),
        (
            action,
            "/request/members/0/type",
            json!("strnig"),
            "request.members[0].type",
            "unknown variant",
        ),
        (
            action,
            "/limits/requests_per_second",
            json!(-1),
            "limits.requests_per_second",
            "invalid value",
        ),
        (
            action,
            "/limits/requests_per_second",
            json!(0),
            "limits.requests_per_second",
            "allows no call",
        ),
        (
            action,
            "/action/method",
            json!("type"),
            "action.method",
            "cannot be a method's name",
        ),
        (
            action,
            "/action/version",
            json!("v3"),
            "action.version",
            "is not a version",
        ),
        (
            action,
            "/request/members/-",
            member("IdCard", "other"),
            "request.members[3].wire",
            "is there already",
        ),
        (
            action,
            "/request/members/-",
            member("Other", "name"),
            "request.members[3].ident",
            "is there already",
        ),
        (
            action,
            "/response/members/2/wire",
            json!("Other"),
            "response.members",
            "there is no required string `RequestId`",
        ),
        (
            action,
            "/request/members/-",
            member("Other", "name_"),
            "request.members[3].ident",
            "not snake_case",
        ),
        (
            action,
            "/request/members/-",
            member("Other", "id_number"),
            "request.members[3].ident",
            "the name `idNumber` is there already",
        ),
        (
            action,
            "/request/members/-",
            member("Signed", "signed"),
            "request.members[3].ident",
            "keyword of C",
        ),
        (
            action,
            "/request/members/-",
            member("It", "it"),
            "request.members[3].ident",
            "the generated code uses itself",
        ),
        (
            action,
            "/types/-",
            json!({"ident": "VERIFICATION", "docs": "", "members": []}),
            "types[1].ident",
            "the type `VERIFICATION` is there already",
        ),
        (
            action,
            "/request/members/-",
            member("Message", "message"),
            "request.members[3].ident",
            "Kotlin base type",
        ),
        (
            action,
            "/request/members/-",
            member("Text", "description"),
            "request.members[3].ident",
            "Swift base type",
        ),
        (
            action,
            "/request/members/-",
            member("Fn", "fn"),
            "request.members[3].ident",
            "keyword of Rust",
        ),
        (
            action,
            "/request/members/-",
            member("When", "when"),
            "request.members[3].ident",
            "keyword of Kotlin",
        ),
        (
            action,
            "/request/members/-",
            member("Inout", "inout"),
            "request.members[3].ident",
            "keyword of Swift",
        ),
        (
            action,
            "/request/members/-",
            member("Lambda", "lambda"),
            "request.members[3].ident",
            "keyword of Python",
        ),
        (
            action,
            "/request/members/-",
            member("Options", "options"),
            "request.members[3].ident",
            "here already",
        ),
        (
            action,
            "/request/members/-",
            member("Bad", "BadName"),
            "request.members[3].ident",
            "not snake_case",
        ),
        (
            action,
            "/response/members/-",
            member("Charge", "charge"),
            "response.members[3].ident",
            "here already",
        ),
        (
            action,
            "/request/members/2/type",
            json!({"object": "Nothing"}),
            "request.members[2].type",
            "there is no type `Nothing`",
        ),
        (
            action,
            "/request/members/2/encryptable",
            json!(true),
            "request.members[2].encryptable",
            "only a required string",
        ),
        (
            action,
            "/request/members/0/docs",
            json!("ends */ here"),
            "request.members[0].docs",
            "`*/`",
        ),
        (
            action,
            "/request/members/0/docs",
            json!("opens /* here"),
            "request.members[0].docs",
            "`/*`",
        ),
        (
            action,
            "/request/docs",
            json!("\"\"\""),
            "request.docs",
            "`\"\"\"`",
        ),
        (
            action,
            "/request/docs",
            json!("two\nlines"),
            "request.docs",
            "control character",
        ),
        (
            action,
            "/request/ident",
            json!("Client"),
            "request.ident",
            "taken by the library",
        ),
        (
            action,
            "/request/ident",
            json!("Encryption"),
            "types[0].ident",
            "is there already",
        ),
        (
            action,
            "/encryption/fields",
            json!("Iv"),
            "encryption.fields",
            "no such required list",
        ),
        (
            action,
            "/encryption/tags",
            json!("Iv"),
            "encryption.tags",
            "no such optional list",
        ),
        (
            action,
            "/types/0/members/-",
            json!({"wire": "More", "type": "string", "docs": ""}),
            "encryption",
            "`More` of the object has no role",
        ),
        (
            common,
            "/encryption_keys/0/public_key",
            json!("-----BEGIN PUBLIC KEY-----"),
            "encryption_keys[0].public_key",
            "not base64",
        ),
        (
            action,
            "/result_codes/codes/1/code",
            json!("0"),
            "result_codes.codes[1].code",
            "is there already",
        ),
        (
            action,
            "/result_codes/codes/1/ident",
            json!("Match"),
            "result_codes.codes[1].ident",
            "is there already",
        ),
        (
            action,
            "/result_codes/codes/0/ident",
            json!("Unknown"),
            "result_codes.codes[0].ident",
            "stands for codes",
        ),
        (
            action,
            "/result_codes/codes/0/retry",
            json!("backoff"),
            "result_codes.codes[0].retry",
            "cannot be retried",
        ),
        (
            action,
            "/result_codes/codes/4/retry",
            json!("correct_clock"),
            "result_codes.codes[4].retry",
            "for error codes",
        ),
        (
            action,
            "/result_codes/member",
            json!("Score"),
            "result_codes.member",
            "has no member `Score`",
        ),
        (
            action,
            "/error_codes/-",
            error("InternalError"),
            "error_codes[8].code",
            "is there already",
        ),
        (
            action,
            "/error_codes/-",
            error("Internal.Error"),
            "error_codes[8].ident",
            "the same name in code",
        ),
        (
            action,
            "/error_codes/-",
            error("not a code"),
            "error_codes[8].code",
            "is not an error code",
        ),
        (
            action,
            "/error_codes/0/kind",
            json!("Nothing"),
            "error_codes[0].kind",
            "there is no error kind",
        ),
        (
            action,
            "/error_codes/0/retry",
            json!("backoff"),
            "error_codes[0].retry",
            "cannot be retried",
        ),
        (
            action,
            "/common_error_codes/-",
            json!("Nothing"),
            "common_error_codes[3]",
            "has no error code",
        ),
        (
            action,
            "/limits/daily/0/member",
            json!("Nobody"),
            "limits.daily[0].member",
            "has no required string",
        ),
        (
            action,
            "/examples/0/request/Age",
            json!(1),
            "examples[0].request.Age",
            "has no member",
        ),
        (
            common,
            "/service/sites",
            json!([]),
            "service.sites",
            "there is no site",
        ),
        (
            common,
            "/service/sites/0/host",
            json!("https://a.example/"),
            "service.sites[0].host",
            "is not a host",
        ),
        (
            common,
            "/signature/signed_headers",
            json!(["host"]),
            "signature.signed_headers",
            "`content-type` is missing",
        ),
        (
            common,
            "/signature/signed_headers",
            json!(["host", "content-type"]),
            "signature.signed_headers",
            "not lowercase and sorted",
        ),
        (
            common,
            "/error_kinds/0/ident",
            json!("authentication"),
            "error_kinds[0].ident",
            "not PascalCase",
        ),
        (
            common,
            "/error_codes/-",
            error("InternalError"),
            "error_codes[39].code",
            "is there already",
        ),
        (common, "/kind", json!("actions"), "kind", "unknown variant"),
    ] {
        let faults = changed(file, pointer, value);
        let found = faults
            .iter()
            .find(|fault| fault.path == path && fault.problem.contains(problem));
        let fault = found
            .unwrap_or_else(|| panic!("{pointer}: expected {path}: {problem}, got {faults:#?}"));
        assert_eq!(fault.file, format!("spec/{file}"));
        assert!(!fault.remedy.is_empty());
    }
}

#[test]
fn an_endless_object_is_refused_unless_a_list_or_an_option_is_between() {
    let with = |ty: Value, required: bool| {
        let own = json!({"wire": "Own", "type": ty, "required": required, "docs": ""});
        let note = json!({"ident": "Note", "docs": "", "members": [own]});
        changed("idcard_verification.json", "/types/-", note)
    };
    let faults = with(json!({"object": "Note"}), true);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].problem.contains("must hold itself"));
    assert_eq!(with(json!({"object": "Note"}), false), []);
    assert_eq!(with(json!({"list": {"object": "Note"}}), true), []);
}

#[test]
fn a_file_says_itself_what_it_is() {
    let load = |names: &[(&str, &str)]| {
        let sources: Vec<SourceFile> = names
            .iter()
            .map(|(name, of)| SourceFile {
                name: (*name).to_owned(),
                text: file(of),
            })
            .collect();
        load(&sources)
    };
    let action = (
        "C:\\spec\\idcard_verification.json",
        "idcard_verification.json",
    );
    for common in ["C:\\spec\\common.json", "spec/all.json"] {
        load(&[(common, "common.json"), action]).expect("a spec");
    }
    let Err(Faults(faults)) = load(&[("a", "common.json"), ("b", "common.json"), action]) else {
        panic!("two files for one thing");
    };
    assert!(faults[0].problem.contains("another file"), "{faults:?}");
    // Where it does not say it, the name tells whose faults these are.
    let broken = SourceFile {
        name: "C:\\spec\\common.json".to_owned(),
        text: "{}".to_owned(),
    };
    let Err(Faults(faults)) = idcard_spec::load(&[broken]) else {
        panic!("nothing is in it");
    };
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn a_fault_reads_as_one_line() {
    let faults = changed(
        "idcard_verification.json",
        "/request/members/1/ident",
        json!("message"),
    );
    assert_eq!(
        faults[0].to_string(),
        "spec/idcard_verification.json: request.members[1].ident: `message` is a member of a Kotlin base type. \
         Choose another `ident`."
    );
}

#[test]
fn a_missing_or_broken_file_is_a_fault() {
    assert!(
        load(&[])
            .expect_err("a fault")
            .to_string()
            .contains("the file is missing")
    );
    let broken = SourceFile {
        name: "spec/common.json".into(),
        text: "{".into(),
    };
    assert!(
        load(&[broken])
            .expect_err("a fault")
            .to_string()
            .contains("Mend the JSON")
    );
    let missing = idcard_spec::load_dir(Path::new("no such folder")).expect_err("a fault");
    assert!(missing.to_string().contains("cannot be read"));
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC*") {
        for name in ["spec/common.json", "spec/a.json"] {
            let _ = load(&[SourceFile { name: name.to_owned(), text: text.clone() }]);
        }
    }

    /// Near misses reach deeper than noise: one value of the real files replaced by another.
    #[test]
    fn any_changed_spec_is_answered(which in 0_usize..2, at in any::<prop::sample::Index>(), value in prop_oneof![
        Just(Value::Null), Just(json!("")), Just(json!([])), Just(json!({})), Just(json!(true)), Just(json!(1e99)),
        "\\PC{0,8}".prop_map(Value::String),
        prop::sample::select(vec!["IdCard", "name", "Encryption", "string", "never", "Unknown"]).prop_map(Value::from),
    ]) {
        let name = ["common.json", "idcard_verification.json"][which];
        let json: Value = serde_json::from_str(&file(name)).expect("JSON");
        let mut pointers = Vec::new();
        collect(&json, String::new(), &mut pointers);
        let pointer = &pointers[at.index(pointers.len())];
        let _ = changed(name, pointer, value);
    }
}

fn collect(json: &Value, pointer: String, out: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match json {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in children {
        collect(value, format!("{pointer}/{key}"), out);
    }
    if !pointer.is_empty() {
        out.push(pointer);
    }
}
