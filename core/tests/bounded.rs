//! An answer of 200 MB costs no 200 MB. It has a process of its own, because it measures one.

#![cfg(target_os = "linux")]

use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY, identities};
use idcard_verification::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use idcard_verification::{
    AnswerProblem, Charge, Client, ClientConfig, Credentials, Error, Site, VerifyRequest,
};

/// Largest growth of the process, client and sandbox together.
const LIMIT_KIB: u64 = 16 * 1024;

/// Largest growth by an answer of 1 MiB, its bytes among it.
const ANSWER_LIMIT_KIB: u64 = 4 * 1024;

/// Answers with a member of 1 MiB that nobody knows, of very small parts.
struct Crowded;

#[async_trait::async_trait]
impl Transport for Crowded {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        let part = r#"{"a":0},"#;
        let mut body = String::with_capacity(1024 * 1024);
        body.push_str(r#"{"Response":{"New":["#);
        while body.len() < 1024 * 1024 - 128 {
            body.push_str(part);
        }
        body.push_str(r#"{}],"Result":"0","Description":"","RequestId":"r"}}"#);
        Ok(HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: body.into_bytes(),
        })
    }
}

fn crowded() -> Client {
    let keys = Credentials::new(SECRET_ID, SECRET_KEY).expect("credentials");
    let mut config = ClientConfig::new(Site::International, keys);
    config.transport = Some(std::sync::Arc::new(Crowded));
    Client::new(config).expect("a client")
}

fn person() -> VerifyRequest {
    VerifyRequest::new("440305199505132561", "Liu Yang")
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the process's status");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("a peak");
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse().ok())
        .expect("a number")
}

#[test]
fn memory_stays_bounded() {
    let sandbox = BlockingSandbox::start(Options::default()).expect("a sandbox");
    let mut config = ClientConfig::new(
        Site::International,
        Credentials::new(SECRET_ID, SECRET_KEY).expect("credentials"),
    );
    config.endpoint = Some(sandbox.url().to_owned());
    let client = Client::new(config).expect("a client");
    let ask = |key: &str| {
        let identity = identities()
            .iter()
            .find(|identity| identity.key == key)
            .expect("an identity");
        client.verify_blocking(VerifyRequest::new(&identity.id_number, &identity.name))
    };
    ask("result:0").expect("an answer");
    let before = peak_kib();
    assert_eq!(
        crowded().verify_blocking(person()).expect("an answer").code,
        "0"
    );
    let grown = peak_kib() - before;
    assert!(
        grown < ANSWER_LIMIT_KIB,
        "an answer of 1 MiB took {grown} KiB"
    );
    let before = peak_kib();
    for key in ["fault:huge", "fault:huge-announced"] {
        let error = ask(key).expect_err("an error");
        let Error::UnreadableAnswer {
            problem, charge, ..
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!(
            (problem, charge),
            (AnswerProblem::TooLarge, Charge::Unknown)
        );
    }
    let grown = peak_kib() - before;
    assert!(grown < LIMIT_KIB, "grew by {grown} KiB");
}
