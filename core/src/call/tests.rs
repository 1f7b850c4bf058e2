//! The straight line with a transport and a time of its own: what is repeated, when, and what the
//! outcome says it cost. No test here takes real time.

use crate::client::Client;
use crate::credentials::{CredentialsProvider, ProviderError};
use crate::sign::{RemoteSignature, RemoteSigner, SignerError, SigningRequest};
use crate::timeline::Timeline;
use crate::timeline::fake::Fake;
use crate::transport::{
    HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError,
};
use crate::{
    Auth, CallOptions, Charge, ClientConfig, Credentials, Error, InputProblem, Origin, ResultCode,
    RetryPolicy, Site, Verification, VerifyRequest,
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
    let client = Client::with_timeline(config, Arc::clone(&time) as _).expect("a client");
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

#[test]
fn what_is_free_and_helped_by_waiting_is_repeated() {
    for free in [
        Reply::Result("-4"),
        Reply::Result("-6"),
        Reply::Error("RequestLimitExceeded"),
        Reply::Error("RequestLimitExceeded.UinLimitExceeded"),
        Reply::Error("RequestLimitExceeded.OfTomorrow"),
        Reply::Failure(NetworkFailure::Connect, false),
        Reply::Failure(NetworkFailure::Timeout, false),
    ] {
        let set = set(&[free.clone(), free, Reply::Result("0")], |_| {});
        set.time.set_chance(0.0);
        let answer = set.verify().expect("a late success wins");
        assert_eq!(answer.result, ResultCode::Match);
        assert_eq!((answer.charge, answer.attempts), (Charge::Charged, 3));
        assert_eq!(set.time.slept()[..2], [ms(100), ms(200)]);
    }
}

#[test]
fn what_may_be_charged_is_not_repeated_unless_told() {
    let unreadable = Reply::Page("<html>", vec![]);
    for reply in [
        Reply::Failure(NetworkFailure::Interrupted, true),
        Reply::Failure(NetworkFailure::Timeout, true),
        Reply::Failure(NetworkFailure::AnswerTooLarge, true),
        Reply::Error("InternalError"),
        Reply::Error("ServiceUnavailable"),
        Reply::Error("OfTomorrow"),
        unreadable,
    ] {
        let set = set(&[reply, Reply::Result("0")], |_| {});
        let error = set.verify().expect_err("it is not repeated");
        assert_eq!((error.charge(), error.attempts()), (Charge::Unknown, 1));
        assert_eq!(set.requests(), 1);
        let options = CallOptions {
            retry: Some(RetryPolicy {
                retry_unknown_charge: true,
                ..RetryPolicy::default()
            }),
            ..CallOptions::default()
        };
        set.script
            .replies
            .lock()
            .expect("replies")
            .insert(0, Reply::Error("InternalError"));
        let answer = set.verify_with(options).expect("it is repeated");
        assert_eq!((answer.charge, answer.attempts), (Charge::Charged, 2));
        assert_eq!(answer.uncertain_attempts, 1);
    }
}

#[test]
fn a_free_end_after_an_uncertain_beginning_is_uncertain() {
    let daring = |config: &mut ClientConfig| {
        config.retry = Some(RetryPolicy {
            retry_unknown_charge: true,
            max_attempts: 2,
            ..RetryPolicy::default()
        });
    };
    let lost = Reply::Failure(NetworkFailure::Interrupted, true);
    let ends_free = set(&[lost.clone(), Reply::Result("-5")], daring);
    let answer = ends_free.verify().expect("an answer");
    assert_eq!(
        (answer.charge, answer.uncertain_attempts),
        (Charge::Unknown, 1)
    );
    let ends_refused = set(
        &[lost, Reply::Error("AuthFailure.SignatureFailure")],
        daring,
    );
    let error = ends_refused.verify().expect_err("an error");
    assert_eq!((error.charge(), error.attempts()), (Charge::Unknown, 2));
}

#[test]
fn nothing_else_is_repeated() {
    for reply in [
        Reply::Result("0"),
        Reply::Result("-1"),
        Reply::Result("-2"),
        Reply::Result("-5"),
        Reply::Result("-7"),
        Reply::Result("-99"),
        Reply::Error("AuthFailure.SignatureFailure"),
        Reply::Error("AuthFailure.TokenFailure"),
        Reply::Error("AuthFailure.SignatureExpire"),
        Reply::Error("InvalidParameter"),
        Reply::Error("UnauthorizedOperation.Arrears"),
        Reply::Failure(NetworkFailure::Tls, false),
    ] {
        let set = set(&[reply], |config| {
            config.retry = Some(RetryPolicy {
                max_attempts: 9,
                ..RetryPolicy::default()
            });
        });
        let _ = set.verify();
        assert_eq!(set.requests(), 1);
    }
}

#[test]
fn the_last_error_is_given_back_with_the_count() {
    let limited = "RequestLimitExceeded";
    let replies = [
        Reply::Result("-4"),
        Reply::Failure(NetworkFailure::Connect, false),
        Reply::Error(limited),
    ];
    let error = set(&replies, |_| {}).verify().expect_err("an error");
    let Error::Service {
        code,
        attempts,
        charge,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (code.as_str(), attempts, charge),
        (limited, 3, Charge::NotCharged)
    );
    let once = |config: &mut ClientConfig| {
        config.retry = Some(RetryPolicy {
            max_attempts: 1,
            ..RetryPolicy::default()
        });
    };
    assert_eq!(
        set(&replies, once).verify().expect("-4").result,
        ResultCode::LibraryFault
    );
    let none = RetryPolicy {
        max_attempts: 0,
        ..RetryPolicy::default()
    };
    let refused = set(&replies, |_| {}).verify_with(CallOptions {
        retry: Some(none),
        ..CallOptions::default()
    });
    assert!(matches!(refused, Err(Error::Configuration { .. })));
}

#[test]
fn retry_after_and_the_deadline_are_respected() {
    let wait = |seconds: &str| {
        Reply::With(
            "RequestLimitExceeded",
            vec![("Retry-After", seconds.to_owned())],
        )
    };
    let patient = set(&[wait("3"), Reply::Result("0")], |_| {});
    assert!(patient.verify().is_ok());
    assert!(patient.time.slept().contains(&ms(3_000)));
    // The timeout of 10 s leaves no room for a wait of a minute: the error is known at once.
    let hurried = set(&[wait("60"), Reply::Result("0")], |_| {});
    let error = hurried.verify().expect_err("no time");
    assert_eq!(
        (error.attempts(), hurried.time.elapsed()),
        (1, Duration::ZERO)
    );
    // Each request is given the time that is left, less what the transport needs to be heard.
    let late = set(&[Reply::After(ms(4_000), "-4"), Reply::Result("0")], |_| {});
    assert!(late.verify().is_ok());
    let timeouts: Vec<Duration> = late
        .script
        .requests
        .lock()
        .expect("requests")
        .iter()
        .map(|r| r.timeout)
        .collect();
    assert_eq!(timeouts[0], ms(9_900));
    assert!(timeouts[1] < ms(6_000));
}

#[test]
fn a_wrong_clock_is_corrected_once_and_stays_corrected() {
    let expired = |unix| Reply::With("AuthFailure.SignatureExpire", vec![("Date", date(unix))]);
    let set = set(&[expired(NOW + 4_000), Reply::Result("0")], |_| {});
    assert_eq!(set.verify().expect("an answer").attempts, 2);
    set.time.jump_to(3);
    assert_eq!(set.verify().expect("an answer").attempts, 1);
    assert_eq!(set.timestamps(), [NOW, NOW + 4_000, NOW + 4_000]);
}

#[test]
fn the_clock_of_the_service_decides_a_birth_date() {
    let expired = Reply::With("AuthFailure.SignatureExpire", vec![("Date", date(NOW))]);
    let set = set(&[expired, Reply::Result("-5")], |_| {});
    let born_in_2050 = || {
        let request = VerifyRequest::new("440305205005132563", "Liu Yang");
        block_on(set.client.verify(request))
    };
    // A machine whose clock stands in 1970 refuses nobody by it.
    set.time.jump_to(3);
    assert_eq!(born_in_2050().expect("an answer").attempts, 2);
    let refused = born_in_2050().expect_err("the service's clock shows 2027");
    let problem = InputProblem::DateInFuture;
    assert!(matches!(refused, Error::InvalidInput { problem: given, .. } if given == problem));
    assert_eq!(set.requests(), 2);
}

#[test]
fn a_clock_that_no_answer_can_correct_is_not_tried_again() {
    let expired = |unix| Reply::With("AuthFailure.SignatureExpire", vec![("Date", date(unix))]);
    for (replies, requests) in [
        // The service's date is ours, so correcting helps nothing.
        (vec![expired(NOW)], 1),
        // It moves away each time.
        (
            vec![
                expired(NOW + 4_000),
                expired(NOW + 8_000),
                expired(NOW + 12_000),
            ],
            2,
        ),
        (vec![expired(5)], 1),
    ] {
        let set = set(&replies, |_| {});
        let error = set.verify().expect_err("expired");
        assert_eq!(
            (error.attempts(), set.requests()),
            (requests, requests as usize)
        );
    }
}

/// A backend whose clock is right, wherever the device's stands.
struct Backend {
    time: u64,
    /// Whether it signs the time that it is asked for, if that is near enough, as one without
    /// `sign_digest` may.
    is_strict: bool,
}

#[async_trait::async_trait]
impl RemoteSigner for Backend {
    async fn sign(&self, request: SigningRequest) -> Result<RemoteSignature, SignerError> {
        if self.is_strict && request.timestamp.abs_diff(self.time) > 300 {
            return Err(SignerError::Unavailable {
                reason: "its time is far off".to_owned(),
            });
        }
        Ok(RemoteSignature {
            authorization: "TC3".to_owned(),
            token: None,
            timestamp: (!self.is_strict).then_some(self.time),
        })
    }
}

fn signed_by(backend: Backend, replies: &[Reply]) -> Set {
    set(replies, |config| {
        config.auth = Auth::remote_signer(backend);
    })
}

#[test]
fn the_clock_of_a_device_locks_nobody_out() {
    let elsewhere = NOW + 100_000;
    let set = signed_by(
        Backend {
            time: elsewhere,
            is_strict: false,
        },
        &[Reply::Result("0")],
    );
    for _ in 0..2 {
        assert!(set.verify().is_ok());
    }
    assert_eq!(set.timestamps(), [elsewhere; 2]);
}

#[test]
fn a_wrong_date_locks_nobody_out() {
    // A good answer, and a refusal, whose dates are hours ahead.
    for wrong in ["InvalidParameter", "AuthFailure.SignatureExpire"] {
        let ahead = Reply::With(wrong, vec![("Date", date(NOW + 40_000))]);
        let backend = Backend {
            time: NOW,
            is_strict: true,
        };
        let set = signed_by(backend, &[ahead, Reply::Result("0")]);
        let _ = set.verify();
        let _ = set.verify();
        assert!(set.verify().is_ok(), "{wrong}");
    }
}

#[test]
fn results_are_values() {
    let set = set(&[Reply::Result("0"), Reply::Result("tomorrow")], |_| {});
    let result = set.verify().expect("an answer").result;
    let words = std::collections::HashMap::from([(ResultCode::Match, "a match")]);
    assert_eq!(
        (result, words.get(&result)),
        (ResultCode::Match, Some(&"a match"))
    );
    let tomorrow = set.verify().expect("an answer");
    assert_eq!(
        (tomorrow.result, tomorrow.code.as_str()),
        (ResultCode::Unknown, "tomorrow")
    );
}

#[test]
fn a_page_of_somebody_between_teaches_no_time() {
    let page = Reply::Page("{}", vec![("Date", date(NOW + 4_000))]);
    let set = set(&[page, Reply::Result("0")], |_| {});
    let _ = set.verify();
    assert!(set.verify().is_ok());
    assert_eq!(set.timestamps(), [NOW, NOW]);
}

/// Hands out tokens by number; the second time the same, if it shall.
struct Provider {
    asked: Mutex<Vec<bool>>,
    rotates: bool,
}

#[async_trait::async_trait]
impl CredentialsProvider for Provider {
    async fn provide(
        &self,
        refused: Option<Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, ProviderError> {
        let mut asked = self.asked.lock().expect("asked");
        asked.push(refused.is_some());
        let number = if self.rotates { asked.len() } else { 1 };
        let keys = Credentials::new("AKIDinvented", "an invented key");
        keys.and_then(|keys| keys.with_token(format!("token-{number}")))
            .map(Arc::new)
            .map_err(|_| ProviderError::Unavailable {
                reason: "none".to_owned(),
            })
    }
}

#[test]
fn a_refused_token_is_refreshed_once() {
    for (rotates, replies, requests, succeeds) in [
        (
            true,
            vec![Reply::Error("AuthFailure.TokenFailure"), Reply::Result("0")],
            2,
            true,
        ),
        (
            true,
            vec![Reply::Error("AuthFailure.TokenFailure")],
            2,
            false,
        ),
        (
            false,
            vec![Reply::Error("AuthFailure.TokenFailure"), Reply::Result("0")],
            1,
            false,
        ),
    ] {
        let provider = Arc::new(Provider {
            asked: Mutex::default(),
            rotates,
        });
        let set = set(&replies, |config| {
            config.auth = Auth::Provider {
                provider: Arc::clone(&provider) as _,
            };
        });
        let outcome = set.verify();
        assert_eq!((outcome.is_ok(), set.requests()), (succeeds, requests));
        assert_eq!(*provider.asked.lock().expect("asked"), [false, true]);
        if let Err(error) = outcome {
            assert!(
                matches!(error, Error::Service { ref code, .. } if code == "AuthFailure.TokenFailure"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_charged_answer_is_kept_as_long_as_the_caller_says() {
    let set = set(&[Reply::Result("-1")], |config| {
        config.cache_ttl = Some(ms(60_000))
    });
    assert_eq!(set.verify().expect("asked").origin, Origin::Service);
    let kept = set.verify().expect("kept");
    assert_eq!(
        (kept.charge, kept.attempts, kept.origin),
        (Charge::NotCharged, 0, Origin::Remembered)
    );
    assert_eq!(kept.result, ResultCode::Mismatch);
    let fresh = CallOptions {
        fresh: true,
        ..CallOptions::default()
    };
    assert_eq!(
        set.verify_with(fresh).expect("asked").origin,
        Origin::Service
    );
    set.time.pass(ms(60_000));
    assert_eq!(set.verify().expect("asked").origin, Origin::Service);
    assert_eq!(set.requests(), 3);
}

#[test]
fn a_free_answer_is_not_kept() {
    let set = set(&[Reply::Result("-5"), Reply::Result("0")], |config| {
        config.cache_ttl = Some(ms(60_000))
    });
    assert_eq!(set.verify().expect("asked").result, ResultCode::NotOnRecord);
    assert_eq!(set.verify().expect("asked").result, ResultCode::Match);
}

#[test]
fn a_daily_limit_is_remembered_until_midnight_in_beijing() {
    let set = set(&[Reply::Result("-7"), Reply::Result("0")], |_| {});
    assert_eq!(set.verify().expect("asked").origin, Origin::Service);
    set.time.pass(Duration::from_secs(8 * 3_600 - 1));
    let kept = set.verify().expect("kept");
    assert_eq!(
        (kept.result, kept.origin),
        (ResultCode::DailyLimitReached, Origin::Remembered)
    );
    set.time.pass(Duration::from_secs(1));
    assert_eq!(set.verify().expect("asked").result, ResultCode::Match);
    let forgetful = self::set(&[Reply::Result("-7")], |config| {
        config.remember_daily_limits = false
    });
    for _ in 0..2 {
        assert_eq!(forgetful.verify().expect("asked").origin, Origin::Service);
    }
}

#[test]
fn waiting_for_the_quota_ends_with_the_timeout_and_costs_nothing() {
    let set = set(&[Reply::Result("-5")], |config| {
        config.requests_per_second = Some(1);
        config.timeout = Some(ms(500));
    });
    assert!(set.verify().is_ok());
    let error = set.verify().expect_err("no time");
    assert!(
        matches!(
            error,
            Error::Network {
                failure: NetworkFailure::Timeout,
                detail: None,
                sent: false,
                charge: Charge::NotCharged,
                attempts: 0
            }
        ),
        "{error}"
    );
    assert_eq!(set.requests(), 1);
}

#[test]
fn the_stats_add_up() {
    let set = set(
        &[
            Reply::Result("-4"),
            Reply::Result("0"),
            Reply::Error("InternalError"),
        ],
        |_| {},
    );
    let _ = set.verify();
    let _ = set.verify();
    let stats = set.client.stats();
    assert_eq!((stats.calls, stats.requests, stats.retries), (2, 3, 1));
    assert_eq!(
        (
            stats.charged,
            stats.not_charged,
            stats.unknown,
            stats.abandoned
        ),
        (1, 0, 1, 0)
    );
    assert_eq!(
        stats.latency.iter().map(|bucket| bucket.calls).sum::<u64>(),
        2
    );
}

#[test]
fn the_longest_times_end_nothing_but_the_call() {
    let a_day = Duration::from_secs(86_400);
    let ages = u64::MAX.to_string();
    let absurd = Reply::With("RequestLimitExceeded", vec![("Retry-After", ages)]);
    let set = set(&[absurd, Reply::Result("0")], |config| {
        config.cache_ttl = Some(a_day * 366);
        config.retry = Some(RetryPolicy {
            base_delay: Some(a_day),
            max_delay: Some(a_day),
            ..RetryPolicy::default()
        });
    });
    assert_eq!(set.verify().expect_err("a wait for ever").attempts(), 1);
    assert!(set.verify().is_ok());
    assert_eq!(set.verify().expect("kept").origin, Origin::Remembered);
}

#[test]
fn a_time_that_cannot_be_is_a_configuration_error() {
    let set = set(&[Reply::Result("0")], |_| {});
    let refused = |change: &dyn Fn(&mut CallOptions)| {
        let mut options = CallOptions::default();
        change(&mut options);
        let refused = set.verify_with(options);
        assert!(
            matches!(refused, Err(Error::Configuration { .. })),
            "{refused:?}"
        );
    };
    for timeout in [Duration::MAX, Duration::from_secs(86_401), Duration::ZERO] {
        refused(&|options| options.timeout = Some(timeout));
    }
    let policy = |base_delay, max_delay| RetryPolicy {
        base_delay,
        max_delay,
        ..RetryPolicy::default()
    };
    refused(&|options| options.retry = Some(policy(Some(Duration::MAX), None)));
    refused(&|options| options.retry = Some(policy(None, Some(Duration::MAX))));
    assert_eq!(set.requests(), 0);

    let keys = || Credentials::new("AKIDinvented", "an invented key").expect("keys");
    let mut config = ClientConfig::new(Site::International, keys());
    config.cache_ttl = Some(Duration::MAX);
    assert!(matches!(
        Client::new(config),
        Err(Error::Configuration { .. })
    ));
}
