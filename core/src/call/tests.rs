//! The straight line with a transport and a time of its own: what is repeated, when, and what the
//! outcome says it cost. No test here takes real time.

mod attempt;
mod authorize;
mod clock;
mod ledger;
mod outcome;
mod reuse;

use crate::client::Client;
use crate::credentials::{CredentialsProvider, ProviderError};
use crate::sign::{RemoteSignature, RemoteSigner, SignerError, SigningRequest};
use crate::time::time_source::TimeSource;
use crate::time::time_source::fake::Fake;
use crate::transport::{
    HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError,
};
use crate::{
    AnswerOrigin, Auth, CallOptions, Charge, ClientConfig, Credentials, Error, InputProblem,
    ResultCode, RetryPolicy, Site, Verification, VerifyRequest,
};
use pollster::block_on;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

/// 2027-01-15 16:00:00 in Beijing.
const NOW: u64 = 1_800_000_000;

/// Answers with what it is told, in order; the last goes on for ever.
struct Script {
    time: Arc<Fake>,
    replies: Mutex<Vec<Reply>>,
    requests: Mutex<Vec<HttpRequest>>,
}

#[derive(Clone)]
enum Reply {
    Result(&'static str),
    Error(&'static str),
    /// An error with headers.
    With(&'static str, Vec<(&'static str, String)>),
    Failure(NetworkFailure, bool),
    Page(&'static str, Vec<(&'static str, String)>),
    /// A result after a while.
    After(Duration, &'static str),
}

#[async_trait::async_trait]
impl Transport for Script {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.requests.lock().expect("requests").push(request);
        let mut replies = self.replies.lock().expect("replies");
        let reply = if replies.len() > 1 {
            replies.remove(0)
        } else {
            replies[0].clone()
        };
        let (body, headers) = match reply {
            Reply::Result(code) => (result(code), vec![]),
            Reply::Error(code) => (error(code), vec![]),
            Reply::With(code, headers) => (error(code), headers),
            Reply::Page(body, headers) => (body.to_owned(), headers),
            Reply::Failure(failure, sent) => return Err(TransportError::Failed { failure, sent }),
            Reply::After(time, code) => {
                self.time.pass(time);
                (result(code), vec![])
            }
        };
        let headers = headers.into_iter().map(|(name, value)| HttpHeader {
            name: name.to_owned(),
            value,
        });
        Ok(HttpResponse {
            status: 200,
            headers: headers.collect(),
            body: body.into_bytes(),
        })
    }
}

/// Of each answer its own, as the service does.
fn id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn result(code: &str) -> String {
    format!(
        r#"{{"Response":{{"Result":"{code}","Description":"","RequestId":"{}"}}}}"#,
        id()
    )
}

fn error(code: &str) -> String {
    format!(
        r#"{{"Response":{{"Error":{{"Code":"{code}","Message":""}},"RequestId":"{}"}}}}"#,
        id()
    )
}

fn date(unix: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix))
}

/// A client of a script.
struct Set {
    client: Client,
    script: Arc<Script>,
    time: Arc<Fake>,
}

fn set(replies: &[Reply], change: impl FnOnce(&mut ClientConfig)) -> Set {
    let time = Fake::new(NOW);
    let script = Arc::new(Script {
        time: Arc::clone(&time),
        replies: Mutex::new(replies.to_vec()),
        requests: Mutex::default(),
    });
    let keys = Credentials::new("AKIDinvented", "an invented key").expect("keys");
    let mut config = ClientConfig::new(Site::International, keys);
    config.transport = Some(Arc::clone(&script) as _);
    change(&mut config);
    let client = Client::with_time_source(config, Arc::clone(&time) as _).expect("a client");
    Set {
        client,
        script,
        time,
    }
}

impl Set {
    fn verify(&self) -> Result<Verification, Error> {
        self.verify_with(CallOptions::default())
    }

    fn verify_with(&self, options: CallOptions) -> Result<Verification, Error> {
        let request = VerifyRequest::new("440305199505132561", "Liu Yang");
        block_on(self.client.verify_with(request, options))
    }

    fn requests(&self) -> usize {
        self.script.requests.lock().expect("requests").len()
    }

    /// The timestamps that were signed.
    fn timestamps(&self) -> Vec<u64> {
        let requests = self.script.requests.lock().expect("requests");
        let value = |request: &HttpRequest| {
            let mut headers = request.headers.iter();
            let header = headers.find(|header| header.name == "X-TC-Timestamp");
            header.and_then(|header| header.value.parse().ok())
        };
        requests.iter().filter_map(value).collect()
    }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
