//! Each rule of the table, by a change that it is for.

use idcard_spec::diff::{self, Class, RULES};
use idcard_spec::{Ir, SourceFile, load};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn files() -> (Value, Value) {
    let read = |name: &str| -> Value {
        // A spec as it once was, so that changes of ours do not meet those of the tests.
        let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen");
        let path = frozen.join(name);
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
    };
    let mut action = read("idcard_verification.json");
    // An object whose members have no role, so that each can change by itself.
    let text = |wire: &str, required: bool| json!({"wire": wire, "type": "string", "required": required, "docs": ""});
    let texts = |wire: &str, required: bool| json!({"wire": wire, "type": {"list": "string"}, "required": required, "docs": ""});
    let mut choice = text("Choice", false);
    choice["values"] = json!(["one", "other"]);
    let members = json!([
        texts("First", true),
        text("Second", true),
        text("Third", true),
        choice,
        texts("Last", false)
    ]);
    let note = json!({"ident": "Note", "docs": "A note.", "members": members});
    action["types"]
        .as_array_mut()
        .expect("a list")
        .insert(0, note);
    push(
        &mut action["request"]["members"],
        json!({"wire": "Note", "type": {"object": "Note"}, "docs": ""}),
    );
    (read("common.json"), action)
}

fn spec(common: &Value, action: &Value) -> Ir {
    let source = |name: &str, json: &Value| SourceFile {
        name: format!("spec/{name}"),
        text: json.to_string(),
    };
    // Examples are checked against the members, and are no part of a comparison.
    let mut action = action.clone();
    action["examples"] = json!([]);
    load(&[
        source("common.json", common),
        source("idcard_verification.json", &action),
    ])
    .expect("a good spec")
}

type Edit = fn(&mut Value, &mut Value);

