//! What is repeated, when, and how long a call may take.

use super::*;

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
        set.time.set_jitter(0.0);
        let answer = set.verify().expect("a late success wins");
        assert_eq!(answer.result, ResultCode::Match);
        assert_eq!((answer.charge, answer.attempts), (Charge::Charged, 3));
        assert_eq!(set.time.slept()[..2], [ms(100), ms(200)]);
    }
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
fn waiting_for_the_rate_limit_ends_with_the_timeout_and_costs_nothing() {
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
    assert_eq!(set.verify().expect("kept").origin, AnswerOrigin::Remembered);
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
