//! A sandbox, a file of people and a client.

#![allow(dead_code, reason = "each test takes what it needs")]

use idcard_bulk::input::{Input, InputOptions};
use idcard_bulk::journal::Durability;
use idcard_bulk::{Bulk, BulkError, BulkOptions, Control, Run};
use idcard_sandbox::{Options, SECRET_ID, SECRET_KEY, Sandbox, identities, identity_key};
use idcard_verification::{Client, ClientConfig, Credentials, RetryPolicy, Site, id_number};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// The name of everybody.
pub(crate) const NAME: &str = "林小满";

/// Number of somebody of the sandbox's crowd, who matches.
pub(crate) fn number(person: u64) -> String {
    let (day, sequence) = (person / 1_000, person % 1_000);
    let (month, day) = (day / 28 % 12 + 1, day % 28 + 1);
    let first_17 = format!("0090001990{month:02}{day:02}{sequence:03}");
    let check_digit = id_number::expected_check_digit(&first_17).expect("17 digits");
    format!("{first_17}{check_digit}")
}

/// Number of the test identity of a key.
pub(crate) fn identity(key: &str) -> String {
    let mut all = identities().iter();
    let found = all.find(|identity| identity.key == key).expect("a key");
    found.id_number.clone()
}

/// A file of people with headings.
pub(crate) fn write_people(path: &Path, numbers: impl IntoIterator<Item = String>) {
    let lines: String = numbers
        .into_iter()
        .enumerate()
        .map(|(row, number)| format!("A{},{number},{NAME}\n", row + 1))
        .collect();
    std::fs::write(path, format!("工号,身份证号,姓名\n{lines}")).expect("writable");
}

/// A folder with a file of people, and options that put the journal beside it.
pub(crate) struct Place {
    _folder: TempDir,
    pub(crate) input: PathBuf,
    pub(crate) options: BulkOptions,
}

pub(crate) fn place(numbers: impl IntoIterator<Item = String>) -> Place {
    let folder = TempDir::new().expect("a folder");
    let input = folder.path().join("people.csv");
    write_people(&input, numbers);
    Place {
        options: options(&input),
        _folder: folder,
        input,
    }
}

/// Options for tests: quick, and without a limit of errors.
pub(crate) fn options(input: &Path) -> BulkOptions {
    let mut options = BulkOptions::beside(input);
    options.durability = Durability::Process;
    options.max_errors = 0;
    options
}

impl Place {
    pub(crate) fn open(&self) -> Input {
        Input::open(&self.input, InputOptions::default()).expect("readable")
    }

    pub(crate) fn begin(&self) -> Bulk {
        Bulk::begin(self.open(), self.options.clone()).expect("a new run")
    }

    pub(crate) fn resume(&self) -> Bulk {
        self.try_resume().expect("a run that was begun")
    }

    pub(crate) fn try_resume(&self) -> Result<Bulk, BulkError> {
        Bulk::resume(self.open(), self.options.clone())
    }
}

pub(crate) async fn run(bulk: &Bulk, client: &Client) -> Run {
    let control = Control::default();
    bulk.run(client, &control, |_| {}).await.expect("it runs")
}

pub(crate) async fn sandbox() -> Sandbox {
    let options = Options {
        requests_per_second: None,
        ..Options::default()
    };
    Sandbox::start(options).await.expect("the sandbox starts")
}

/// A client without a rate limit, and with quick retries.
pub(crate) fn client(url: &str, account: &str) -> Client {
    client_with(url, account, |config| config)
}

pub(crate) fn client_with(
    url: &str,
    account: &str,
    change: impl FnOnce(ClientConfig) -> ClientConfig,
) -> Client {
    let keys = Credentials::new(account, SECRET_KEY).expect("keys");
    let retry = RetryPolicy::default().with_base_delay(Duration::from_millis(2));
    let config = ClientConfig::new(Site::International, keys)
        .with_endpoint(url)
        .with_requests_per_second(0_u32)
        .with_timeout(Duration::from_secs(3))
        .with_retry(retry);
    Client::new(change(config)).expect("a client")
}

/// An account of a test's own.
pub(crate) fn account(test: &str) -> String {
    format!("{SECRET_ID}-{test}")
}

/// How often somebody was charged.
pub(crate) fn charged(sandbox: &Sandbox, account: &str, number: &str) -> u64 {
    let whom = identity_key(number, NAME);
    sandbox.ledger().of_identity(account, &whom).charged
}

/// Sets an account of the sandbox.
pub(crate) async fn set(url: &str, account: &str, settings: String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build();
    let http = http.expect("a client");
    let put = http.put(format!("{url}/sandbox/accounts/{account}"));
    let put = put
        .header("Content-Type", "application/json")
        .body(settings);
    let answer = put.send().await.expect("the sandbox answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}
