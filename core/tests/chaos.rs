//! Money under random faults: for every identity, what the sandbox's ledger charged is what the
//! client reported as charged, and at most as much more as it reported as unknown.
//!
//! `CHAOS_CALLS` says how many calls (2,000 by itself), `CHAOS_SEED` repeats a run.

use idcard_sandbox::{Options, Random, SECRET_ID, SECRET_KEY, Sandbox, identity_key};
use idcard_verification::{
    CallOptions, CancelHandle, Charge, Client, ClientConfig, Credentials, Error, RetryPolicy, Site,
    Verification, VerifyRequest, id_number,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

const PEOPLE: u64 = 200;
const WORKERS: u64 = 16;
const PERCENT: u64 = 60;

/// What the client said of one identity.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    charged: u64,
    unknown: u64,
}

/// Someone of the sandbox's crowd, who matches whatever the name.
fn person(number: u64) -> (String, String) {
    let first_17 = format!("00900019900101{number:03}");
    let check_digit = id_number::expected_check_digit(&first_17).expect("17 digits");
    (format!("{first_17}{check_digit}"), "林小满".to_owned())
}

fn seed() -> u64 {
    let given = std::env::var("CHAOS_SEED").ok();
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |since| since.as_secs())
    };
    given.and_then(|seed| seed.parse().ok()).unwrap_or_else(now)
}

fn calls() -> u64 {
    let given = std::env::var("CHAOS_CALLS").ok();
    given.and_then(|calls| calls.parse().ok()).unwrap_or(2_000)
}

/// Differences between the ledger and what was said, as sentences.
struct Verdict {
    wrong: Vec<String>,
    charged: u64,
    unknown: u64,
}

/// Calls at random against a sandbox that fails at random, then compares the books. A client that
/// `repeats_unknown` and does not tell is the mutation that this must find.
async fn run(calls: u64, seed: u64, repeats_unknown: bool) -> Verdict {
    let options = Options {
        requests_per_second: None,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
    let account = format!("{SECRET_ID}-chaos");
    let settings =
        format!(r#"{{"requests_per_second":0,"chaos":{{"seed":{seed},"percent":{PERCENT}}}}}"#);
    put(&sandbox, &account, settings).await;

    let said: Arc<Mutex<HashMap<u64, Said>>> = Arc::default();
    let client = client(&sandbox, &account, repeats_unknown);
    let left = Arc::new(AtomicU64::new(calls));
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (said, client, left) = (Arc::clone(&said), client.clone(), Arc::clone(&left));
        let mut random = Random::new(seed ^ (worker + 1).wrapping_mul(0x9e37_79b9));
        workers.spawn(async move {
            while left
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
            {
                let whom = random.below(PEOPLE);
                let outcome = call(&client, whom, &mut random).await;
                let mut said = said.lock().await;
                let said = said.entry(whom).or_default();
                match outcome {
                    None => said.unknown += 1,
                    Some(Ok(answer)) => {
                        said.unknown += u64::from(answer.charge == Charge::Unknown);
                        said.charged += u64::from(answer.charge == Charge::Charged);
                        if !repeats_unknown {
                            said.unknown += u64::from(answer.uncertain_attempts);
                        }
                    }
                    Some(Err(error)) => {
                        said.unknown += u64::from(error.charge() == Charge::Unknown)
                    }
                }
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.expect("no worker panics");
    }
    // What was given up on may still be on its way.
    tokio::time::sleep(Duration::from_millis(600)).await;

    let said = said.lock().await;
    let mut verdict = Verdict {
        wrong: Vec::new(),
        charged: 0,
        unknown: 0,
    };
    for (number, said) in &*said {
        let (id, name) = person(*number);
        let charged = sandbox
            .ledger()
            .of_identity(&account, &identity_key(&id, &name))
            .charged;
        verdict.charged += charged;
        verdict.unknown += said.unknown;
        if charged < said.charged || charged > said.charged + said.unknown {
            verdict.wrong.push(format!(
                "person {number}: the ledger has {charged}, the client said {said:?}"
            ));
        }
    }
    sandbox.stop().await;
    verdict
}

/// One call: plain, with a short time, cancelled, dropped or fresh. Nothing when it was dropped.
async fn call(
    client: &Client,
    whom: u64,
    random: &mut Random,
) -> Option<Result<Verification, Error>> {
    let (id, name) = person(whom);
    let mut options = CallOptions::default();
    options.fresh = random.below(4) == 0;
    match random.below(20) {
        0 => options.timeout = Some(Duration::from_millis(1 + random.below(20))),
        1 => {
            let handle = CancelHandle::new();
            options.cancel = Some(Arc::clone(&handle));
            let after = Duration::from_millis(random.below(10));
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                handle.cancel();
            });
        }
        2 => {
            let patience = Duration::from_millis(random.below(10));
            let call = client.verify_with(VerifyRequest::new(id, name), options);
            return tokio::time::timeout(patience, call).await.ok();
        }
        _ => {}
    }
    Some(
        client
            .verify_with(VerifyRequest::new(id, name), options)
            .await,
    )
}

fn client(sandbox: &Sandbox, account: &str, repeats_unknown: bool) -> Client {
    let keys = Credentials::new(account, SECRET_KEY).expect("keys");
    let mut config = ClientConfig::new(Site::International, keys);
    config.endpoint = Some(sandbox.url());
    config.requests_per_second = Some(0);
    config.remember_daily_limits = false;
    config.timeout = Some(Duration::from_secs(5));
    let mut retry = RetryPolicy::default();
    retry.base_delay = Some(Duration::from_millis(2));
    retry.retry_unknown_charge = repeats_unknown;
    config.retry = Some(retry);
    Client::new(config).expect("a client")
}

async fn put(sandbox: &Sandbox, account: &str, settings: String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let answer = http
        .put(format!("{}/sandbox/accounts/{account}", sandbox.url()))
        .header("Content-Type", "application/json")
        .body(settings)
        .send()
        .await
        .expect("the sandbox answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_charged_what_the_client_said() {
    let (calls, seed) = (calls(), seed());
    println!("CHAOS_SEED={seed} CHAOS_CALLS={calls}");
    let verdict = run(calls, seed, false).await;
    println!(
        "{} charged, at most {} of them reported as unknown",
        verdict.charged, verdict.unknown
    );
    assert!(verdict.charged > calls / 10, "the sandbox hardly charged");
    assert!(verdict.unknown < calls * 2 / 3, "hardly anything was known");
    assert!(verdict.wrong.is_empty(), "{:#?}", verdict.wrong);
}

/// The test of the test: a client that repeats what may be charged, and keeps quiet about it, is
/// found out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_repeats_after_sending_is_found_out() {
    let seed = seed();
    println!("CHAOS_SEED={seed}");
    let verdict = run(2_000, seed, true).await;
    assert!(
        !verdict.wrong.is_empty(),
        "nothing was found with the seed {seed}"
    );
}
