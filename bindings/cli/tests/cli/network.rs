//! Proxies and whom the command trusts, by options and by the environment.

use crate::{NAME, command, json, number_of};
use assert_cmd::Command;
use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY, TlsEndpoints};
use std::path::Path;

struct Setting {
    sandbox: BlockingSandbox,
    folder: tempfile::TempDir,
}

impl Setting {
    fn new() -> Self {
        let sandbox = BlockingSandbox::start(Options::default()).expect("a sandbox");
        let folder = tempfile::tempdir().expect("a folder");
        let roots = folder.path().join("roots.pem");
        std::fs::write(roots, &sandbox.tls_endpoints().authority).expect("a file");
        Self { sandbox, folder }
    }

    fn endpoints(&self) -> &TlsEndpoints {
        self.sandbox.tls_endpoints()
    }

    fn roots(&self) -> std::path::PathBuf {
        self.folder.path().join("roots.pem")
    }
}

fn verify(endpoint: &str) -> Command {
    let mut command = command();
    command
        .args(["verify", "--json", "--site", "international"])
        .args(["--endpoint", endpoint, &number_of("result:0"), NAME])
        .env("TENCENTCLOUD_SECRET_ID", SECRET_ID)
        .env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY);
    command
}

/// `SIGINT` while a request is under way.
#[cfg(unix)]
#[test]
fn ctrl_c_tells_what_the_call_may_have_cost() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let setting = Setting::new();
    for (json, expected) in [
        (true, r#""error":"cancelled""#),
        (
            false,
            "cancelled: the request may have been sent, charge unknown, attempts: 1",
        ),
    ] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("idcard-verify"));
        command.arg("verify");
        if json {
            command.arg("--json");
        }
        let child = command
            .args([
                "--site",
                "international",
                "--endpoint",
                setting.sandbox.url(),
            ])
            .args([&number_of("fault:hang"), NAME])
            .env("TENCENTCLOUD_SECRET_ID", SECRET_ID)
            .env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command runs");
        std::thread::sleep(Duration::from_millis(600));
        let begun = Instant::now();
        let kill = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(kill.expect("kill runs").success());
        let output = child.wait_with_output().expect("it ends");
        assert!(
            begun.elapsed() < Duration::from_millis(500),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(output.status.code(), Some(130));
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8(printed).expect("UTF-8");
        assert!(printed.contains(expected), "{printed}");
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_never_passed_by() {
    let setting = Setting::new();
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        for slip in [
            "socks://127.0.0.1:1",
            "socks5h://127.0.0.1:1",
            "http//127.0.0.1:1",
            " ",
        ] {
            let mut command = verify("https://faceid.sandbox.invalid");
            command.env(name, slip);
            let (exit, answer) = json(&mut command);
            assert_eq!(
                (exit, answer["error"].as_str()),
                (64, Some("configuration")),
                "{slip}"
            );
            let detail = answer["detail"].as_str().expect("words");
            assert!(detail.contains(name), "{detail}");
        }
    }
    let mut refused = verify(&setting.endpoints().https_behind_proxy);
    refused.env("ALL_PROXY", &setting.endpoints().proxy_wrong_password);
    let (exit, answer) = json(&mut refused);
    assert_eq!(
        (exit, answer["kind"].as_str()),
        (5, Some("proxy-authentication"))
    );
    assert_eq!(answer["attempts"], 1);
    // This machine is reached without any of it.
    let mut near = verify(setting.sandbox.url());
    near.env("HTTPS_PROXY", "socks5://127.0.0.1:1");
    assert_eq!(json(&mut near).0, 0);
}

#[test]
fn a_proxy_of_the_environment() {
    let setting = Setting::new();
    let endpoints = setting.endpoints();
    let mut command = verify(&endpoints.https_behind_proxy);
    command
        .env("HTTPS_PROXY", &endpoints.proxy)
        .env("IDCARD_EXTRA_ROOTS", setting.roots());
    let (exit, answer) = json(&mut command);
    assert_eq!((exit, answer["charge"].as_str()), (0, Some("charged")));
}

#[test]
fn a_proxy_by_option() {
    let setting = Setting::new();
    let endpoints = setting.endpoints();
    let mut command = verify(&endpoints.https_behind_proxy);
    command
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .args(["--proxy", &endpoints.proxy])
        .arg("--extra-roots")
        .arg(setting.roots());
    let (exit, answer) = json(&mut command);
    assert_eq!((exit, answer["charge"].as_str()), (0, Some("charged")));
}

#[test]
fn whom_the_system_does_not_trust_gets_nothing() {
    let setting = Setting::new();
    let (exit, answer) = json(&mut verify(&setting.endpoints().https));
    assert_eq!(exit, 5);
    assert_eq!(answer["error"], "network");
    assert!(answer["detail"].to_string().contains("TLS"), "{answer}");
    assert_eq!(answer["charge"], "not-charged");
}

#[test]
fn a_file_of_roots_that_cannot_be_read_is_named() {
    let missing = Path::new("/no/such/roots.pem");
    let mut command = verify("https://sandbox.invalid");
    let (exit, stdout, stderr) = crate::run(command.arg("--extra-roots").arg(missing));
    assert_eq!(exit, 64, "{stdout}{stderr}");
    assert!(format!("{stdout}{stderr}").contains("/no/such/roots.pem"));
}
