//! Many calls at a time, against the sandbox.

use futures_util::stream::{self, StreamExt as _};
use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY};
use idcard_verification::{
    Charge, Client, ClientConfig, Credentials, Error, ManyOptions, Outcome, Site, VerifyRequest,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(test);
}

struct Set {
    _sandbox: BlockingSandbox,
    client: Client,
    people: HashMap<String, (String, String)>,
}

fn set(account: &str) -> Set {
    let options = Options {
        requests_per_second: None,
        ..Options::default()
    };
    let sandbox = BlockingSandbox::start(options).expect("a sandbox");
    let account = format!("{SECRET_ID}-many-{account}");
    let keys = Credentials::new(account, SECRET_KEY).expect("keys");
    let config = ClientConfig::new(Site::International, keys)
        .with_endpoint(sandbox.url())
        .with_timeout(Duration::from_secs(5))
        .with_single_flight(false)
        .with_requests_per_second(0_u32);
    let people = idcard_sandbox::identities()
        .iter()
        .map(|identity| {
            let person = (identity.id_number.clone(), identity.name.clone());
            (identity.key.clone(), person)
        })
        .collect();
    Set {
        client: Client::new(config).expect("a client"),
        _sandbox: sandbox,
        people,
    }
}

impl Set {
    fn requests(&self, keys: &[&str]) -> Vec<VerifyRequest> {
        let request = |key: &&str| {
            let (number, name) = &self.people[*key];
            VerifyRequest::new(number, name)
        };
        keys.iter().map(request).collect()
    }
}

#[test]
fn a_handle_of_the_client_cancels_its_batches_too() {
    let set = set("handles");
    run(async {
        let handle = idcard_verification::CancelHandle::new();
        let client = set.client.cancelled_by(Arc::clone(&handle));
        let requests = stream::iter(set.requests(&["result:0", "result:0"]));
        handle.cancel();
        let outcomes: Vec<Outcome> = client
            .verify_many(requests, ManyOptions::default())
            .collect()
            .await;
        for outcome in &outcomes {
            assert!(
                matches!(outcome.result, Err(Error::Cancelled { .. })),
                "{outcome:?}"
            );
        }
        assert_eq!(set.client.stats().requests, 0);
    });
}

fn word(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(answer) => answer.code.clone(),
        Err(Error::Service { code, .. }) => code.clone(),
        Err(Error::InvalidInput { .. }) => "invalid".to_owned(),
        Err(other) => other.to_string(),
    }
}

const KEYS: [&str; 5] = [
    "result:0",
    "fault:slow",
    "result:-1",
    "error:InternalError",
    "result:0",
];

#[test]
fn outcomes_come_in_order_and_an_error_ends_its_own_call() {
    let set = set("ordered");
    run(async {
        let mut requests = set.requests(&KEYS);
        requests.insert(2, VerifyRequest::new("1", "a"));
        let many = set
            .client
            .verify_many(stream::iter(requests), ManyOptions::default());
        let outcomes: Vec<Outcome> = many.collect().await;
        let words: Vec<String> = outcomes.iter().map(word).collect();
        assert_eq!(words, ["0", "0", "invalid", "-1", "InternalError", "0"]);
        assert!(outcomes.iter().map(|outcome| outcome.index).eq(0..6));
        assert_eq!(set.client.stats().charged, 4);
    });
}

#[test]
fn outcomes_may_come_as_they_complete() {
    let set = set("completed");
    run(async {
        let options = ManyOptions::default().with_ordered(false);
        let many = set
            .client
            .verify_many(stream::iter(set.requests(&KEYS)), options);
        let order: Vec<usize> = many.map(|outcome| outcome.index).collect().await;
        assert_eq!(order.last(), Some(&1), "the slow one comes last: {order:?}");
    });
}

#[test]
fn the_input_is_read_as_far_as_needed() {
    let set = set("window");
    run(async {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let endless = stream::iter(set.requests(&["result:0"; 64])).inspect(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let mut many = set
            .client
            .verify_many(endless, ManyOptions::default().with_concurrency(3));
        for _ in 0..4 {
            many.next().await.expect("an outcome");
        }
        assert!(read.load(Ordering::Relaxed) <= 4 + 3);
        let (begun, rest) = (read.load(Ordering::Relaxed), many.finish().await);
        assert_eq!(4 + rest.len(), begun, "what is under way is handed out");
        assert_eq!(
            set.client.stats().charged,
            u64::try_from(begun).expect("few")
        );
    });
}

#[test]
fn what_is_cancelled_says_what_it_may_have_cost() {
    let set = set("cancelled");
    run(async {
        let keys = ["result:0", "fault:hang", "fault:hang", "result:0"];
        let options = ManyOptions::default().with_concurrency(3);
        let mut many = set
            .client
            .verify_many(stream::iter(set.requests(&keys)), options);
        many.next().await.expect("the first");
        tokio::time::timeout(Duration::from_millis(200), many.next())
            .await
            .expect_err("the second hangs");
        many.cancel();
        let rest: Vec<Outcome> = many.collect().await;
        assert_eq!(rest.len(), 3);
        for outcome in &rest[..2] {
            let error = outcome.result.as_ref().expect_err("cancelled");
            assert!(matches!(error, Error::Cancelled { .. }), "{error}");
            assert_eq!(error.charge(), Charge::Unknown);
        }
        assert_eq!(set.client.stats().unknown, 2);
    });
}
