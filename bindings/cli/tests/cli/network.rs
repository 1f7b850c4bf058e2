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
