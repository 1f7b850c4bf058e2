//! A client that was used before `fork` is used on both sides after it: nobody gets the answer of
//! another, nobody hangs past a deadline, and what both report is what the sandbox has charged.

#![cfg(unix)]

use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY, identities};
use idcard_verification::{
    Auth, Charge, Client, ClientConfig, Credentials, Error, Site, Verification, VerifyRequest,
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const FORKS: usize = 12;
const CALLS: u64 = 6;
const TIMEOUT: Duration = Duration::from_secs(5);
/// What a child ends with when something is wrong; less than that is what it was charged.
const FOREIGN: i32 = 101;
const FAILED: i32 = 102;

type Ask = fn(&Client, VerifyRequest) -> Result<Verification, Error>;

fn blocking(client: &Client, request: VerifyRequest) -> Result<Verification, Error> {
    client.verify_blocking(request)
}

/// As a foreign language does: outside of any runtime.
fn awaited(client: &Client, request: VerifyRequest) -> Result<Verification, Error> {
    pollster::block_on(client.verify(request))
}

fn person(code: &str) -> VerifyRequest {
    let key = format!("result:{code}");
    let identity = identities().iter().find(|identity| identity.key == key);
    let identity = identity.expect("an identity");
    VerifyRequest::new(&identity.id_number, &identity.name)
}

/// Forks, and runs something in the child, whose result is its exit code.
fn fork(child: impl FnOnce() -> i32) -> libc::pid_t {
    #[expect(unsafe_code, reason = "this is what is tested")]
    // SAFETY: the child uses this library, which shall stand it, and the allocator, which does.
    match unsafe { libc::fork() } {
        0 => {
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
            // SAFETY: it ends the child without running anything of the parent's.
            unsafe { libc::_exit(ended.unwrap_or(FAILED)) }
        }
        pid => {
            assert!(pid > 0, "it does not fork");
            pid
        }
    }
}

/// The exit code of a child, or nothing when it hangs.
fn wait(pid: libc::pid_t, until: Instant) -> Option<i32> {
    loop {
        let mut status = 0;
        #[expect(
            unsafe_code,
            reason = "the standard library waits for what it has spawned"
        )]
        // SAFETY: it writes an integer.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG) };
        if waited == pid {
            return Some(if libc::WIFEXITED(status) {
                libc::WEXITSTATUS(status)
            } else {
                FAILED
            });
        }
        if Instant::now() > until {
            #[expect(unsafe_code, reason = "the standard library kills what it has spawned")]
            // SAFETY: it is our child, and not waited for yet.
            unsafe {
                libc::kill(pid, libc::SIGKILL);
            }
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn calls(client: &Client, ask: Ask, code: &str) -> i32 {
    let mut charged = 0;
    for _ in 0..CALLS {
        match ask(client, person(code)) {
            Ok(answer) if answer.code != code => return FOREIGN,
            Ok(answer) => charged += i32::from(answer.charge == Charge::Charged),
            Err(_) => return FAILED,
        }
    }
    charged
}

fn both_sides(
    sandbox: &BlockingSandbox,
    account: &str,
    change: impl FnOnce(&mut ClientConfig),
    ask: Ask,
) {
    let keys = Credentials::new(account, SECRET_KEY).expect("keys");
    let mut config = ClientConfig::new(Site::International, keys);
    config.endpoint = Some(sandbox.url().to_owned());
    config.timeout = Some(TIMEOUT);
    config.requests_per_second = Some(0);
    // Each call is counted.
    config.single_flight = false;
    change(&mut config);
    let client = Client::new(config).expect("a client");
    ask(&client, person("0")).expect("an answer before the first fork");
    let charged = AtomicU64::new(1);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        // Others are in the middle of calls when it forks, with whatever they hold.
        for _ in 0..3 {
            scope.spawn(|| {
                while !ended.load(Ordering::Acquire) {
                    let answer = ask(&client, person("0")).expect("an answer");
                    assert_eq!(answer.code, "0", "the parent got an answer of a child");
                    charged.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut wrong = Vec::new();
        for _ in 0..FORKS {
            let children: Vec<_> = ["-1", "0"]
                .map(|code| fork(|| calls(&client, ask, code)))
                .into_iter()
                .collect();
            let until = Instant::now() + TIMEOUT * 2;
            for child in children {
                match wait(child, until) {
                    Some(paid @ 0..FOREIGN) => {
                        charged.fetch_add(u64::from(paid.unsigned_abs()), Ordering::Relaxed);
                    }
                    other => wrong.push(other),
                }
            }
        }
        ended.store(true, Ordering::Release);
        assert_eq!(wrong, [], "exit codes, none for a child that hung");
    });
    assert_eq!(ledger(sandbox, account), charged.into_inner());
}

/// What the sandbox has charged an account.
fn ledger(sandbox: &BlockingSandbox, account: &str) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let url = format!("{}/sandbox/ledger?account={account}", sandbox.url());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = runtime.expect("a runtime").block_on(async {
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        http.get(url)
            .send()
            .await
            .expect("a ledger")
            .text()
            .await
            .expect("a text")
    });
    let ledger: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    ledger["charged"].as_u64().expect("a number")
}

fn sandbox() -> BlockingSandbox {
    let options = Options {
        requests_per_second: None,
        ..Options::default()
    };
    BlockingSandbox::start(options).expect("a sandbox")
}

#[test]
fn blocking_calls() {
    both_sides(&sandbox(), &format!("{SECRET_ID}-fork-1"), |_| {}, blocking);
}

#[test]
fn awaited_calls() {
    both_sides(&sandbox(), &format!("{SECRET_ID}-fork-2"), |_| {}, awaited);
}

#[test]
fn calls_by_tls() {
    let sandbox = sandbox();
    for (index, ask) in [blocking as Ask, awaited].into_iter().enumerate() {
        let account = format!("{SECRET_ID}-fork-3-{index}");
        let tls = |config: &mut ClientConfig| {
            config.endpoint = Some(sandbox.tls_endpoints().https.clone());
            config.extra_roots = Some(sandbox.tls_endpoints().authority.clone());
        };
        both_sides(&sandbox, &account, tls, ask);
    }
}

#[test]
fn calls_with_credentials_that_refresh() {
    let sandbox = sandbox();
    let account = format!("{SECRET_ID}-fork-4-TEMPORARY");
    let role = |config: &mut ClientConfig| {
        config.auth = Auth::CvmRole {
            role: Some(account.clone()),
            endpoint: Some(sandbox.url().to_owned()),
        };
    };
    both_sides(&sandbox, &account, role, blocking);
}
