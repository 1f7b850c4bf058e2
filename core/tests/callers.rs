//! Callers of all kinds, on all kinds of runtimes: nobody waits past a deadline, nobody gets what
//! is another's, and every outcome says what it cost.

use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY, identities};
use idcard_verification::transport::{
    HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError,
};
use idcard_verification::{
    AnswerOrigin, CallOptions, CallProgress, CancelHandle, Charge, Client, ClientConfig,
    Credentials, Error, RetryPolicy, Site, Verification, VerifyRequest,
};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::{Builder, Runtime};

fn sandbox() -> BlockingSandbox {
    BlockingSandbox::start(Options::default()).expect("a sandbox")
}

fn client(sandbox: &BlockingSandbox, change: impl FnOnce(&mut ClientConfig)) -> Client {
    let keys = Credentials::new(SECRET_ID, SECRET_KEY).expect("keys");
    let mut config = ClientConfig::new(Site::International, keys);
    config.endpoint = Some(sandbox.url().to_owned());
    change(&mut config);
    Client::new(config).expect("a client")
}

fn person(key: &str) -> VerifyRequest {
    let identity = identities().iter().find(|identity| identity.key == key);
    let identity = identity.expect("an identity");
    VerifyRequest::new(&identity.id_number, &identity.name)
}

