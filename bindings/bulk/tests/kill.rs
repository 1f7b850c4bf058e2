//! A run that is killed at any moment, and resumed: nobody is paid for twice, and the books agree.
//!
//! The run is a process of its own, this file again. `KILL_ROWS` says how many people (2,000 by itself), `KILL_TIMES` how
//! often it is killed at least (20), `KILL_SEED` repeats a run. The mutation is a ledger that lets a request leave
//! before its intent is written; it has to be found out.

#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "it says how to repeat the run")]

mod common;

use common::{NAME, account, client_with, number, options, run, sandbox, set, write_people};
use idcard_bulk::input::{Input, InputOptions};
use idcard_bulk::journal::Durability;
use idcard_bulk::{Bulk, BulkOptions, Control, End, JournalLedger, Report};
use idcard_sandbox::{Random, Sandbox, identity_key};
use idcard_verification::{ClaimState, Ledger, LedgerClaim, LedgerError, LedgerOutcome};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// What the run's process is told: the input, the sandbox and the account.
const RUN: &str = "KILL_RUN";
const MUTATED: &str = "KILL_MUTATED";
/// Faults of which each may happen to any row, and none concerns all of them.
const MENU: &str = r#"["fault:reset","fault:garbage","fault:slow","fault:http-502","fault:http-429","error:InternalError","error:RequestLimitExceeded","result:-4","result:-1","result:-5","fault:truncated","fault:internal-error-charged"]"#;

fn number_of(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|given| given.parse().ok()).unwrap_or(usual)
}

fn seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    number_of("KILL_SEED", since.map_or(1, |since| since.as_secs()))
}

/// Writes an intent a moment after it has said that it did.
struct Late(Arc<JournalLedger>);

#[async_trait::async_trait]
impl Ledger for Late {
    async fn claim(&self, claim: LedgerClaim) -> Result<ClaimState, LedgerError> {
        let journal = Arc::clone(&self.0);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(40)).await;
            let _ = journal.claim(claim).await;
        });
        Ok(ClaimState::Mine)
    }

    async fn settle(&self, claim: LedgerClaim, outcome: LedgerOutcome) -> Result<(), LedgerError> {
        tokio::time::sleep(Duration::from_millis(60)).await;
        self.0.settle(claim, outcome).await
    }
}

fn settings(input: &Path) -> BulkOptions {
    let mut options = options(input);
    options.concurrency = 20;
    if number_of("KILL_POWER", 0) > 0 {
        options.durability = Durability::Power;
    }
    options
}

fn open(input: &Path) -> Bulk {
    let options = settings(input);
    let opened = Input::open(input, InputOptions::default()).expect("readable");
    if options.journal.exists() {
        Bulk::resume(opened, options).expect("it can always be resumed")
    } else {
        Bulk::begin(opened, options).expect("it can begin")
    }
}

/// The run's process. In the usual run of the tests it does nothing.
#[tokio::test]
async fn the_process_that_is_killed() {
    let Ok(told) = std::env::var(RUN) else { return };
    let told: Vec<&str> = told.split(' ').collect();
    let client = client_with(told[1], told[2], |config| {
        config.with_requests_per_second(900_u32)
    });
    let bulk = open(Path::new(told[0]));
    if std::env::var(MUTATED).is_ok() {
        let late = Arc::new(Late(bulk.ledger()));
        let control = Control::default();
        let ended = bulk.run_with(&client, late, &control, |_| {}).await;
        ended.expect("it runs");
    } else {
        run(&bulk, &client).await;
    }
}

fn start(input: &Path, url: &str, account: &str, mutated: bool) -> Child {
    let mut process = Command::new(std::env::current_exe().expect("this file"));
    process
        .args(["the_process_that_is_killed", "--exact", "--nocapture"])
        .env(RUN, format!("{} {url} {account}", input.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::inherit());
    if mutated {
        process.env(MUTATED, "yes");
    }
    process.spawn().expect("a process")
}

/// What was found when all was done.
struct Books {
    kills: u64,
    /// People who were charged more than once.
    twice: u64,
    charges: u64,
    report: Report,
}

async fn killed(test: &str, rows: u64, kills: u64, mutated: bool) -> Books {
    let seed = seed();
    println!("KILL_SEED={seed}");
    let mut random = Random::new(seed);
    let (sandbox, account) = (sandbox().await, account(test));
    let chaos = format!(
        r#"{{"requests_per_second":0,"chaos":{{"seed":{seed},"percent":15,"menu":{MENU}}}}}"#
    );
    set(&sandbox.url(), &account, chaos).await;
    let folder = TempDir::new().expect("a folder");
    let input = folder.path().join("people.csv");
    write_people(&input, (0..rows).map(number));
    let mut killed = 0;
    while killed < kills {
        let mut child = start(&input, &sandbox.url(), &account, mutated);
        if random.below(4) == 0 {
            // While it begins, as likely as not.
            tokio::time::sleep(Duration::from_millis(random.below(60))).await;
        } else {
            let before = requests(&sandbox, &account);
            let enough = before + 1 + random.below(60);
            while requests(&sandbox, &account) < enough
                && child.try_wait().is_ok_and(|s| s.is_none())
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        child.kill().expect("it is there");
        let status = child.wait().expect("it ends");
        assert!(
            status.success() || status.signal() == Some(9),
            "a resumed run failed: {status}"
        );
        killed += u64::from(status.signal() == Some(9));
    }
    // What was given up on may still be on its way.
    tokio::time::sleep(Duration::from_millis(600)).await;
    set(
        &sandbox.url(),
        &account,
        r#"{"requests_per_second":0}"#.to_owned(),
    )
    .await;
    let client = client_with(&sandbox.url(), &account, |config| config);
    let bulk = open(&input);
    let ended = run(&bulk, &client).await;
    assert_eq!(ended.end, End::Complete);
    let report = bulk.report(None).expect("a report");
    let books = Books {
        kills: killed,
        twice: (0..rows)
            .filter(|row| sums(&sandbox, &account, *row) > 1)
            .count() as u64,
        charges: (0..rows).map(|row| sums(&sandbox, &account, row)).sum(),
        report,
    };
    sandbox.stop().await;
    books
}

fn requests(sandbox: &Sandbox, account: &str) -> u64 {
    sandbox.ledger().of_account(account).requests
}

fn sums(sandbox: &Sandbox, account: &str, row: u64) -> u64 {
    let whom = identity_key(&number(row), NAME);
    sandbox.ledger().of_identity(account, &whom).charged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_paid_for_twice_whenever_the_run_is_killed() {
    if std::env::var(RUN).is_ok() {
        return;
    }
    let rows = number_of("KILL_ROWS", 2_000);
    let books = killed("kill", rows, number_of("KILL_TIMES", 20), false).await;
    let report = &books.report;
    println!(
        "{} kills, {} charges; said: {} charged, {} unknown",
        books.kills, books.charges, report.charges.charged, report.charges.unknown
    );
    assert_eq!(books.twice, 0, "somebody was charged twice");
    let said = report.charges;
    assert!(
        (said.charged..=said.charged + said.unknown).contains(&books.charges),
        "charged {}, said {said:?}",
        books.charges
    );
    assert!(
        said.unknown > 0,
        "it was killed while nothing was under way"
    );
    let answered = report.matches + report.mismatches + report.inconclusive;
    assert_eq!(answered + report.unknown, rows, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_leaves_before_its_intent_is_found_out() {
    if std::env::var(RUN).is_ok() {
        return;
    }
    let books = killed("mutated", 2_000, 10, true).await;
    assert!(books.twice > 0, "the mutation was not found out");
}
