//! What a call says it cost.

use super::*;

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
