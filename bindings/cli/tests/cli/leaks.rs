//! Nothing that the command prints shows a person or a key, whatever came of it and however loud
//! logging is set.

use crate::{command, run};
use idcard_conformance::find_leak;
use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY, identities};

#[test]
fn every_outcome_is_silent_about_people_and_keys() {
    let sandbox = BlockingSandbox::start(Options::default()).expect("a sandbox");
    // Faults that take their time have their scenarios.
    let slow = ["fault:hang", "fault:slow", "fault:drip"];
    for identity in identities() {
        if slow.contains(&identity.key.as_str()) {
            continue;
        }
        let mut plain = command();
        plain.args(["verify", "--site", "international", "--timeout", "2"]);
        plain.args(["--endpoint", sandbox.url(), "--stdin"]);
        plain.write_stdin(format!("{}\n{}\n", identity.id_number, identity.name));
        plain.env("TENCENTCLOUD_SECRET_ID", SECRET_ID);
        plain.env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY);
        for name in ["RUST_LOG", "REQWEST_LOG"] {
            plain.env(name, "trace");
        }
        plain.env("RUST_BACKTRACE", "full");
        let canaries = [&identity.id_number, &identity.name, SECRET_KEY].map(str::to_owned);
        let (_, stdout, stderr) = run(&mut plain);
        let (_, json, _) = run(plain.arg("--json"));
        for text in [stdout, stderr, json] {
            assert_eq!(
                find_leak(&text, &canaries),
                None,
                "{}: {text}",
                identity.key
            );
        }
    }
}

#[test]
fn a_malformed_person_is_not_shown() {
    for (number, name) in [
        ("440305199505132562", "Liu Yang"),
        ("440305199505132561", "Liu<Yang>1"),
    ] {
        let (exit, stdout, stderr) = run(command().args(["check", number, name]));
        assert_eq!(exit, 3);
        let canaries = [number, name].map(str::to_owned);
        assert_eq!(
            find_leak(&format!("{stdout}{stderr}"), &canaries),
            None,
            "{stderr}"
        );
    }
}
