//! Answers that are kept, and limits that are remembered.

use super::*;

#[test]
fn a_charged_answer_is_kept_as_long_as_the_caller_says() {
    let set = set(&[Reply::Result("-1")], |config| {
        config.cache_ttl = Some(ms(60_000))
    });
    assert_eq!(set.verify().expect("asked").origin, AnswerOrigin::Service);
    let kept = set.verify().expect("kept");
    assert_eq!(
        (kept.charge, kept.attempts, kept.origin),
        (Charge::NotCharged, 0, AnswerOrigin::Remembered)
    );
    assert_eq!(kept.result, ResultCode::Mismatch);
    let fresh = CallOptions {
        fresh: true,
        ..CallOptions::default()
    };
    assert_eq!(
        set.verify_with(fresh).expect("asked").origin,
        AnswerOrigin::Service
    );
    set.time.pass(ms(60_000));
    assert_eq!(set.verify().expect("asked").origin, AnswerOrigin::Service);
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
    assert_eq!(set.verify().expect("asked").origin, AnswerOrigin::Service);
    set.time.pass(Duration::from_secs(8 * 3_600 - 1));
    let kept = set.verify().expect("kept");
    assert_eq!(
        (kept.result, kept.origin),
        (ResultCode::DailyLimitReached, AnswerOrigin::Remembered)
    );
    set.time.pass(Duration::from_secs(1));
    assert_eq!(set.verify().expect("asked").result, ResultCode::Match);
    let forgetful = self::set(&[Reply::Result("-7")], |config| {
        config.remember_daily_limits = false
    });
    for _ in 0..2 {
        assert_eq!(
            forgetful.verify().expect("asked").origin,
            AnswerOrigin::Service
        );
    }
}
