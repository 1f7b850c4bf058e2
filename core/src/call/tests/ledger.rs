//! Calls that are claimed in a ledger.

use super::*;
use crate::{
    CancelHandle, ClaimState, Ledger, LedgerClaim, LedgerConfig, LedgerError, LedgerKeys,
    LedgerOutcome, LedgerProblem, MemoryLedger,
};

const KEY: &[u8] = b"an invented key of a ledger";

fn with(ledger: &Arc<MemoryLedger>) -> impl FnOnce(&mut ClientConfig) {
    let ledger = Arc::clone(ledger);
    move |config| config.ledger = Some(LedgerConfig::shared(ledger, KEY))
}

fn problem(outcome: Result<Verification, Error>) -> LedgerProblem {
    match outcome.expect_err("it is refused") {
        error @ Error::Ledger { problem, .. } => {
            assert_eq!((error.charge(), error.attempts()), (Charge::NotCharged, 0));
            problem
        }
        other => panic!("{other}"),
    }
}

#[test]
fn what_was_charged_is_asked_once_whoever_asks() {
    let ledger = MemoryLedger::new();
    let first = set(&[Reply::Result("-1")], with(&ledger));
    let paid = first.verify().expect("asked");
    assert_eq!((paid.charge, paid.attempts), (Charge::Charged, 1));
    let second = set(&[Reply::Result("0")], with(&ledger));
    for options in [
        CallOptions::default(),
        CallOptions::default().with_fresh(true),
    ] {
        let kept = second.verify_with(options).expect("kept");
        assert_eq!(kept.result, ResultCode::Mismatch);
        assert_eq!(kept.request_id, paid.request_id);
        assert_eq!(
            (kept.charge, kept.attempts, kept.origin),
            (Charge::NotCharged, 0, AnswerOrigin::Remembered)
        );
    }
    assert_eq!((first.requests(), second.requests()), (1, 0));
    assert!(ledger.open_claims().is_empty());
}

#[test]
fn what_was_free_is_asked_again() {
    let ledger = MemoryLedger::new();
    let set = set(
        &[
            Reply::Result("-5"),
            Reply::Error("AuthFailure.SignatureFailure"),
            Reply::Failure(NetworkFailure::Connect, false),
            Reply::Result("0"),
        ],
        |config| {
            with(&ledger)(config);
            config.retry = Some(RetryPolicy::default().with_max_attempts(1));
        },
    );
    assert_eq!(set.verify().expect("asked").result, ResultCode::NotOnRecord);
    set.verify().expect_err("refused by the service");
    set.verify().expect_err("not sent");
    assert_eq!(set.verify().expect("asked").result, ResultCode::Match);
    assert_eq!(set.requests(), 4);
}

#[test]
fn what_is_of_unknown_charge_is_not_asked_again_until_somebody_says_so() {
    let ledger = MemoryLedger::new();
    let set = set(
        &[
            Reply::Failure(NetworkFailure::Timeout, true),
            Reply::Result("0"),
        ],
        with(&ledger),
    );
    assert_eq!(set.verify().expect_err("lost").charge(), Charge::Unknown);
    assert_eq!(problem(set.verify()), LedgerProblem::OpenClaim);
    let open = ledger.open_claims();
    let keys = LedgerKeys::new(KEY, Site::International).expect("a key");
    let key = keys.of_request(&VerifyRequest::new("440305199505132561", "Liu Yang"));
    assert_eq!(open, [crate::sign::hex(&key)]);
    ledger.release(open[0].clone());
    assert_eq!(set.verify().expect("asked").result, ResultCode::Match);
    // What is settled is not released.
    ledger.release(open[0].clone());
    assert_eq!(set.verify().expect("kept").origin, AnswerOrigin::Remembered);
    assert_eq!(set.requests(), 2);
}

/// Says what it is told to, and notes what it was asked.
#[derive(Default)]
struct Scripted {
    claim: Option<LedgerError>,
    settle: Option<LedgerError>,
    hangs: bool,
    asked: Mutex<Vec<String>>,
    script: Mutex<Option<Arc<Script>>>,
}

impl Scripted {
    fn note(&self, what: &str) {
        let script = self.script.lock().expect("script");
        let sent = script
            .as_ref()
            .map_or(0, |script| script.requests.lock().expect("requests").len());
        let asked = &mut self.asked.lock().expect("asked");
        asked.push(format!("{what} after {sent}"));
    }
}

#[async_trait::async_trait]
impl Ledger for Scripted {
    async fn claim(&self, _: LedgerClaim) -> Result<ClaimState, LedgerError> {
        self.note("claimed");
        if self.hangs {
            std::future::pending::<()>().await;
        }
        self.claim.clone().map_or(Ok(ClaimState::Mine), Err)
    }

    async fn settle(&self, _: LedgerClaim, outcome: LedgerOutcome) -> Result<(), LedgerError> {
        self.note(&format!("settled {} {:?}", outcome.charge, outcome.error));
        self.settle.clone().map_or(Ok(()), Err)
    }
}

