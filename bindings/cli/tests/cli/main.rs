//! The command as its users run it.

mod bulk;
#[cfg(unix)]
mod bulk_signals;
mod check;
mod leaks;
mod network;

use assert_cmd::Command;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The command with nothing of the caller's environment that it reads.
fn command() -> Command {
    let mut command = Command::cargo_bin("idcard-verify").expect("the command is built");
    for name in ["SECRET_ID", "SECRET_KEY", "TOKEN"] {
        command.env_remove(format!("TENCENTCLOUD_{name}"));
    }
    command.env("TENCENTCLOUD_CREDENTIALS_FILE", "/no/such/file");
    for name in ["NUMBER", "NAME", "SITE", "ENDPOINT", "PROXY", "EXTRA_ROOTS"] {
        command.env_remove(format!("IDCARD_{name}"));
    }
    command
}

/// Exit code, standard output and standard error.
fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().expect("an exit code"),
        text(output.stdout),
        text(output.stderr),
    )
}

fn json(command: &mut Command) -> (i32, Value) {
    let (exit, stdout, stderr) = run(command);
    assert_eq!(stderr, "");
    (exit, serde_json::from_str(&stdout).expect("one JSON value"))
}

fn number_of(key: &str) -> String {
    let identity = idcard_sandbox::identities()
        .iter()
        .find(|identity| identity.key == key);
    identity.expect("an identity").id_number.clone()
}

const NAME: &str = "林小满";

#[test]
fn a_match_in_words() {
    let (exit, stdout, stderr) =
        run(command().args(["verify", "--sandbox", &number_of("result:0"), NAME]));
    assert_eq!((exit, stderr.as_str()), (0, ""));
    assert_eq!(
        stdout,
        "match: The name and the number belong together.\n\
         \x20 result      0\n\
         \x20 charge      charged\n\
         \x20 request id  5a4db0c5-0000-4000-8000-000000000000\n\
         \x20 attempts    1\n"
    );
}

#[test]
fn each_outcome_has_its_exit_code() {
    let sandbox = |number: &str, name: &str, more: &[&str]| {
        json(
            command()
                .args(["verify", "--sandbox", "--json", number, name])
                .args(more),
        )
    };
    for (key, more, exit, field, value) in [
        ("result:0", &[][..], 0, "verdict", "match"),
        ("result:-1", &[], 10, "verdict", "mismatch"),
        ("result:-4", &[], 11, "verdict", "inconclusive"),
        ("result:-99", &[], 11, "charge", "unknown"),
        ("fault:reset", &[], 5, "error", "network"),
        ("fault:hang", &["--timeout", "0.2"], 5, "kind", "timeout"),
        ("error:InternalError", &[], 6, "code", "InternalError"),
        ("fault:html", &[], 7, "kind", "not-json"),
    ] {
        let (actual, answer) = sandbox(&number_of(key), NAME, more);
        assert_eq!(
            (actual, answer[field].as_str()),
            (exit, Some(value)),
            "{key}: {answer}"
        );
    }
    let (exit, answer) = sandbox("11204416541220243X", "Wei Xiaobao", &[]);
    assert_eq!(
        (exit, answer["detail"].as_str()),
        (3, Some("id_number: check digit is X, expected 4"))
    );
    let (exit, answer) = sandbox("11204416541220243X", "Wei Xiaobao", &["--no-local-check"]);
    assert_eq!((exit, answer["code"].as_str()), (0, Some("0")));
    let (exit, answer) = sandbox("440305199505132561", "Liu Yang", &[]);
    assert_eq!((exit, answer["code"].as_str()), (10, Some("-1")));
}

