//! The service's time, from its answers.

use super::*;

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
fn a_page_of_somebody_between_teaches_no_time() {
    let page = Reply::Page("{}", vec![("Date", date(NOW + 4_000))]);
    let set = set(&[page, Reply::Result("0")], |_| {});
    let _ = set.verify();
    assert!(set.verify().is_ok());
    assert_eq!(set.timestamps(), [NOW, NOW]);
}
