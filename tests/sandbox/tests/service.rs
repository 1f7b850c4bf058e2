//! What the sandbox refuses, asked over raw HTTP with signatures made here.

use idcard_sandbox::{Options, SECRET_ID, SECRET_KEY, Sandbox, identities};
use idcard_verification::generated::CONTENT_TYPE;
use idcard_verification::sign::{self, Scope, SigningKey};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A request that is right; tests spoil one part.
struct Request {
    method: &'static str,
    action: Option<&'static str>,
    version: Option<&'static str>,
    secret_id: String,
    secret_key: &'static str,
    service: &'static str,
    signed: &'static [&'static str],
    skew: i64,
    authorization: Option<String>,
    body: String,
    /// Body that is sent in place of the signed one.
    sent_body: Option<String>,
}

impl Request {
    fn new() -> Self {
        let identity = &identities()[0];
        Self {
            method: "POST",
            action: Some("IdCardVerification"),
            version: Some("2018-03-01"),
            secret_id: SECRET_ID.to_owned(),
            secret_key: SECRET_KEY,
            service: "faceid",
            signed: &["content-type", "host", "x-tc-action"],
            skew: 0,
            authorization: None,
            body: json!({"IdCard": identity.id_number, "Name": identity.name}).to_string(),
            sent_body: None,
        }
    }

    fn body(body: &Value) -> Self {
        Self {
            body: body.to_string(),
            ..Self::new()
        }
    }