#[test]
fn credentials_and_usage_have_exit_codes_too() {
    let verify = |more: &[&str]| {
        run(command()
            .args(["verify", "440305199505132561", "Liu Yang"])
            .args(more))
    };
    let (exit, _, stderr) = verify(&["--site", "mainland"]);
    assert_eq!(exit, 4);
    assert_eq!(
        stderr,
        "error: credentials: environment: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not \
         set; profile: /no/such/file: entity not found\n"
    );
    let (exit, _, stderr) = verify(&[]);
    assert_eq!(exit, 64);
    assert!(stderr.contains("--site"), "{stderr}");
    let (exit, _, stderr) = run(command()
        .args([
            "verify",
            "--site",
            "mainland",
            "--endpoint",
            "http://sandbox.example",
            "440305199505132561",
            "Liu Yang",
        ])
        .envs([
            ("TENCENTCLOUD_SECRET_ID", "AKIDx"),
            ("TENCENTCLOUD_SECRET_KEY", "key"),
        ]));
    assert_eq!(exit, 64);
    assert!(stderr.contains("plain http"), "{stderr}");
    assert_eq!(run(command().arg("--help")).0, 0);
}

#[test]
fn keys_come_from_a_profile_where_the_environment_has_none() {
    let sandbox = idcard_sandbox::BlockingSandbox::start(Default::default()).expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("credentials");
    let number = number_of("result:0");
    let verify = |text: &str| {
        std::fs::write(&file, text).expect("a file");
        run(command()
            .args([
                "verify",
                "--site",
                "international",
                "--endpoint",
                sandbox.url(),
                &number,
                NAME,
            ])
            .env("TENCENTCLOUD_CREDENTIALS_FILE", &file))
    };
    let whole = format!(
        "[default]\nsecret_id = {}\nsecret_key = {}\n",
        idcard_sandbox::SECRET_ID,
        idcard_sandbox::SECRET_KEY
    );
    assert_eq!(verify(&whole).0, 0);
    let as_configparser_takes_it = whole.replace(" = ", ": ").replace("secret_id", "Secret_ID");
    assert_eq!(verify(&as_configparser_takes_it).0, 0);
    for (text, why) in [
        ("", "there is no section [default]; it is empty"),
        ("[DEFAULT]\nsecret_id = canary-id\n", "there is [DEFAULT]"),
        (
            "[default]\nsecret_id = canary-id\ncanary-key\n",
            "line 3, in [default], is neither a comment nor NAME = VALUE",
        ),
        (
            "[default]\nsecret_id = canary-id\n",
            "[default] has no secret_key",
        ),
        (
            "[default]\nsecret_id = canary-id\nsecret_key =\n",
            "[default]: the SecretKey is empty",
        ),
    ] {
        let (exit, _, stderr) = verify(text);
        assert_eq!(exit, 4, "{stderr}");
        assert!(
            stderr.contains(why) && !stderr.contains("canary"),
            "{stderr}"
        );
    }
}

/// A shell or a compose file sets a variable to nothing where the vendor's tools look further.
#[test]
fn an_empty_variable_is_none() {
    let home = tempfile::tempdir().expect("a folder");
    let verify = || {
        let mut command = command();
        command.args([
            "verify",
            "--site",
            "mainland",
            "--timeout",
            "1",
            "001000199001010000",
            NAME,
        ]);
        command.env_remove("TENCENTCLOUD_CREDENTIALS_FILE");
        command.env("HOME", home.path());
        command
            .env("TENCENTCLOUD_SECRET_ID", "")
            .env("TENCENTCLOUD_SECRET_KEY", "");
        command
    };
    let said = |command: &mut Command, what: &str| {
        let (exit, _, stderr) = run(command);
        assert!(exit == 4 && stderr.contains(what), "{stderr}");
    };
    let both =
        "TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are empty; profile: there is neither";
    said(&mut verify(), both);
    said(
        verify().env("TENCENTCLOUD_SECRET_ID", "canary"),
        "environment: TENCENTCLOUD_SECRET_KEY is empty",
    );
    said(
        verify().env("TENCENTCLOUD_CREDENTIALS_FILE", ""),
        "TENCENTCLOUD_CREDENTIALS_FILE is empty",
    );
    // The file of the vendor's command line is seen, and told.
    std::fs::create_dir(home.path().join(".tccli")).expect("a folder");
    std::fs::write(home.path().join(".tccli/default.credential"), "{}").expect("a file");
    said(
        &mut verify(),
        "~/.tccli/default.credential of tccli is there, and is not read",
    );
    // A file that is there counts.
    std::fs::create_dir(home.path().join(".tencentcloud")).expect("a folder");
    std::fs::write(home.path().join(".tencentcloud/credentials"), "[default]\n").expect("a file");
    said(&mut verify(), "[default] has no secret_id");
}

