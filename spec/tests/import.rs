//! Reading the vendor's definition file. The one here is invented; it has every type there is.

use idcard_spec::Faults;
use idcard_spec::import::{Definition, Import};
use idcard_spec::model::{ActionSpec, Type};
use idcard_spec::{SourceFile, format, load};
use std::path::Path;

const FILE: &str = "api.json";
const ACTION: &str = "InventedArchiveQuery";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("a file")
}

fn definition() -> String {
    read("../tests/actions/definition.json")
}

fn import(
    file: &str,
    definition: &str,
    action: &str,
    known: Option<&ActionSpec>,
    is_taken: &dyn Fn(&str) -> bool,
) -> Result<Import, Faults> {
    Definition::read(file, definition)?.import(action, known, is_taken)
}

fn take(definition: &str, known: Option<&ActionSpec>) -> Import {
    import(FILE, definition, ACTION, known, &|ident| ident == "Item").expect("a good definition")
}

fn fault(definition: &str) -> String {
    let outcome = import(FILE, definition, ACTION, None, &|_| false);
    outcome.expect_err("a fault").to_string()
}

#[test]
fn every_type_is_taken() {
    let Import { spec, taken, .. } = take(&definition(), None);
    let types: Vec<_> = spec
        .request
        .members
        .iter()
        .map(|m| (m.wire.as_str(), &m.ty))
        .collect();
    let list = |ty| Type::List(Box::new(ty));
    assert_eq!(
        types,
        [
            ("Name", &Type::String),
            ("BirthDate", &Type::Date),
            ("SinceTime", &Type::Datetime),
            ("UntilTime", &Type::DatetimeIso),
            ("Offset", &Type::Int64),
            ("Limit", &Type::Uint64),
            ("Threshold", &Type::Float),
            ("Switch", &Type::Bool),
            ("Image", &Type::Binary),
            ("Filter", &Type::Object("InventedFilter".to_owned())),
            ("Tags", &list(Type::String)),
            ("Numbers", &list(Type::Int64)),
            ("Options", &Type::String),
        ]
    );
    let required = spec.request.members.iter().filter(|member| member.required);
    assert_eq!(required.count(), 2);
    // A name that the library or another file has gets the action's before it.
    let idents: Vec<_> = spec.types.iter().map(|ty| ty.ident.as_str()).collect();
    assert_eq!(idents, ["InventedArchiveQueryItem", "InventedFilter"]);
    assert!(
        taken.contains(&"request.Name: added".to_owned()),
        "{taken:?}"
    );
    let files = [
        ("common.json", read("common.json")),
        ("invented.json", format::write(&spec).expect("text")),
    ];
    let sources = files.map(|(name, text)| SourceFile {
        name: name.to_owned(),
        text,
    });
    load(&sources).expect("what is made is a good spec");
}

#[test]
fn an_answer_that_was_paid_for_is_not_lost_for_what_may_be_missing() {
    let spec = take(&definition(), None).spec;
    let required: Vec<_> = spec
        .response
        .members
        .iter()
        .filter(|m| m.required)
        .collect();
    let required: Vec<_> = required.iter().map(|member| member.wire.as_str()).collect();
    assert_eq!(
        required,
        ["TotalCount", "Items", "Result", "Description", "RequestId"]
    );
}

#[test]
fn new_texts_print_redacted_until_somebody_knows_better() {
    let spec = take(&definition(), None).spec;
    for member in spec.request.members.iter().chain(&spec.response.members) {
        let is_text = !matches!(
            member.ty,
            Type::Int64 | Type::Uint64 | Type::Float | Type::Bool | Type::Object(_) | Type::List(_)
        );
        if is_text {
            assert_eq!(
                member.sensitive,
                member.wire != "RequestId",
                "{}",
                member.wire
            );
        }
    }
}

#[test]
fn no_prose_is_taken() {
    let import = take(&definition(), None);
    let text = format::write(&import.spec).expect("text");
    for prose in ["sentence", "title", "中文", "虚构", "0: one"] {
        assert!(!text.contains(prose), "{prose}");
    }
    assert!(
        import
            .not_taken
            .iter()
            .any(|line| line.starts_with("prose: "))
    );
    let withdrawn = "request.Withdrawn: the vendor has withdrawn it".to_owned();
    assert!(
        import.not_taken.contains(&withdrawn),
        "{:?}",
        import.not_taken
    );
}

