//! Many calls on one client: neither memory nor descriptors grow. `SOAK_CALLS` says how many.

#![cfg(target_os = "linux")]

use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY};
use idcard_verification::{Client, ClientConfig, Credentials, Site, VerifyRequest, id_number};
use std::time::Duration;

const USUAL: u64 = 6_000;
const AT_ONCE: usize = 32;
/// What the allocator may keep back.
const SLACK_KIB: u64 = 4 * 1024;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let digits: String = line
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().expect("a number")
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("a folder")
        .count()
}

fn request(number: u64) -> VerifyRequest {
    let first_17 = format!("00900019900101{:03}", number % 1_000);
    let check_digit = id_number::expected_check_digit(&first_17).expect("17 digits");
    VerifyRequest::new(format!("{first_17}{check_digit}"), "林小满")
}

#[test]
fn many_calls_leave_nothing_behind() {
    let given = std::env::var("SOAK_CALLS").ok();
    let calls: u64 = given.and_then(|calls| calls.parse().ok()).unwrap_or(USUAL);
    let options = Options {
        requests_per_second: None,
        ..Options::default()
    };
    let sandbox = BlockingSandbox::start(options).expect("the sandbox starts");
    let keys = Credentials::new(SECRET_ID, SECRET_KEY).expect("keys");
    let mut config = ClientConfig::new(Site::International, keys);
    config.endpoint = Some(sandbox.url().to_owned());
    config.requests_per_second = Some(0);
    config.cache_ttl = Some(Duration::from_millis(1));
    let client = Client::new(config).expect("a client");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let run = |calls: u64| {
        runtime.block_on(async {
            let mut running = tokio::task::JoinSet::new();
            for number in 0..calls {
                if running.len() == AT_ONCE {
                    running
                        .join_next()
                        .await
                        .expect("one runs")
                        .expect("no panic");
                }
                let client = client.clone();
                running
                    .spawn(async move { client.verify(request(number)).await.expect("an answer") });
            }
            while running.join_next().await.is_some() {}
        });
        (resident_kib(), descriptors())
    };
    let idle = descriptors();
    // The sandbox keeps its latest 10,000 entries, the client's cache as many answers.
    run(12_000);
    let (memory, files) = run(calls / 4);
    let (memory_after, files_after) = run(calls);
    println!(
        "{calls} calls: {memory} KiB before, {memory_after} KiB after; {files} and {files_after} descriptors"
    );
    assert!(
        memory_after <= memory + SLACK_KIB,
        "grew by {} KiB",
        memory_after - memory
    );
    // As many connections as there were calls at once may be kept, whose both ends are here. How many
    // there are follows from who was quick; a leak would grow with the calls.
    assert!(
        files_after <= idle + 2 * AT_ONCE + 8,
        "{files_after} descriptors, {idle} before any call"
    );
}