#[test]
fn number_and_name_come_from_elsewhere_too() {
    let number = number_of("result:0");
    let verify = || {
        let mut command = command();
        command.args(["verify", "--sandbox", "--json"]);
        command
    };
    let (exit, _) =
        json(verify().envs([("IDCARD_NUMBER", number.as_str()), ("IDCARD_NAME", NAME)]));
    assert_eq!(exit, 0);
    let (exit, _) = json(
        verify()
            .arg("--stdin")
            .write_stdin(format!("{number}\r\n{NAME}\n")),
    );
    assert_eq!(exit, 0);
    let (exit, _, stderr) = run(verify().arg("--stdin").write_stdin(number.as_str()));
    assert_eq!(exit, 64);
    assert!(!stderr.contains(&number), "{stderr}");
    let (_, help, _) = run(command()
        .args(["verify", "--help"])
        .env("IDCARD_NUMBER", &number));
    assert!(!help.contains(&number), "{help}");
}

#[test]
fn normalizing_says_what_it_mended() {
    let (exit, stdout, stderr) = run(command().args([
        "check",
        "--normalize",
        "４40305 199505132561",
        "爱新觉罗•永琪",
    ]));
    assert_eq!(
        (exit, stdout.as_str()),
        (0, "number and name are well-formed\n")
    );
    assert_eq!(
        stderr,
        "note: id_number: replaced full-width characters, removed spaces or invisible characters\n\
         note: name: replaced a look-alike of the middle dot\n"
    );
    let (exit, _, stderr) = run(command().args(["check", "440305199505132561", "爱新觉罗•永琪"]));
    assert_eq!(exit, 3);
    assert!(stderr.contains("U+2022"), "{stderr}");
}

#[test]
fn a_signature_is_shown_stage_by_stage() {
    let vector = |file: &str| {
        let path = format!(
            "{}/../../tests/vectors/tc3/faceid_intl_utf8ct_3h/{file}",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).expect(file)
    };
    let context: Value = serde_json::from_str(&vector("context.json")).expect("a context");
    let text = |name: &str| context[name].as_str().unwrap_or_default().to_owned();
    let (exit, stdout, _) = run(command()
        .args([
            "sign",
            "--host",
            "faceid.intl.tencentcloudapi.com",
            "--timestamp",
            &context["timestamp"].to_string(),
        ])
        .envs([
            ("TENCENTCLOUD_SECRET_ID", text("secret_id")),
            ("TENCENTCLOUD_SECRET_KEY", text("secret_key")),
        ])
        .write_stdin(vector("body.json")));
    assert_eq!(exit, 0);
    let flat: Vec<&str> = stdout.lines().map(str::trim).collect();
    let flat = flat.join("\n");
    for file in [
        "canonical-request.txt",
        "string-to-sign.txt",
        "signature.txt",
        "authorization.txt",
    ] {
        assert!(flat.contains(&vector(file)), "{file} is not in {stdout}");
    }
    assert!(!stdout.contains(&text("secret_key")), "{stdout}");
}

#[test]
fn completions_and_the_manual_page() {
    for shell in ["bash", "zsh", "fish"] {
        let (exit, stdout, _) = run(command().args(["completions", shell]));
        assert!(exit == 0 && stdout.contains("idcard-verify"), "{shell}");
    }
    let (exit, stdout, _) = run(command().arg("man"));
    assert!(
        exit == 0 && stdout.contains(".TH idcard-verify"),
        "{stdout}"
    );
}

