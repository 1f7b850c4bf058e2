//! A whole call against bare `reqwest` posting the same bytes to the same sandbox, in the same run:
//! awaited and blocking, one at a time and many. The sandbox is a process of its own, so that its
//! work does not count; all take turns, so that what disturbs one disturbs the others.

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
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const ROUNDS: usize = 40;
const CALLS_PER_ROUND: u32 = 256;
const IN_FLIGHT: u32 = 64;
const THREADS: u32 = 16;
const SERVE: &str = "--serve";

/// Makes the calls of a round.
type Way<'a> = Box<dyn Fn() + 'a>;

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
    compare(&runtime, url.trim());
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

fn compare(runtime: &Runtime, url: &str) {
    let credentials = Credentials::new(SECRET_ID, SECRET_KEY).expect("credentials");
    let mut config = ClientConfig::new(Site::International, credentials);
    config.endpoint = Some(url.to_owned());
    // Above what the bench can make, so that the rate limit is part of the call and nobody waits.
    config.requests_per_second = Some(1_000_000);
    let client = &Client::new(config.clone()).expect("a client");
    // Calls at the same time shall not share their requests.
    config.single_flight = false;
    let separate = &Client::new(config.clone()).expect("a client");
    let identity = &identities()[0];
    let person = || VerifyRequest::new(&identity.id_number, &identity.name);

    let capture = Arc::new(Capture::default());
    config.transport = Some(capture.clone());
    let capturing = Client::new(config).expect("a client");
    let _ = runtime.block_on(capturing.verify(person()));
    let request = capture.0.lock().expect("the request").take();
    let request = request.expect("a request");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bare = &reqwest::Client::builder()
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
        async {
            let answer = post.send().await.expect("an answer");
            let body = answer.bytes().await.expect("a body");
            assert!(body.starts_with(b"{\"Response\""));
        }
    };
    let ways: [(&str, Way<'_>); 6] = [
        (
            "bare reqwest",
            Box::new(|| runtime.block_on(one_by_one(&post))),
        ),
        (
            "awaited",
            Box::new(|| {
                runtime.block_on(one_by_one(|| async {
                    client.verify(person()).await.expect("an answer");
                }));
            }),
        ),
        (
            "blocking",
            Box::new(|| {
                for _ in 0..CALLS_PER_ROUND {
                    client.verify_blocking(person()).expect("an answer");
                }
            }),
        ),
        (
            "bare reqwest, 64 at a time",
            Box::new(|| runtime.block_on(many(&post))),
        ),
        (
            "awaited, 64 at a time",
            Box::new(|| {
                runtime.block_on(many(|| async {
                    separate.verify(person()).await.expect("an answer");
                }));
            }),
        ),
        (
            "blocking, 16 threads",
            Box::new(|| {
                std::thread::scope(|scope| {
                    for _ in 0..THREADS {
                        scope.spawn(|| {
                            for _ in 0..CALLS_PER_ROUND / THREADS {
                                separate.verify_blocking(person()).expect("an answer");
                            }
                        });
                    }
                });
            }),
        ),
    ];
    // A profiler wants one of them alone.
    let only = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let is_wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let mut figures = vec![(Vec::new(), Vec::new()); ways.len()];
    for round in 0..=ROUNDS {
        // Whoever comes after another has its leavings in the caches, so all come after all.
        for place in 0..ways.len() {
            let place = (place + round) % ways.len();
            let ((name, way), (cpu_us, wall_us)) = (&ways[place], &mut figures[place]);
            if !is_wanted(name) {
                continue;
            }
            let (begun, cpu_begun) = (Instant::now(), cpu());
            way();
            // The first round warms up.
            if round > 0 {
                cpu_us.push((cpu() - cpu_begun) / f64::from(CALLS_PER_ROUND));
                wall_us.push(begun.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS_PER_ROUND));
            }
        }
    }
    println!(
        "medians of {ROUNDS} rounds of {CALLS_PER_ROUND} calls, and their ratio to bare reqwest"
    );
    let figures: Vec<(f64, f64)> = figures
        .iter_mut()
        .map(|(cpu, wall)| (median(cpu), median(wall)))
        .collect();
    for (index, ((name, _), (cpu, wall))) in ways.iter().zip(&figures).enumerate() {
        let bare = if index < 3 { figures[0] } else { figures[3] };
        println!(
            "{name:<28} {cpu:>6.1} us CPU ({:.3}), {wall:>6.1} us ({:.3})",
            cpu / bare.0,
            wall / bare.1
        );
    }
}

async fn one_by_one<F: Future<Output = ()>>(call: impl Fn() -> F) {
    for _ in 0..CALLS_PER_ROUND {
        call().await;
    }
}

async fn many<F: Future<Output = ()>>(call: impl Fn() -> F) {
    let line = || async {
        for _ in 0..CALLS_PER_ROUND / IN_FLIGHT {
            call().await;
        }
    };
    futures_util::future::join_all((0..IN_FLIGHT).map(|_| line())).await;
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
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
