//! The books: what may have been charged stays on them until the bill says otherwise, however often somebody is asked
//! again, and whatever the client, an earlier journal or a fork would do.

mod common;

use common::{account, charged, client, client_with, identity, number, place, run, sandbox};
use idcard_bulk::journal::Durability;
use idcard_bulk::{BulkError, Control, End, JournalLedger, Reader, Report};
use idcard_verification::{
    Charge, ClaimState, Ledger, LedgerClaim, LedgerError, LedgerOutcome, RetryPolicy,
};
use std::sync::Mutex;
use std::time::Duration;

const KEY: &[u8] = b"an invented key of a ledger";

fn reread(place: &common::Place) -> (Report, usize) {
    let reader = Reader::open(place.open(), &place.options).expect("both");
    let unknown = reader.unknown().expect("a list").len();
    (reader.report(None).expect("a report"), unknown)
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_begins_asks_nobody() {
    let sandbox = sandbox().await;
    let account = account("stopped");
    let place = place((0..300).map(number));
    let (bulk, control) = (place.begin(), Control::default());
    control.drain();
    let client = client(&sandbox.url(), &account);
    let ended = bulk.run(&client, &control, |_| {}).await.expect("it runs");
    assert_eq!(ended.end, End::Interrupted { aborted: false });
    assert_eq!(
        (ended.progress.asked, ended.progress.totals.charged),
        (0, 0)
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn what_became_unknown_in_a_run_is_not_asked_again_in_it() {
    let sandbox = sandbox().await;
    let account = account("daring");
    let mut place = place([
        identity("fault:reset"),
        identity("error:RequestLimitExceeded"),
        number(1),
        number(2),
    ]);
    place.options.retry_unknown = true;
    run(&place.begin(), &client(&sandbox.url(), &account)).await;
    assert_eq!(charged(&sandbox, &account, &identity("fault:reset")), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_free_failure_does_not_make_up_for_an_unknown_charge() {
    let sandbox = sandbox().await;
    let account = account("debt");
    let mut place = place([identity("fault:reset"), number(1)]);
    let (good, who) = (client(&sandbox.url(), &account), identity("fault:reset"));
    run(&place.begin(), &good).await;
    // Asked again while there is no network, and once while the run is stopped before it can.
    place.options.retry_unknown = true;
    let dead = client("http://127.0.0.1:9", &account);
    let bulk = place.resume();
    run(&bulk, &dead).await;
    let control = Control::default();
    control.abort();
    bulk.run(&good, &control, |_| {}).await.expect("it runs");
    let live = bulk.report(None).expect("a report");
    drop(bulk);
    let (replayed, listed) = reread(&place);
    assert_eq!(live, replayed);
    assert_eq!((live.unknown, live.charges.unknown, listed), (1, 1, 1));
    place.options.retry_unknown = false;
    let ended = run(&place.resume(), &good).await;
    assert_eq!(ended.progress.asked, 0);
    assert_eq!(charged(&sandbox, &account, &who), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn each_request_of_unknown_charge_is_settled() {
    let sandbox = sandbox().await;
    let account = account("each");
    let mut place = place([identity("fault:reset")]);
    let client = client(&sandbox.url(), &account);
    run(&place.begin(), &client).await;
    place.options.retry_unknown = true;
    let bulk = place.resume();
    run(&bulk, &client).await;
    assert_eq!(bulk.ledger().totals().unknown, 2);
    drop(bulk);
    let reader = Reader::open(place.open(), &place.options).expect("both");
    let unknown = reader.unknown().expect("a list");
    assert_eq!(unknown.len(), 2);
    let (one, other) = (&unknown[0].key, &unknown[1].key);
    let bulk = place.resume();
    let said = format!("key,charged\n{one},yes\n{other},no\n{other},no\n");
    assert_eq!(bulk.settle(said.as_bytes()).await.expect("settled"), 2);
    let totals = bulk.ledger().totals();
    assert_eq!((totals.charged, totals.unknown), (1, 0));
    let live = bulk.report(None).expect("a report");
    drop(bulk);
    assert_eq!(reread(&place), (live, 0));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_clients_policy_does_not_dare_for_the_run() {
    let sandbox = sandbox().await;
    let account = account("policy");
    let place = place([identity("fault:reset"), number(1)]);
    let client = client_with(&sandbox.url(), &account, |config| {
        let mut retry = RetryPolicy::default().with_base_delay(Duration::from_millis(2));
        retry.retry_unknown_charge = true;
        config.with_retry(retry)
    });
    let ended = run(&place.begin(), &client).await;
    assert_eq!(charged(&sandbox, &account, &identity("fault:reset")), 1);
    assert_eq!(ended.progress.totals.unknown, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn what_an_earlier_journal_has_as_unknown_is_not_asked_without_it() {
    let sandbox = sandbox().await;
    let account = account("earlier");
    let earlier = place([identity("fault:reset")]);
    let (good, who) = (client(&sandbox.url(), &account), identity("fault:reset"));
    run(&earlier.begin(), &good).await;
    let mut later = place([identity("fault:reset"), number(5)]);
    later.options.known = vec![earlier.options.journal.clone()];
    run(&later.begin(), &good).await;
    assert_eq!(reread(&later).0.elsewhere, 1);
    let known = std::mem::take(&mut later.options.known);
    let ended = run(&later.resume(), &good).await;
    assert_eq!(ended.progress.asked, 0);
    assert_eq!(charged(&sandbox, &account, &who), 1);
    // The bill says that it was free: that journal's run asks again, and this one too.
    let (_, key) = {
        let reader = Reader::open(earlier.open(), &earlier.options).expect("both");
        let unknown = reader.unknown().expect("a list");
        (unknown[0].row, unknown[0].key.clone())
    };
    let said = format!("key,charged\n{key},no\n");
    let bulk = earlier.resume();
    bulk.settle(said.as_bytes()).await.expect("settled");
    drop(bulk);
    later.options.known = known;
    let ended = run(&later.resume(), &good).await;
    assert_eq!(ended.progress.asked, 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_report_in_the_middle_of_a_run_is_one() {
    let sandbox = sandbox().await;
    let account = account("live");
    let mut place = place((0..1_500).map(number));
    place.options.durability = Durability::Power;
    place.options.progress_interval = Duration::from_millis(3);
    let client = client(&sandbox.url(), &account);
    let bulk = place.begin();
    let control = Control::default();
    let reports = Mutex::new(Vec::new());
    let tell = |_: &idcard_bulk::Progress| {
        let report = bulk.report(None).expect("a report");
        reports.lock().expect("reports").push(report.matches);
    };
    bulk.run(&client, &control, tell).await.expect("it runs");
    let reports = reports.into_inner().expect("reports");
    assert!(reports.is_sorted() && reports.len() > 3, "{reports:?}");
    // Nobody runs it twice at a time.
    let again = bulk.run(&client, &control, |_| {});
    let (one, other) = tokio::join!(again, bulk.run(&client, &control, |_| {}));
    assert!(one.is_ok() && matches!(other, Err(BulkError::Running)));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_low_rate_limit_does_not_end_the_run_by_its_own_queue() {
    let sandbox = sandbox().await;
    let account = account("slow");
    let mut place = place((0..60).map(number));
    place.options.max_errors = 1;
    let client = client_with(&sandbox.url(), &account, |config| {
        let config = config.with_requests_per_second(40_u32);
        config.with_timeout(Duration::from_millis(500))
    });
    let ended = run(&place.begin(), &client).await;
    assert_eq!(ended.end, End::Complete);
    assert_eq!(ended.progress.totals.charged, 60);
    sandbox.stop().await;
}

fn claim(key: u128, owner: &str) -> LedgerClaim {
    LedgerClaim {
        key: format!("{key:032x}"),
        owner: owner.to_owned(),
    }
}

fn outcome(result: &str, id: &str) -> LedgerOutcome {
    LedgerOutcome {
        charge: Charge::Charged,
        result: Some(result.to_owned()),
        error: None,
        request_id: Some(id.to_owned()),
        attempts: 1,
        uncertain_attempts: 0,
    }
}

#[tokio::test]
async fn whatever_the_service_writes_fits_into_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("calls.journal");
    for _ in 0..2 {
        let ledger = JournalLedger::open(&path, KEY, Durability::Process).expect("a journal");
        for key in 1..5 {
            let claimed = ledger.claim(claim(key, "a")).await.expect("an answer");
            if claimed == ClaimState::Mine {
                let long = outcome("0", &"x".repeat(70_000));
                ledger.settle(claim(key, "a"), long).await.expect("written");
            }
        }
        assert_eq!(ledger.totals().charged, 4);
    }
}

#[tokio::test]
async fn an_answer_that_is_being_written_is_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("calls.journal");
    let ledger = JournalLedger::open(&path, KEY, Durability::Power).expect("a journal");
    for key in 0..50 {
        ledger.claim(claim(key, "a")).await.expect("claimed");
        let settled = ledger.settle(claim(key, "a"), outcome("0", "x"));
        let (settled, told) = tokio::join!(settled, ledger.claim(claim(key, "b")));
        settled.expect("written");
        let told = told.expect("an answer");
        assert!(matches!(told, ClaimState::Settled { .. }), "{told:?}");
    }
}

/// Both would write as if they were alone, and one would be given the other's verdict.
#[cfg(unix)]
#[test]
#[allow(unsafe_code, reason = "to fork")]
fn after_a_fork_the_child_has_no_journal() {
    for durability in [Durability::Process, Durability::Power] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("calls.journal");
        let ledger = JournalLedger::open(&path, KEY, durability).expect("a journal");
        let block_on = |future| {
            futures_executor::block_on::<std::pin::Pin<Box<dyn Future<Output = _>>>>(future)
        };
        // SAFETY: the child calls what it may, and leaves without the parent's clean-up.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let told = block_on(Box::pin(ledger.claim(claim(1, "child"))));
            let is_refused = matches!(told, Err(LedgerError::Unavailable { .. }));
            drop(ledger);
            // SAFETY: as above.
            unsafe { libc::_exit(i32::from(!is_refused)) };
        }
        let mut status = 0;
        // SAFETY: the child is this process's.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(status, 0, "{durability:?}: the child was not refused");
        assert!(folder.path().join("calls.journal.reserve").exists());
        let told = block_on(Box::pin(ledger.claim(claim(1, "parent"))));
        assert_eq!(told, Ok(ClaimState::Mine));
        let second = JournalLedger::open(&path, KEY, durability);
        assert!(second.is_err(), "the parent holds it");
    }
}
