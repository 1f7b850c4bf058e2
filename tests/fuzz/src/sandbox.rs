//! What is served over HTTP by the sandbox: every request has an answer.

use idcard_sandbox::{BlockingSandbox, Options};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::time::Duration;

static SANDBOX: LazyLock<BlockingSandbox> =
    LazyLock::new(|| BlockingSandbox::start(Options::default()).expect("a sandbox"));

/// Method, path, any number of headers, an empty line and the body, in lines.
pub(crate) fn run(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let method = token(lines.next().unwrap_or_default(), "GET");
    let path = path(lines.next().unwrap_or_default());
    if path.contains("security-credentials") && head.contains("hang") {
        return false;
    }
    let host = SANDBOX.url().trim_start_matches("http://");
    let mut request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = token(name, "x");
        let is_ours = [
            "host",
            "connection",
            "content-length",
            "transfer-encoding",
            "upgrade",
            "expect",
        ]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own));
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        if !is_ours {
            request.push_str(&format!("{name}: {}\r\n", value.trim()));
        }
    }
    request.push_str("\r\n");
    let mut stream = TcpStream::connect(host).expect("the sandbox listens");
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    // An answer may come, and the connection go, before all of it was read.
    let _ = stream.write_all(request.as_bytes());
    let _ = stream.write_all(body.as_bytes());
    let mut answer = [0; 12];
    let read = stream.read_exact(&mut answer);
    let is_connect = method == "CONNECT";
    assert!(
        is_connect || (read.is_ok() && answer.starts_with(b"HTTP/1.1")),
        "no answer to {request:?}"
    );
    answer.ends_with(b" 200")
}

fn token(text: &str, or: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !text.is_empty() && text.len() < 64 && text.chars().all(is_token) {
        text.to_owned()
    } else {
        or.to_owned()
    }
}

fn path(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_graphic() && *c != '#')
        .take(1024)
        .collect::<String>()
        .trim_start_matches('/')
        .to_owned()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let authorization = "TC3-HMAC-SHA256 Credential=AKIDSANDBOX/2026-01-01/faceid/tc3_request, \
                         SignedHeaders=content-type;host;x-tc-action, Signature=00";
    let call = format!(
        "POST\n/\nAuthorization: {authorization}\nContent-Type: application/json; charset=utf-8\n\
         X-TC-Action: IdCardVerification\nX-TC-Version: 2018-03-01\nX-TC-Timestamp: 1700000000\n\n\
         {{\"IdCard\":\"1\",\"Name\":\"a\"}}"
    );
    let others = [
        "GET\n/sandbox/identities\n\n",
        "GET\n/sandbox/ledger?account=AKIDSANDBOX\n\n",
        "GET\n/sandbox/endpoints\n\n",
        "GET\n/sandbox/encryption\n\n",
        "GET\n/latest/meta-data/cam/security-credentials/AKIDSANDBOX-fuzz\n\n",
        "PUT\n/sandbox/accounts/AKIDSANDBOX\nContent-Type: application/json\n\n{\"clock_offset_seconds\":9223372036854775807}",
        "PUT\n/sandbox/accounts/AKIDSANDBOX\nContent-Type: application/json\n\n{\"next\":[\"result:0\"],\"chaos\":{\"seed\":1,\"percent\":99},\"requests_per_second\":4294967295}",
        "POST\n/sandbox/sign/AKIDSANDBOX\nContent-Type: application/json\n\n{\"host\":\"127.0.0.1\",\"service\":\"faceid\",\"action\":\"IdCardVerification\",\"version\":\"2018-03-01\",\"timestamp\":1,\"content_type\":\"application/json; charset=utf-8\",\"payload_sha256\":\"00\"}",
        "POST\n/\nX-TC-Action: AssumeRoleWithWebIdentity\nX-TC-Version: 2018-08-13\nAuthorization: SKIP\nX-TC-Region: a\n\n{\"RoleArn\":\"a/AKIDSANDBOX\",\"RoleSessionName\":\"s\",\"ProviderId\":\"sandbox-provider\",\"WebIdentityToken\":\"sandbox-web-identity-token\"}",
    ];
    let others = others.map(|seed| seed.as_bytes().to_vec());
    std::iter::once(call.into_bytes()).chain(others).collect()
}