fn options(change: impl FnOnce(&mut CallOptions)) -> CallOptions {
    let mut options = CallOptions::default();
    change(&mut options);
    options
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

fn is_match(answer: Result<Verification, Error>) {
    assert_eq!(answer.expect("an answer").code, "0");
}

#[test]
fn a_blocking_call_works_on_a_thread_of_a_runtime() {
    let sandbox = sandbox();
    let client = client(&sandbox, |_| {});
    for runtime in [current_thread(), multi_thread()] {
        let own = client.clone();
        let blocking = move || own.verify_blocking(person("result:0"));
        is_match(runtime.block_on(async {
            tokio::task::spawn_blocking(blocking)
                .await
                .expect("no panic")
        }));
        // Not what one should do: the thread is the runtime's. It must not hang, though.
        is_match(runtime.block_on(async { client.verify_blocking(person("result:0")) }));
    }
}

#[test]
fn an_awaited_call_needs_no_runtime_of_its_own() {
    let sandbox = sandbox();
    let client = client(&sandbox, |_| {});
    is_match(pollster::block_on(client.verify(person("result:0"))));
    let begun = Instant::now();
    let short = options(|options| options.timeout = Some(ms(200)));
    let hung = pollster::block_on(client.verify_with(person("fault:hang"), short));
    assert_eq!(hung.expect_err("it hangs").charge(), Charge::Unknown);
    assert!(begun.elapsed() < ms(900), "{:?}", begun.elapsed());
}

#[test]
fn the_last_clone_may_be_dropped_anywhere() {
    let sandbox = sandbox();
    for runtime in [current_thread(), multi_thread()] {
        let client = client(&sandbox, |_| {});
        is_match(client.verify_blocking(person("result:0")));
        is_match(runtime.block_on(client.verify(person("result:0"))));
        runtime.block_on(async { drop(client) });
    }
}

#[test]
fn a_client_outlives_any_number_of_runtimes_and_is_shared_between_them() {
    let sandbox = sandbox();
    let client = client(&sandbox, |config| config.single_flight = false);
    for _ in 0..50 {
        is_match(current_thread().block_on(client.verify(person("result:0"))));
    }
    let runtimes: Vec<_> = (0..8).map(|_| current_thread()).collect();
    thread::scope(|scope| {
        for runtime in runtimes {
            let client = &client;
            scope.spawn(move || {
                for _ in 0..10 {
                    is_match(runtime.block_on(client.verify(person("result:0"))));
                    is_match(client.verify_blocking(person("result:0")));
                }
            });
        }
    });
    assert_eq!(client.stats().charged, 50 + 160);
}

/// The relays of the sandbox change connections that are idle, while nobody drives the runtime.
#[test]
fn a_runtime_that_stood_still_sees_what_has_happened_since() {
    let sandbox = sandbox();
    for (endpoint, key, code) in [
        (&sandbox.relay_endpoints().closes_idle, "result:0", "0"),
        (&sandbox.relay_endpoints().stray_answer, "result:-1", "-1"),
        (&sandbox.relay_endpoints().closes_idle_tls, "result:0", "0"),
        (
            &sandbox.relay_endpoints().stray_answer_tls,
            "result:-1",
            "-1",
        ),
    ] {
        let client = client(&sandbox, |config| {
            config.endpoint = Some(endpoint.clone());
            config.extra_roots = Some(sandbox.tls_endpoints().authority.clone());
        });
        let runtime = current_thread();
        for _ in 0..4 {
            let awaited = runtime.block_on(client.verify(person(key)));
            let blocking = client.verify_blocking(person(key));
            for answer in [awaited, blocking] {
                let answer = answer.unwrap_or_else(|error| panic!("{endpoint}: {error}"));
                assert_eq!((answer.code.as_str(), answer.attempts), (code, 1));
                assert_ne!(answer.request_id, "stray");
            }
            thread::sleep(ms(120));
        }
    }
}

#[test]
fn nobody_is_held_to_the_deadline_of_another() {
    let sandbox = sandbox();
    let client = Arc::new(client(&sandbox, |_| {}));
    let call = |timeout: Duration, delay: Duration| {
        let client = Arc::clone(&client);
        thread::spawn(move || {
            thread::sleep(delay);
            let begun = Instant::now();
            let options = options(|options| options.timeout = Some(timeout));
            let ended = client.verify_blocking_with(person("fault:slow"), options);
            (ended, begun.elapsed())
        })
    };
    // It answers after some time; the one who began has less of it, the one who joined has more.
    let (hasty, patient) = (call(ms(100), ms(0)), call(ms(5_000), ms(50)));
    let (hasty, took) = hasty.join().expect("no panic");
    let hasty = hasty.expect_err("it has no time");
    assert!(took < ms(400), "{took:?}");
    assert_eq!(hasty.charge(), Charge::Unknown);
    let (patient, _) = patient.join().expect("no panic");
    let patient = patient.expect("its time is its own");
    assert_eq!(
        (patient.charge, patient.origin),
        (Charge::Charged, AnswerOrigin::Service)
    );
    assert_eq!(client.stats().requests, 1, "they shared one request");

    let (patient, hasty) = (call(ms(5_000), ms(0)), call(ms(100), ms(50)));
    let (hasty, took) = hasty.join().expect("no panic");
    assert!(took < ms(400), "{took:?}");
    assert_eq!(hasty.expect_err("it has no time").charge(), Charge::Unknown);
    is_match(patient.join().expect("no panic").0);
}

#[test]
fn nobody_inherits_the_retry_policy_of_another() {
    let sandbox = sandbox();
    let client = Arc::new(client(&sandbox, |_| {}));
    let mut daring = RetryPolicy::default();
    daring.retry_unknown_charge = true;
    let cancel = CancelHandle::new();
    let opener = {
        let (client, cancel) = (Arc::clone(&client), Arc::clone(&cancel));
        let options = options(|options| {
            options.retry = Some(daring);
            options.cancel = Some(cancel);
        });
        thread::spawn(move || client.verify_blocking_with(person("fault:reset"), options))
    };
    let prudent = client
        .verify_blocking(person("fault:reset"))
        .expect_err("it is reset");
    assert_eq!((prudent.charge(), prudent.attempts()), (Charge::Unknown, 1));
    cancel.cancel();
    let _ = opener.join().expect("no panic");
}

/// One who leaves a shared request takes the runtime along that drives its connection.
#[test]
fn a_shared_request_goes_on_when_the_one_that_began_it_leaves() {
    let sandbox = sandbox();
    let client = Arc::new(client(&sandbox, |_| {}));
    let cancel = CancelHandle::new();
    let opener = {
        let (client, cancel) = (Arc::clone(&client), Arc::clone(&cancel));
        let options = options(|options| options.cancel = Some(cancel));
        thread::spawn(move || client.verify_blocking_with(person("fault:slow"), options))
    };
    thread::sleep(ms(50));
    let joiners: Vec<_> = (0..3)
        .map(|index| {
            let client = Arc::clone(&client);
            thread::spawn(move || match index {
                0 => client.verify_blocking(person("fault:slow")),
                1 => current_thread().block_on(client.verify(person("fault:slow"))),
                _ => pollster::block_on(client.verify(person("fault:slow"))),
            })
        })
        .collect();
    thread::sleep(ms(50));
    cancel.cancel();
    let left = opener.join().expect("no panic");
    assert!(
        matches!(left, Err(Error::Cancelled { sent: true, .. })),
        "{left:?}"
    );
    for joiner in joiners {
        is_match(joiner.join().expect("no panic"));
    }
    assert_eq!(client.stats().requests, 1, "they shared one request");
}

/// Foreign languages drop a call on whatever thread they like, without a runtime, while it connects,
/// writes or waits.
#[test]
fn a_call_may_be_dropped_at_any_moment() {
    let sandbox = sandbox();
    let client = client(&sandbox, |config| config.single_flight = false);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    for round in 0..300 {
        let mut call = Box::pin(client.verify(person("result:0")));
        for _ in 0..=round % 4 {
            if call.as_mut().poll(&mut cx).is_ready() {
                break;
            }
            thread::sleep(Duration::from_micros(round % 7 * 40));
        }
        drop(call);
    }
    let stats = client.stats();
    assert_eq!(stats.calls, 300);
    is_match(client.verify_blocking(person("result:0")));
}

/// A future that is taken by value is held twice, and twice again in each layer around it.
#[test]
fn a_call_is_small() {
    let sandbox = sandbox();
    let client = client(&sandbox, |_| {});
    let size = std::mem::size_of_val(&client.verify(person("result:0")));
    assert!(size <= 4 * 1024, "{size} bytes");
}

/// Accepts nobody: the queue of those who want to connect is full.
fn full() -> (socket2::Socket, Vec<TcpStream>, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
    let socket = socket.expect("a socket");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("an address");
    socket.listen(0).expect("it listens");
    let address = socket.local_addr().expect("an address");
    let address = address.as_socket().expect("an IP address");
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, ms(200)) {
        waiting.push(stream);
    }
    (socket, waiting, address)
}