#[test]
fn tables() {
    println!(
        "What is made from the spec has changed. To review it, run `cargo make regenerate`, look at \
         `git diff tests/snapshots`, and commit the snapshots with the spec."
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../tests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!("codes", run(command().arg("codes")).1);
        insta::assert_snapshot!(
            "test_identities",
            run(command().args(["sandbox", "--identities"])).1
        );
    });
}

/// A served sandbox.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start() -> Self {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("idcard-verify"))
            .args(["sandbox", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("a line");
        let announced: Value = serde_json::from_str(&line).expect("JSON");
        Self {
            child,
            url: announced["url"].as_str().expect("a URL").to_owned(),
        }
    }

    /// Sends a signal and waits for the end.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([signal, &pid])
            .status()
            .expect("kill runs");
        assert!(sent.success());
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        panic!("the sandbox did not stop at {signal}");
    }
}

#[cfg(unix)]
#[test]
fn a_served_sandbox_starts_quickly_and_stops_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let begun = Instant::now();
        let served = Served::start();
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "{:?}",
            begun.elapsed()
        );
        let (exit, answer) = json(
            command()
                .args([
                    "verify",
                    "--json",
                    "--site",
                    "international",
                    "--endpoint",
                    &served.url,
                ])
                .args([&number_of("result:0"), NAME])
                .envs([
                    ("TENCENTCLOUD_SECRET_ID", idcard_sandbox::SECRET_ID),
                    ("TENCENTCLOUD_SECRET_KEY", idcard_sandbox::SECRET_KEY),
                ]),
        );
        assert_eq!((exit, answer["charge"].as_str()), (0, Some("charged")));
        assert_eq!(served.stop(signal), Some(0), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_said_cannot_drive_a_terminal() {
    use std::os::unix::ffi::OsStrExt;
    let evil = "\u{1b}]0;title\u{7}\u{1b}[2J\u{202e}";
    let gbk = std::ffi::OsStr::from_bytes(b"\xc1\xf5\xd1\xf3");
    for (mut command, expected) in [
        (with(&["check", &format!("--{evil}")]), 64),
        (
            with(&["verify", "--sandbox", "--extra-roots", evil, "1", "a"]),
            64,
        ),
        (with(&["verify", "--site", evil, "1", "a"]), 64),
        (with(&["sign", "--host", &format!("h\n{evil}")]), 4),
    ] {
        let (exit, stdout, stderr) = run(&mut command);
        assert_eq!(exit, expected, "{stderr}");
        for said in [stdout, stderr] {
            let drives = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!said.contains(drives), "{said:?}");
        }
    }
    let (exit, _, stderr) = run(command().arg("check").arg("440305199505132561").arg(gbk));
    assert_eq!(exit, 64, "{stderr}");
}

#[cfg(unix)]
fn with(arguments: &[&str]) -> Command {
    let mut command = command();
    command.args(arguments);
    command
}

#[cfg(target_os = "linux")]
#[test]
fn input_has_an_end_and_output_is_written() {
    let (exit, _, _) = run(command()
        .args(["check", "--stdin"])
        .write_stdin(vec![b'a'; 1024 * 1024]));
    assert_eq!(exit, 3);
    for file in ["/dev/zero", "/dev/stdin"] {
        let (exit, _, stderr) = run(command()
            .args(["verify", "--sandbox", "--extra-roots", file, "1", "a"])
            .write_stdin("-"));
        assert_eq!(exit, 64, "{stderr}");
        assert!(stderr.contains("not a regular file"), "{stderr}");
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let program = assert_cmd::cargo::cargo_bin!("idcard-verify");
    let status = std::process::Command::new(program)
        .args(["codes"])
        .stdout(full.expect("a full disk"))
        .status();
    assert_eq!(status.expect("it runs").code(), Some(74));
}