fn scripted(replies: &[Reply], ledger: Scripted) -> (Set, Arc<Scripted>) {
    let ledger = Arc::new(ledger);
    let set = set(replies, |config| {
        config.ledger = Some(LedgerConfig::shared(Arc::clone(&ledger) as _, KEY));
    });
    *ledger.script.lock().expect("script") = Some(Arc::clone(&set.script));
    (set, ledger)
}

fn unavailable() -> Option<LedgerError> {
    let reason = "the disk is full".to_owned();
    Some(LedgerError::Unavailable { reason })
}

#[test]
fn a_call_is_claimed_once_before_its_first_request_and_settled_once() {
    let replies = [
        Reply::Error("RequestLimitExceeded"),
        Reply::Result("-4"),
        Reply::Result("0"),
    ];
    let (set, ledger) = scripted(&replies, Scripted::default());
    set.verify().expect("asked");
    assert_eq!(
        *ledger.asked.lock().expect("asked"),
        ["claimed after 0", "settled charged None after 3"]
    );
}

#[test]
fn a_ledger_that_cannot_be_asked_lets_nothing_leave() {
    let (set, ledger) = scripted(
        &[Reply::Result("0")],
        Scripted {
            claim: unavailable(),
            ..Scripted::default()
        },
    );
    let error = set.verify().expect_err("refused");
    assert_eq!(
        error.to_string(),
        "ledger: it could not be asked: the disk is full"
    );
    assert_eq!(set.requests(), 0);
    assert_eq!(
        *ledger.asked.lock().expect("asked"),
        [
            "claimed after 0",
            "settled not charged Some(\"ledger unavailable\") after 0"
        ]
    );
}

#[test]
fn an_answer_that_the_ledger_does_not_take_is_the_callers_all_the_same() {
    let (set, _) = scripted(
        &[Reply::Result("0")],
        Scripted {
            settle: unavailable(),
            ..Scripted::default()
        },
    );
    assert_eq!(set.verify().expect("asked").charge, Charge::Charged);
}

#[test]
fn a_cancelled_call_is_settled_as_far_as_it_came() {
    let cancel = CancelHandle::new();
    let (set, ledger) = scripted(
        &[Reply::Result("0")],
        Scripted {
            hangs: true,
            ..Scripted::default()
        },
    );
    let options = CallOptions::default().with_cancel(Arc::clone(&cancel));
    std::thread::scope(|scope| {
        let call = scope.spawn(|| set.verify_with(options));
        while ledger.asked.lock().expect("asked").is_empty() {
            std::thread::yield_now();
        }
        cancel.cancel();
        let ended = call.join().expect("no panic");
        assert!(matches!(ended, Err(Error::Cancelled { sent: false, .. })));
    });
    // The ledger may have made the claim all the same.
    assert_eq!(
        *ledger.asked.lock().expect("asked"),
        [
            "claimed after 0",
            "settled not charged Some(\"cancelled\") after 0"
        ]
    );
}

#[test]
fn a_short_key_is_refused() {
    let keys = Credentials::new("AKIDinvented", "an invented key").expect("keys");
    let ledger = LedgerConfig::shared(MemoryLedger::new(), b"short".as_slice());
    assert!(!format!("{ledger:?}").contains("115"), "the key is printed");
    let config = ClientConfig::new(Site::International, keys).with_ledger(ledger);
    let error = Client::new(config).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "configuration: ledger: its key has less than 16 bytes"
    );
}

#[test]
fn who_claims_again_is_told_the_same_and_nobody_else_settles() {
    let ledger = MemoryLedger::new();
    let claim = |owner: &str| LedgerClaim {
        key: "k".to_owned(),
        owner: owner.to_owned(),
    };
    let outcome = |charge| LedgerOutcome {
        charge,
        result: Some("0".to_owned()),
        error: None,
        request_id: None,
        attempts: 1,
        uncertain_attempts: 0,
    };
    assert_eq!(block_on(ledger.claim(claim("a"))), Ok(ClaimState::Mine));
    assert_eq!(block_on(ledger.claim(claim("a"))), Ok(ClaimState::Mine));
    assert_eq!(block_on(ledger.claim(claim("b"))), Ok(ClaimState::Open));
    let settled = block_on(ledger.settle(claim("b"), outcome(Charge::NotCharged)));
    assert_eq!(settled, Err(LedgerError::NotTheOwner));
    assert_eq!(block_on(ledger.claim(claim("b"))), Ok(ClaimState::Open));
    block_on(ledger.settle(claim("a"), outcome(Charge::Charged))).expect("its own");
    block_on(ledger.settle(claim("a"), outcome(Charge::NotCharged))).expect("its own");
    assert_eq!(
        block_on(ledger.claim(claim("b"))),
        Ok(ClaimState::Settled {
            outcome: outcome(Charge::Charged)
        })
    );
}
