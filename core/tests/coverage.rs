//! Every code of the spec and every fault of the sandbox has a scenario.

use idcard_sandbox::identities;
use std::collections::HashSet;
use std::path::Path;

#[test]
fn every_test_identity_has_a_scenario() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
    let mut called = HashSet::new();
    for entry in std::fs::read_dir(folder).expect("scenarios") {
        let path = entry.expect("a file").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = std::fs::read_to_string(path).expect("a scenario file");
            let scenarios: Vec<serde_json::Value> = serde_json::from_str(&text).expect("scenarios");
            called.extend(
                scenarios
                    .iter()
                    .filter_map(|s| s["call"]["identity"].as_str().map(str::to_owned)),
            );
        }
    }
    let missing: Vec<&str> = identities()
        .iter()
        .map(|identity| identity.key.as_str())
        .filter(|key| !called.contains(*key))
        .collect();
    assert!(missing.is_empty(), "add scenarios for {missing:?}");
}
