//! Nothing that is printed on the way shows a key, a number or a name.

use idcard_verification::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use idcard_verification::{
    Client, ClientConfig, Credentials, Encryption, Error, Site, Verification, VerifyRequest,
};
use std::sync::{Arc, Mutex};

const CANARIES: &[&str] = &[
    "440305199505132561",
    "Liu Yang",
    "canary-key",
    "canary-token",
    "AKIDcanary",
    "canary-blob",
];

/// Records how everything prints, and answers with what it is told.
#[derive(Debug, Default)]
struct Recorder {
    printed: Mutex<Vec<String>>,
    body: &'static str,
}

#[async_trait::async_trait]
impl Transport for Recorder {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let sent = String::from_utf8_lossy(&request.body).into_owned();
        assert!(
            sent.contains("440305199505132561"),
            "the transport does get the number"
        );
        let response = HttpResponse {
            status: 200,
            headers: request.headers.clone(),
            body: self.body.into(),
        };
        self.printed
            .lock()
            .expect("the list")
            .extend([format!("{request:?}"), format!("{response:?}")]);
        Ok(response)
    }
}

fn run(body: &'static str) -> (Vec<String>, Result<Verification, Error>) {
    let recorder = Arc::new(Recorder {
        body,
        ..Recorder::default()
    });
    let credentials =
        Credentials::new("AKIDcanary", "canary-key").and_then(|c| c.with_token("canary-token"));
    let mut config = ClientConfig::new(Site::Mainland, credentials.expect("credentials"));
    config.transport = Some(recorder.clone());
    let mut printed = vec![format!("{config:?}")];
    let client = Client::new(config).expect("a client");
    let mut request = VerifyRequest::new("440305199505132561", "Liu Yang");
    request.encryption = Some(Encryption::new(vec![], "canary-blob", "iv"));
    printed.push(format!("{request:?}"));
    let result = client.verify_blocking(request);
    printed.push(format!("{client:?} {result:?}"));
    if let Err(error) = &result {
        printed.push(error.to_string());
    }
    printed.extend(recorder.printed.lock().expect("the list").drain(..));
    (printed, result)
}

#[test]
fn no_canary_is_printed() {
    for body in [
        r#"{"Response":{"Result":"0","Description":"Liu Yang 440305199505132561","RequestId":"r"}}"#,
        r#"{"Response":{"Result":["Liu Yang"],"Description":"","RequestId":"r"}}"#,
        r#"{"Response":{"Error":{"Code":"InvalidParameter","Message":"IdCard 440305199505132561 of Liu Yang"},"RequestId":"r"}}"#,
        r#"{"Response":{"Error":{"Code":"for Liu Yang","Message":""},"RequestId":"r"}}"#,
        r#"{"Response":{"Error":{"Code":"InternalError","Message":""},"RequestId":"Liu Yang"}}"#,
        "<p>440305199505132561 Liu Yang</p>",
        "",
    ] {
        let (printed, _) = run(body);
        for text in printed {
            for canary in CANARIES {
                assert!(!text.contains(canary), "{canary} is in {text}");
            }
        }
    }
}

#[test]
fn the_exact_redacted_form() {
    let request = VerifyRequest::new("440305199505132561", "Liu Yang");
    assert_eq!(
        format!("{request:?}"),
        "VerifyRequest { id_number: [redacted], name: [redacted], encryption: None }"
    );
    let (_, result) = run(r#"{"Response":{"Result":"-1","Description":"d","RequestId":"r-1"}}"#);
    assert_eq!(
        format!("{:?}", result.expect("an answer")),
        "Verification { verdict: Mismatch, result: Mismatch, retry: Never, code: \"-1\", result_description: [redacted], \
         request_id: \"r-1\", charge: Charged, attempts: 1, uncertain_attempts: 0, origin: Service }"
    );
}