#[cfg(target_os = "linux")]
#[test]
fn what_ends_before_the_first_byte_was_not_sent() {
    let sandbox = sandbox();
    let (_socket, _waiting, address) = full();
    let client = client(&sandbox, |config| {
        config.endpoint = Some(format!("http://{address}"))
    });
    let cancel = CancelHandle::new();
    let progress = CallProgress::new();
    let handle = Arc::clone(&cancel);
    let canceller = thread::spawn(move || {
        thread::sleep(ms(150));
        handle.cancel();
    });
    let cancelled = client.verify_blocking_with(
        person("result:0"),
        options(|options| {
            options.cancel = Some(cancel);
            options.progress = Some(Arc::clone(&progress));
        }),
    );
    canceller.join().expect("no panic");
    let expected = Error::Cancelled {
        sent: false,
        charge: Charge::NotCharged,
        attempts: 1,
    };
    assert_eq!(cancelled, Err(expected));
    assert_eq!(
        (progress.charge(), progress.attempts()),
        (Charge::NotCharged, 1)
    );
    let short = options(|options| options.timeout = Some(ms(150)));
    let expected = Error::Network {
        failure: NetworkFailure::Timeout,
        detail: None,
        sent: false,
        charge: Charge::NotCharged,
        attempts: 1,
    };
    assert_eq!(
        client.verify_blocking_with(person("result:0"), short),
        Err(expected)
    );
}

#[test]
fn a_call_that_is_dropped_still_tells_what_it_may_have_cost() {
    let sandbox = sandbox();
    let client = client(&sandbox, |_| {});
    let runtime = current_thread();
    let progress = CallProgress::new();
    assert_eq!(progress.charge(), Charge::NotCharged);
    let watched = options(|options| options.progress = Some(Arc::clone(&progress)));
    let call = client.verify_with(person("fault:hang"), watched);
    let dropped = runtime.block_on(async { tokio::time::timeout(ms(150), call).await });
    assert!(dropped.is_err(), "it hangs");
    assert_eq!(
        (progress.charge(), progress.attempts()),
        (Charge::Unknown, 1)
    );
    let stats = client.stats();
    assert_eq!((stats.calls, stats.unknown, stats.abandoned), (1, 1, 1));

    let progress = CallProgress::new();
    let watched = options(|options| options.progress = Some(Arc::clone(&progress)));
    is_match(runtime.block_on(client.verify_with(person("result:0"), watched)));
    assert_eq!(
        (progress.charge(), progress.attempts()),
        (Charge::Charged, 1)
    );
}

/// A transport of the application that has a fault of its own.
struct Panics;

#[async_trait::async_trait]
impl Transport for Panics {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        panic!("a canary of the host");
    }
}

#[test]
fn a_panic_is_an_error_of_unknown_charge_for_everybody_who_waits() {
    let sandbox = sandbox();
    let client = client(&sandbox, |config| config.transport = Some(Arc::new(Panics)));
    for fresh in [false, true] {
        let options = options(|options| options.fresh = fresh);
        let error = client.verify_blocking_with(person("result:0"), options);
        let expected = Error::Panic {
            charge: Charge::Unknown,
            attempts: 1,
        };
        assert_eq!(error, Err(expected));
    }
    assert_eq!(client.stats().unknown, 2);
}

/// Refuses the first requests for their time, once they all are there.
struct Late {
    together: tokio::sync::Barrier,
    refused: Mutex<usize>,
}

const TOGETHER: usize = 4;

#[async_trait::async_trait]
impl Transport for Late {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        let is_refused = {
            let mut refused = self.refused.lock().expect("the count");
            *refused += 1;
            *refused <= TOGETHER
        };
        let response = if is_refused {
            self.together.wait().await;
            r#"{"Error":{"Code":"AuthFailure.SignatureExpire","Message":""}}"#
        } else {
            r#"{"Result":"0","Description":""}"#
        };
        Ok(HttpResponse {
            status: 200,
            headers: vec![HttpHeader {
                name: "Date".to_owned(),
                value: httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(4_000)),
            }],
            body: format!(r#"{{"Response":{response}}}"#).into_bytes(),
        })
    }
}

#[test]
fn calls_that_are_refused_together_all_correct_the_clock() {
    let sandbox = sandbox();
    let transport = Late {
        together: tokio::sync::Barrier::new(TOGETHER),
        refused: Mutex::new(0),
    };
    let client = client(&sandbox, |config| {
        config.transport = Some(Arc::new(transport));
        config.single_flight = false;
    });
    thread::scope(|scope| {
        let calls: Vec<_> = (0..TOGETHER)
            .map(|_| scope.spawn(|| client.verify_blocking(person("result:0"))))
            .collect();
        for call in calls {
            let answer = call
                .join()
                .expect("no panic")
                .expect("its clock is corrected");
            assert_eq!((answer.charge, answer.attempts), (Charge::Charged, 2));
        }
    });
}