#[test]
fn the_same_definition_again_changes_nothing() {
    let first = take(&definition(), None).spec;
    let again = take(&definition(), Some(&first));
    assert_eq!(again.spec, first);
    assert_eq!(again.taken, [""; 0]);
}

#[test]
fn what_was_curated_stays_and_what_changed_is_taken() {
    let mut known = take(&definition(), None).spec;
    known.action.docs = "Our own words.".to_owned();
    known.action.method = "ask".to_owned();
    known.request.ident = "Question".to_owned();
    let name = &mut known.request.members[0];
    (name.ident, name.docs) = (Some("full_name".to_owned()), "Whose archive.".to_owned());
    known.response.members[0].sensitive = true;
    let changed = definition()
        .replace(
            r#""member": "int64", "name": "Offset", "required": false"#,
            r#""member": "uint64", "name": "Offset", "required": true"#,
        )
        .replace(
            r#"{ "disabled": false, "document": "", "member": "bool", "name": "Switch""#,
            r#"{ "disabled": true, "document": "", "member": "bool", "name": "Switch""#,
        )
        .replace(r#""name": "Tags""#, r#""name": "Labels""#)
        .replace("2018-03-01", "2031-01-01");
    let Import {
        spec,
        taken,
        not_taken,
    } = take(&changed, Some(&known));
    assert_eq!(
        taken,
        [
            "action.version: \"2018-03-01\" is now \"2031-01-01\"",
            "request.Offset.type: Int64 is now Uint64",
            "request.Offset.required: false is now true",
            "request.Switch.deprecated: false is now true",
            "request.Labels: added",
        ]
    );
    assert!(
        not_taken
            .contains(&"request.Tags: the definition does not have it; it was kept".to_owned())
    );
    assert_eq!(spec.action.docs, "Our own words.");
    assert_eq!(spec.action.method, "ask");
    assert_eq!(spec.request.members[0].ident.as_deref(), Some("full_name"));
    assert_eq!(spec.request.members[0].docs, "Whose archive.");
    assert!(spec.response.members[0].sensitive);
}

#[test]
fn an_action_that_is_going_away_says_so() {
    let outcome = import(FILE, &definition(), "InventedOldQuery", None, &|_| false);
    assert!(outcome.expect("a good definition").spec.action.deprecated);
}

#[test]
fn faults_say_where_and_what_to_do() {
    let good = definition();
    for (from, to, expected) in [
        (
            r#""member": "bool", "name": "Switch""#,
            r#""member": "decimal", "name": "Switch""#,
            "api.json: objects.InventedArchiveQueryRequest.members[7]: the type `bool` of `decimal` is not known. Teach it",
        ),
        (
            r#""InventedFilter": {"#,
            r#""OtherFilter": {"#,
            "api.json: objects.InventedArchiveQueryRequest.members[9].member: there is no object `InventedFilter`. Take a definition file that is complete.",
        ),
        (
            r#""InventedArchiveQuery": {"#,
            r#""Other": {"#,
            "api.json: actions: there is no action `InventedArchiveQuery`. Name one of these: InventedOldQuery, Other.",
        ),
        (
            r#""name": "Name", "required": true"#,
            r#""name": "Name", "required": "yes""#,
            "api.json: objects.InventedArchiveQueryRequest.members[0].required: invalid type",
        ),
        (
            "\"actions\"",
            "\"action\"",
            "api.json: missing field `actions`",
        ),
    ] {
        let text = fault(&good.replacen(from, to, 1));
        assert!(text.starts_with(expected), "{text}\n{expected}");
    }
    assert!(fault("{").starts_with("api.json: "));
}

#[test]
fn all_actions_are_listed() {
    let read = Definition::read(FILE, &definition()).expect("a good definition");
    let all = read.actions();
    assert_eq!(all, [ACTION, "InventedOldQuery"]);
}
