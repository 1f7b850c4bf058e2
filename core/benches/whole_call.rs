//! CPU time of a whole call against the CPU time of bare `reqwest` posting the same bytes to the
//! same sandbox, in the same run. The sandbox is a process of its own, so that its work does not
//! count; the two clients take turns, so that what disturbs one disturbs the other.

#![expect(clippy::print_stdout, reason = "it reports")]

use idcard_sandbox::{Options, SECRET_ID, SECRET_KEY, Sandbox, identities};
use idcard_verification::transport::{
    HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError,
};
use idcard_verification::{Client, ClientConfig, Credentials, Site, VerifyRequest};
use rustix::time::{ClockId, clock_gettime};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ROUNDS: usize = 40;
const CALLS_PER_ROUND: u32 = 250;
const SERVE: &str = "--serve";

/// Keeps the request that a client would send.
#[derive(Default)]
struct Capture(Mutex<Option<HttpRequest>>);

#[async_trait::async_trait]
impl Transport for Capture {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        *self.0.lock().expect("the request") = Some(request);
        Err(TransportError::Failed {
            failure: NetworkFailure::Other,
            sent: false,
        })
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    if std::env::args().any(|argument| argument == SERVE) {
        return runtime.block_on(serve());
    }
    let mut server = Command::new(std::env::current_exe().expect("this file"))
        .arg(SERVE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the sandbox starts");
    let mut url = String::new();
    BufReader::new(server.stdout.take().expect("its output"))
        .read_line(&mut url)
        .expect("a URL");
    runtime.block_on(compare(url.trim()));
    server.kill().expect("the sandbox is there");
    server.wait().expect("the sandbox ends");
}

async fn serve() {
    let options = Options {
        requests_per_second: None,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    println!("{}", sandbox.url());
    sandbox.serve_until(std::future::pending()).await;
}

async fn compare(url: &str) {
    let credentials = Credentials::new(SECRET_ID, SECRET_KEY).expect("credentials");
    let mut config = ClientConfig::new(Site::International, credentials);
    config.endpoint = Some(url.to_owned());
    // Above what the bench can make, so that the quota is part of the call and nobody waits.
    config.requests_per_second = Some(1_000_000);
    let client = Client::new(config.clone()).expect("a client");
    let identity = &identities()[0];
    let person = || VerifyRequest::new(&identity.id_number, &identity.name);

    let capture = Arc::new(Capture::default());
    config.transport = Some(capture.clone());
    let _ = Client::new(config)
        .expect("a client")
        .verify(person())
        .await;
    let request = capture
        .0
        .lock()
        .expect("the request")
        .take()
        .expect("a request");
    let bare = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .http1_only()
        .build()
        .expect("reqwest");
    let post = || {
        let mut post = bare
            .post(&request.url)
            .timeout(Duration::from_secs(10))
            .body(request.body.clone());
        for header in &request.headers {
            post = post.header(&header.name, &header.value);
        }
        post
    };

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        let begun = cpu();
        for _ in 0..CALLS_PER_ROUND {
            let answer = post()
                .send()
                .await
                .expect("an answer")
                .bytes()
                .await
                .expect("a body");
            assert!(answer.starts_with(b"{\"Response\""));
        }
        theirs.push(cpu() - begun);
        let begun = cpu();
        for _ in 0..CALLS_PER_ROUND {
            client.verify(person()).await.expect("an answer");
        }
        ours.push(cpu() - begun);
    }
    // The first round warms up.
    let (ours, theirs) = (median(&mut ours[1..]), median(&mut theirs[1..]));
    println!(
        "whole call: {:.1} us CPU, bare reqwest: {:.1} us CPU, ratio {:.3} (medians of {ROUNDS} rounds of {CALLS_PER_ROUND} calls)",
        ours / f64::from(CALLS_PER_ROUND),
        theirs / f64::from(CALLS_PER_ROUND),
        ours / theirs,
    );
}

/// CPU time of this process in microseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
    .as_secs_f64()
        * 1e6
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