    /// Sends it and gives back the result, or the error code.
    async fn send(self, url: &str) -> String {
        let host = url.trim_start_matches("http://");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs();
        let timestamp = now.saturating_add_signed(self.skew);
        let all = [
            ("content-type", CONTENT_TYPE),
            ("host", host),
            ("x-tc-action", self.action.unwrap_or_default()),
        ];
        let signed: Vec<_> = all
            .into_iter()
            .filter(|(name, _)| self.signed.contains(name))
            .collect();
        let scope = Scope::new(timestamp, self.service);
        let canonical = sign::canonical_request(&signed, &sign::sha256_hex(self.body.as_bytes()));
        let to_sign =
            sign::string_to_sign(timestamp, &scope, &sign::sha256_hex(canonical.as_bytes()));
        let signature = SigningKey::derive(self.secret_key, &scope).sign(&to_sign);
        let authorization = self.authorization.unwrap_or_else(|| {
            sign::authorization(
                &self.secret_id,
                &scope,
                &sign::signed_headers(&signed),
                &signature,
            )
        });
        let body = self.sent_body.unwrap_or(self.body);
        let mut head = format!(
            "{} / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {CONTENT_TYPE}\r\n\
             Content-Length: {}\r\nAuthorization: {authorization}\r\nX-TC-Timestamp: {timestamp}\r\n",
            self.method,
            body.len(),
        );
        for (name, value) in [("X-TC-Action", self.action), ("X-TC-Version", self.version)] {
            if let Some(value) = value {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        let mut stream = tokio::net::TcpStream::connect(host)
            .await
            .expect("a connection");
        // The server may answer and close before a large body is written whole.
        let _ = stream
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .await;
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        let json: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap_or_default())
            .unwrap_or_default();
        let response = &json["Response"];
        assert!(response["RequestId"].is_string(), "{answer}");
        let code = response["Error"]["Code"]
            .as_str()
            .or(response["Result"].as_str());
        code.unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn requests_are_refused_with_the_services_codes() {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    let url = sandbox.url();
    let encryption = |list: Value| json!({"EncryptList": list, "CiphertextBlob": "b", "Iv": "i"});
    let person = |extra: Value| {
        let mut body = json!({"IdCard": identities()[0].id_number, "Name": identities()[0].name});
        body.as_object_mut()
            .expect("an object")
            .extend(extra.as_object().cloned().unwrap_or_default());
        Request::body(&body)
    };
    for (request, code) in [
        (Request::new(), "0"),
        (
            Request {
                signed: &["content-type", "host"],
                ..Request::new()
            },
            "0",
        ),
        (
            Request {
                method: "PUT",
                ..Request::new()
            },
            "UnsupportedProtocol",
        ),
        (
            Request {
                action: None,
                ..Request::new()
            },
            "MissingParameter",
        ),
        (
            Request {
                action: Some("Other"),
                ..Request::new()
            },
            "InvalidAction",
        ),
        (
            Request {
                version: None,
                ..Request::new()
            },
            "MissingParameter",
        ),
        (
            Request {
                version: Some("2019-03-01"),
                ..Request::new()
            },
            "NoSuchVersion",
        ),
        (
            Request {
                authorization: Some("Basic abc".into()),
                ..Request::new()
            },
            "AuthFailure.InvalidAuthorization",
        ),
        (
            Request {
                signed: &["content-type"],
                ..Request::new()
            },
            "AuthFailure.InvalidAuthorization",
        ),
        (
            Request {
                secret_id: "123".into(),
                ..Request::new()
            },
            "AuthFailure.InvalidSecretId",
        ),
        (
            Request {
                secret_id: "AKIDother".into(),
                ..Request::new()
            },
            "AuthFailure.SecretIdNotFound",
        ),
        (
            Request {
                secret_key: "wrong",
                ..Request::new()
            },
            "AuthFailure.SignatureFailure",
        ),
        (
            Request {
                service: "cvm",
                ..Request::new()
            },
            "AuthFailure.SignatureFailure",
        ),
        (
            Request {
                sent_body: Some("{}".into()),
                ..Request::new()
            },
            "AuthFailure.SignatureFailure",
        ),
        (
            Request {
                skew: -310,
                ..Request::new()
            },
            "AuthFailure.SignatureExpire",
        ),
        (
            Request {
                skew: 310,
                ..Request::new()
            },
            "AuthFailure.SignatureExpire",
        ),
        (
            Request {
                skew: -290,
                ..Request::new()
            },
            "0",
        ),
        (
            Request {
                body: "{".into(),
                ..Request::new()
            },
            "InvalidRequest",
        ),
        (
            Request {
                body: "[]".into(),
                ..Request::new()
            },
            "InvalidRequest",
        ),
        (Request::body(&json!({"Name": "n"})), "MissingParameter"),
        (
            Request::body(&json!({"IdCard": "1", "Name": null})),
            "MissingParameter",
        ),
        (
            Request::body(&json!({"IdCard": 1, "Name": "n"})),
            "InvalidParameter",
        ),
        (person(json!({"Age": 1})), "UnknownParameter"),
        (
            person(json!({"Encryption": encryption(json!(["IdCard", "Age"]))})),
            "InvalidParameter.UnsupportEncryptField",
        ),
        (
            person(json!({"Encryption": {"EncryptList": []}})),
            "MissingParameter",
        ),
        (
            person(json!({"Encryption": encryption(json!([1]))})),
            "InvalidParameter",
        ),
        (
            person(
                json!({"Encryption": {"EncryptList": [], "CiphertextBlob": "", "Iv": "", "Algorithm": "ROT13"}}),
            ),
            "InvalidParameterValue",
        ),
        (
            person(
                json!({"Encryption": {"EncryptList": [], "CiphertextBlob": "", "Iv": "", "Extra": 1}}),
            ),
            "UnknownParameter",
        ),
        (
            Request {
                body: " ".repeat(10_485_761),
                ..Request::new()
            },
            "RequestSizeLimitExceeded",
        ),
    ] {
        assert_eq!(request.send(&url).await, code);
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn the_rate_is_limited_per_account() {
    let sandbox = Sandbox::start(Options {
        requests_per_second: Some(2),
        ..Options::default()
    })
    .await
    .expect("a sandbox");
    let url = sandbox.url();
    let mut codes = Vec::new();
    for account in ["a", "a", "a", "b"] {
        let secret_id = format!("{SECRET_ID}-{account}");
        codes.push(
            Request {
                secret_id,
                ..Request::new()
            }
            .send(&url)
            .await,
        );
    }
    assert_eq!(codes, ["0", "0", "RequestLimitExceeded", "0"]);
    let report = sandbox.ledger().report(Some("AKIDSANDBOX-a"));
    assert_eq!((report.sums.requests, report.sums.charged), (3, 2));
    assert!(
        report
            .entries
            .iter()
            .all(|entry| !entry.identity.contains(&identities()[0].id_number))
    );
}

/// The status of an answer to raw bytes.
async fn status(url: &str, request: String) -> String {
    let host = url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(host)
        .await
        .expect("a connection");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it is sent");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

#[tokio::test]
async fn only_this_machine_is_served_and_settings_have_bounds() {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    let url = sandbox.url();
    let get = |host: &str| {
        format!("GET /sandbox/ledger HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    };
    for host in [
        "127.0.0.1",
        "localhost:80",
        "LOCALHOST",
        "[::1]:9",
        "127.1.2.3:7",
    ] {
        assert_eq!(status(&url, get(host)).await, "200", "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "",
        "10.0.0.1",
        "[::2]",
    ] {
        assert_eq!(status(&url, get(host)).await, "421", "{host}");
    }
    let set = |body: &str| {
        format!(
            "PUT /sandbox/accounts/AKIDSANDBOX HTTP/1.1\r\nHost: localhost\r\nContent-Type: \
             application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    for offset in [i64::MAX, i64::MIN, 1 << 40, 315_360_001] {
        let body = format!("{{\"clock_offset_seconds\":{offset}}}");
        assert_eq!(status(&url, set(&body)).await, "422", "{offset}");
    }
    assert_eq!(
        status(&url, set("{\"clock_offset_seconds\":315360000}")).await,
        "204"
    );
    assert_eq!(
        Request::new().send(&url).await,
        "AuthFailure.SignatureExpire"
    );
    sandbox.stop().await;
}