/// Rules and the edits that they are for. The edit is of `common.json` and of the action's file.
const EDITS: &[(&str, Edit)] = &[
    ("docs", |_, action| {
        action["action"]["docs"] = json!("Other words.")
    }),
    ("action-version", |_, action| {
        action["action"]["version"] = json!("2030-01-01")
    }),
    ("deprecated", |_, action| {
        action["action"]["deprecated"] = json!(true)
    }),
    ("method-renamed", |_, action| {
        action["action"]["method"] = json!("verify_identity")
    }),
    ("site-added", |common, _| {
        push(
            &mut common["service"]["sites"],
            json!({"ident": "Moon", "host": "faceid.moon.example", "docs": "Elsewhere."}),
        )
    }),
    ("site-removed", |common, _| {
        remove(&mut common["service"]["sites"], 1)
    }),
    ("language-added", |common, _| {
        push(
            &mut common["service"]["languages"],
            json!({"ident": "Lunar", "wire": "lu-NA", "docs": "Lunar."}),
        );
        push(&mut common["headers"][7]["values"], json!("lu-NA"));
    }),
    ("language-removed", |common, _| {
        remove(&mut common["service"]["languages"], 1);
        remove(&mut common["headers"][7]["values"], 1);
    }),
    ("language-wire", |common, _| {
        common["service"]["languages"][0]["wire"] = json!("en-GB");
        common["headers"][7]["values"][0] = json!("en-GB");
    }),
    ("site-host", |common, _| {
        common["service"]["sites"][0]["host"] = json!("faceid.example")
    }),
    ("signature", |common, _| {
        common["signature"]["max_clock_skew_seconds"] = json!(60)
    }),
    ("encryption-key", |common, _| {
        common["encryption_keys"][0]["public_key"] = json!("AAAA")
    }),
    ("envelope", |common, _| {
        common["answer"]["error_code"] = json!("Kind")
    }),
    ("limit", |_, action| {
        action["limits"]["requests_per_second"] = json!(50)
    }),
    ("parameter-added-optional", |_, action| {
        push(
            &mut action["request"]["members"],
            json!({"wire": "Extra", "type": "string", "docs": "More."}),
        )
    }),
    ("parameter-added-required", |_, action| {
        push(
            &mut action["request"]["members"],
            json!({"wire": "Extra", "type": "string", "required": true, "docs": "More."}),
        )
    }),
    ("parameter-removed", |_, action| {
        remove(&mut action["types"][0]["members"], 4)
    }),
    ("parameter-became-required", |_, action| {
        action["types"][0]["members"][3]["required"] = json!(true)
    }),
    ("parameter-became-optional", |_, action| {
        action["types"][0]["members"][2]["required"] = json!(false)
    }),
    ("parameter-moved", |_, action| {
        action["request"]["members"]
            .as_array_mut()
            .expect("members")
            .swap(0, 1)
    }),
    ("check", |_, action| {
        without(&mut action["request"]["members"][1], "check")
    }),
    ("sensitive-on", |_, action| {
        action["response"]["members"][2]["sensitive"] = json!(true)
    }),
    ("sensitive-off", |_, action| {
        action["request"]["members"][0]["sensitive"] = json!(false)
    }),
    ("encryptable", |_, action| {
        action["request"]["members"][1]["encryptable"] = json!(false)
    }),
    ("values", |_, action| {
        push(
            &mut action["types"][0]["members"][3]["values"],
            json!("SM9"),
        )
    }),
    ("member-type", |_, action| {
        action["types"][0]["members"][4]["type"] = json!({"list": "int64"})
    }),
    ("member-renamed", |_, action| {
        action["response"]["members"][1]["ident"] = json!("words")
    }),
    ("field-added", |_, action| {
        push(
            &mut action["response"]["members"],
            json!({"wire": "Score", "type": "float", "docs": "More."}),
        )
    }),
    ("field-removed", |_, action| {
        remove(&mut action["response"]["members"], 1)
    }),
    ("field-became-optional", |_, action| {
        action["response"]["members"][1]["required"] = json!(false)
    }),
    ("type-added", |_, action| {
        push(
            &mut action["types"],
            json!({"ident": "Extra", "docs": "More.", "members": []}),
        )
    }),
    ("type-renamed", |_, action| {
        action["response"]["ident"] = json!("Verified")
    }),
    ("result-member", |_, action| {
        action["result_codes"]["member"] = json!("Description")
    }),
    ("result-added", |_, action| {
        push(
            &mut action["result_codes"]["codes"],
            json!({"code": "-8", "ident": "Deceased", "verdict": "inconclusive", "charge": "not_charged", "retry": "never", "meaning": "More."}),
        )
    }),
    ("result-removed", |_, action| {
        remove(&mut action["result_codes"]["codes"], 7)
    }),
    ("result-renamed", |_, action| {
        action["result_codes"]["codes"][2]["ident"] = json!("BadNumber")
    }),
    ("result-verdict", |_, action| {
        action["result_codes"]["codes"][5]["verdict"] = json!("mismatch")
    }),
    ("result-charge", |_, action| {
        action["result_codes"]["codes"][5]["charge"] = json!("charged")
    }),
    ("result-retry", |_, action| {
        action["result_codes"]["codes"][4]["retry"] = json!("never")
    }),
    ("result-meaning", |_, action| {
        action["result_codes"]["codes"][4]["meaning"] = json!("Something else.")
    }),
    ("error-added", |_, action| {
        push(
            &mut action["error_codes"],
            json!({"code": "FailedOperation.New", "kind": "Internal", "charge": "unknown", "retry": "never", "meaning": "More."}),
        )
    }),
    ("error-removed", |_, action| {
        remove(&mut action["error_codes"], 0)
    }),
    ("error-renamed", |_, action| {
        action["error_codes"][0]["ident"] = json!("Undecipherable")
    }),
    ("error-kind", |_, action| {
        action["error_codes"][0]["kind"] = json!("Internal")
    }),
    ("error-charge", |_, action| {
        action["error_codes"][1]["charge"] = json!("unknown")
    }),
    ("error-retry", |_, action| {
        action["error_codes"][1]["retry"] = json!("backoff")
    }),
    ("error-meaning", |_, action| {
        action["error_codes"][1]["meaning"] = json!("Something else.")
    }),
    ("kind-added", |common, _| {
        push(
            &mut common["error_kinds"],
            json!({"ident": "Weather", "docs": "More."}),
        )
    }),
];

/// Rules whose change takes more than an edit of one file, each with a test of its own below.
const APART: &[&str] = &[
    "encryption",
    "action-added",
    "action-removed",
    "type-removed",
    "field-became-required",
    "kind-removed",
];

fn push(list: &mut Value, item: Value) {
    list.as_array_mut().expect("a list").push(item);
}

fn remove(list: &mut Value, index: usize) {
    list.as_array_mut().expect("a list").remove(index);
}

fn without(object: &mut Value, key: &str) {
    object.as_object_mut().expect("an object").remove(key);
}

fn rules_of(old: &Ir, new: &Ir) -> BTreeSet<&'static str> {
    diff::diff(old, new)
        .iter()
        .map(|change| change.rule.id)
        .collect()
}

