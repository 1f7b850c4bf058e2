//! A burst of calls stays under the service's rate and uses it up.

use idcard_sandbox::{Options, SECRET_ID, SECRET_KEY, Sandbox};
use idcard_verification::{Client, ClientConfig, Credentials, Site, VerifyRequest, id_number};
use std::time::Instant;
use tokio::task::JoinSet;

const CALLS: u32 = 1_000;
const LIMIT: u32 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_meets_no_refusal_and_uses_the_rate_limit() {
    let options = Options {
        requests_per_second: Some(LIMIT),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
    let keys = Credentials::new(SECRET_ID, SECRET_KEY).expect("keys");
    let mut config = ClientConfig::new(Site::International, keys);
    config.endpoint = Some(sandbox.url());
    config.timeout = Some(std::time::Duration::from_secs(60));
    let client = Client::new(config).expect("a client");
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let client = client.clone();
        let first_17 = format!("00900019900101{number:03}");
        let check_digit = id_number::expected_check_digit(&first_17).expect("17 digits");
        let request = VerifyRequest::new(format!("{first_17}{check_digit}"), "林小满");
        calls.spawn(async move { client.verify(request).await });
    }
    while let Some(call) = calls.join_next().await {
        call.expect("no panic").expect("an answer");
    }
    let took = begun.elapsed().as_secs_f64();
    let report = sandbox.ledger().report(Some(SECRET_ID));
    println!("{CALLS} calls in {took:.3} s");
    assert_eq!(
        (report.sums.requests, client.stats().retries),
        (u64::from(CALLS), 0)
    );
    // The ledger counts refusals as requests, so there was none; and the time is that of the rate.
    let rate = f64::from(CALLS) / took;
    assert!(
        rate >= 0.99 * f64::from(LIMIT),
        "{rate:.1} calls per second"
    );
    sandbox.stop().await;
}