#[test]
fn each_rule_is_found_by_its_change_and_nothing_else_is() {
    let (common, action) = files();
    let old = spec(&common, &action);
    for (rule, edit) in EDITS {
        let (mut new_common, mut new_action) = (common.clone(), action.clone());
        edit(&mut new_common, &mut new_action);
        let new = spec(&new_common, &new_action);
        assert_eq!(rules_of(&old, &new), BTreeSet::from([*rule]), "{rule}");
    }
    let covered: BTreeSet<&str> = EDITS
        .iter()
        .map(|(rule, _)| *rule)
        .chain(APART.iter().copied())
        .collect();
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(covered, all, "each rule has its test");
}

#[test]
fn the_other_way_round_is_another_rule() {
    let (common, action) = files();
    let old = spec(&common, &action);
    for (edit, backwards) in [
        ("type-added", "type-removed"),
        ("field-became-optional", "field-became-required"),
        ("kind-added", "kind-removed"),
    ] {
        let (_, change) = EDITS
            .iter()
            .find(|(rule, _)| *rule == edit)
            .expect("an edit");
        let (mut new_common, mut new_action) = (common.clone(), action.clone());
        change(&mut new_common, &mut new_action);
        assert_eq!(
            rules_of(&spec(&new_common, &new_action), &old),
            BTreeSet::from([backwards])
        );
    }
}

/// The object `Note`, held by the request, by the answer or by both.
fn held_by(request: bool, response: bool) -> (Value, Value) {
    let (common, mut action) = files();
    let held = json!({"wire": "Note", "type": {"object": "Note"}, "docs": ""});
    if !request {
        let members = action["request"]["members"].as_array_mut();
        members.expect("a list").pop();
    }
    if response {
        push(&mut action["response"]["members"], held);
    }
    (common, action)
}

#[test]
fn nested_types_follow_the_rules_of_each_way_that_they_go() {
    type Case = (
        fn(&mut Value),
        &'static [&'static str],
        &'static [&'static str],
    );
    let cases: [Case; 3] = [
        (
            |members| members[1]["required"] = json!(false),
            &["parameter-became-optional"],
            &["field-became-optional"],
        ),
        (
            |members| {
                push(
                    members,
                    json!({"wire": "New", "type": "string", "required": true, "docs": ""}),
                )
            },
            &["parameter-added-required"],
            &["field-added"],
        ),
        (
            |members| remove(members, 2),
            &["parameter-removed"],
            &["field-removed"],
        ),
    ];
    for (change, of_requests, of_answers) in cases {
        for (request, response) in [(true, false), (false, true), (true, true)] {
            let (common, action) = held_by(request, response);
            let mut changed = action.clone();
            change(&mut changed["types"][0]["members"]);
            let mut expected = BTreeSet::new();
            expected.extend(of_requests.iter().filter(|_| request));
            expected.extend(of_answers.iter().filter(|_| response));
            let (old, new) = (spec(&common, &action), spec(&common, &changed));
            assert_eq!(rules_of(&old, &new), expected, "{request} {response}");
        }
    }
}

#[test]
fn actions_come_and_go() {
    let (common, action) = files();
    let both = spec(&common, &action);
    let mut none = both.clone();
    none.actions.clear();
    assert!(rules_of(&none, &both).contains("action-added"));
    assert!(rules_of(&both, &none).contains("action-removed"));
}

#[test]
fn how_encryption_is_told_counts() {
    let (common, action) = files();
    let old = spec(&common, &action);
    let mut new = old.clone();
    new.actions[0].encryption = None;
    assert_eq!(rules_of(&old, &new), BTreeSet::from(["encryption"]));
}

#[test]
fn nothing_has_changed() {
    let (common, action) = files();
    let ir = spec(&common, &action);
    assert!(diff::diff(&ir, &ir).is_empty());
    assert_eq!(diff::table(&[]), "nothing has changed\n");
}

#[test]
fn a_dangerous_change_has_to_be_acknowledged() {
    let (common, mut action) = files();
    let old = spec(&common, &action);
    action["result_codes"]["codes"][5]["charge"] = json!("charged");
    let changes = diff::diff(&old, &spec(&common, &action));
    assert_eq!(diff::class(&changes), Some(Class::Dangerous));
    assert_eq!(diff::unacknowledged(&changes, "").len(), 1);
    let line = format!(
        "- `{}`: the service charges for it since 2030.",
        changes[0].key()
    );
    assert_eq!(
        line,
        "- `result-charge IdCardVerification -5`: the service charges for it since 2030."
    );
    assert!(diff::unacknowledged(&changes, &line).is_empty());
    let row = "| dangerous | a result code costs something else (NotCharged is now Charged) | \
               `IdCardVerification -5` | behaves differently | behaves differently | behaves differently | minor |";
    assert_eq!(diff::table(&changes).lines().last(), Some(row));
}
