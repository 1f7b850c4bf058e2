//! Runs one scenario and compares every field of what came of it.

use crate::model::{self, Call, ClientSettings, Retry, Scenario};
use crate::{providers, signers, transports};
use idcard_conformance::find_leak;
use idcard_sandbox::{SECRET_ID, SECRET_KEY};
use idcard_verification::{
    AnswerOrigin, Auth, CallOptions, CancelHandle, Client, ClientConfig, Credentials, Encryption,
    EncryptionAlgorithm, Error, FieldEncryption, Language, NormalizedText, RetryPolicy, Site,
    TkeOidc, Verification, VerifyRequest, id_number, name,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scenarios/files");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Async,
    Blocking,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Blocking => "blocking",
        }
    }
}

/// What all scenarios share: the sandbox, its identities and a way to ask for its ledger.
pub(crate) struct Runner {
    url: String,
    http: reqwest::Client,
    runtime: Runtime,
    identities: HashMap<String, (String, String)>,
    endpoints: Value,
    encryption_keys: Value,
    canaries: Mutex<BTreeSet<String>>,
}

impl Runner {
    pub(crate) fn new(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let list = runtime.block_on(get(&http, &format!("{url}/sandbox/identities")));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let identities = list
            .as_array()
            .expect("a list")
            .iter()
            .map(|identity| {
                (
                    text(&identity["key"]),
                    (text(&identity["id_number"]), text(&identity["name"])),
                )
            })
            .collect();
        let endpoints = runtime.block_on(get(&http, &format!("{url}/sandbox/endpoints")));
        let keys = runtime.block_on(get(&http, &format!("{url}/sandbox/encryption")));
        Self {
            endpoints,
            encryption_keys: keys,
            canaries: Mutex::new(BTreeSet::from([SECRET_KEY.to_owned()])),
            url: url.to_owned(),
            http,
            runtime,
            identities,
        }
    }

    pub(crate) fn run(&self, scenario: &Scenario, mode: Mode) -> Result<(), String> {
        if let Some(function) = &scenario.function {
            let given = scenario.given.as_deref().unwrap_or_default();
            return compare(&scenario.expect, &call_function(function, given));
        }
        let call = scenario.call.as_ref().ok_or("the scenario calls nothing")?;
        let account = self.account(scenario, mode);
        if let Some(settings) = &scenario.account {
            self.runtime.block_on(self.set_account(&account, settings));
        }
        let mut outcomes = Vec::new();
        let mut took = Duration::ZERO;
        let client = self.client(&scenario.client, &account);
        for number in 0..call.repeat.unwrap_or(1) {
            if number > 0 {
                std::thread::sleep(Duration::from_millis(call.pause_ms.unwrap_or(0)));
            }
            let begun = Instant::now();
            outcomes = match &client {
                Ok(client) => self.verify(client, call, mode),
                Err(error) => vec![describe_error(error)],
            };
            took = begun.elapsed();
        }
        compare_all(&scenario.expect, scenario.others.as_ref(), outcomes)?;
        if let Ok(client) = &client {
            compare_stats(&scenario.stats, client)?;
        }
        if let Some(limit) = scenario.within_ms.map(Duration::from_millis)
            && took > limit
        {
            return Err(format!("took {took:?}, longer than {limit:?}"));
        }
        if let Some(expected) = &scenario.ledger {
            let url = format!("{}/sandbox/ledger?account={account}", self.url);
            let ledger = self.runtime.block_on(get(&self.http, &url));
            let asked = expected.credential_requests;
            let expected = json!([expected.requests, expected.charged, 0, asked]);
            let actual = json!([
                ledger["requests"],
                ledger["charged"],
                ledger["redirects_followed"],
                asked.map(|_| &ledger["credential_requests"])
            ]);
            if actual != expected {
                return Err(format!(
                    "ledger [requests, charged, redirects, credential requests]: expected \
                     {expected}, got {actual}"
                ));
            }
        }
        Ok(())
    }

    fn account(&self, scenario: &Scenario, mode: Mode) -> String {
        scenario.client.secret_id.clone().unwrap_or_else(|| {
            let slug: String = scenario
                .name
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            let suffix = scenario
                .client
                .secret_id_suffix
                .as_deref()
                .unwrap_or_default();
            format!("{SECRET_ID}-rust-{}-{slug}{suffix}", mode.name())
        })
    }

    /// The outcomes of one call, or of as many at once as the scenario says.
    fn verify(&self, client: &Client, call: &Call, mode: Mode) -> Vec<Map<String, Value>> {
        let person = call
            .identity
            .as_ref()
            .map(|key| self.identities.get(key).cloned().expect("a known identity"));
        let (id_number, name) = person.unwrap_or_else(|| {
            (
                call.id_number.clone().expect("a number"),
                call.name.clone().expect("a name"),
            )
        });
        let mut options = CallOptions::default();
        options.local_check = call.local_check;
        options.timeout = call.timeout_ms.map(Duration::from_millis);
        options.retry = call.retry.as_ref().map(retry_policy);
        options.fresh = call.fresh.unwrap_or(false);
        let canceller = call.cancel_after_ms.map(|after| {
            let handle = CancelHandle::new();
            options.cancel = Some(Arc::clone(&handle));
            cancel_after(handle, Duration::from_millis(after))
        });
        let mut request = VerifyRequest::new(id_number, name);
        request.encryption = call.encryption.as_ref().map(caller_encryption);
        let count = call.parallel.unwrap_or(1);
        let results: Vec<Result<Verification, Error>> = match mode {
            Mode::Async => {
                let tasks: Vec<_> = (0..count)
                    .map(|_| {
                        let (client, request) = (client.clone(), request.clone());
                        let options = options.clone();
                        self.runtime
                            .spawn(async move { client.verify_with(request, options).await })
                    })
                    .collect();
                let ends = tasks
                    .into_iter()
                    .map(|task| self.runtime.block_on(task).expect("no panic"));
                ends.collect()
            }
            Mode::Blocking => std::thread::scope(|scope| {
                let threads: Vec<_> = (0..count)
                    .map(|_| {
                        scope
                            .spawn(|| client.verify_blocking_with(request.clone(), options.clone()))
                    })
                    .collect();
                let ends = threads
                    .into_iter()
                    .map(|thread| thread.join().expect("no panic"));
                ends.collect()
            }),
        };
        if let Some(canceller) = canceller {
            canceller.join().expect("the canceller ends");
        }
        self.keep_canaries([request.id_number, request.name]);
        for result in &results {
            self.check(&format!("{result:?}"));
            if let Err(error) = result {
                self.check(&error.to_string());
            }
        }
        self.check(&format!("{client:?}"));
        results.iter().map(describe).collect()
    }

    /// Everything that nothing printed may show, so far.
    pub(crate) fn canaries(&self) -> Vec<String> {
        let kept = self.canaries.lock().expect("the list");
        kept.iter().cloned().collect()
    }

    fn keep_canaries(&self, more: impl IntoIterator<Item = String>) {
        self.canaries.lock().expect("the list").extend(more);
    }

    fn check(&self, printed: &str) {
        let leak = find_leak(printed, &self.canaries());
        assert_eq!(leak, None, "{printed}");
    }

    /// What the sandbox's list of places has by this name, or the name.
    fn endpoint(&self, name: &str) -> String {
        self.endpoints[name].as_str().unwrap_or(name).to_owned()
    }

    fn client(&self, settings: &ClientSettings, account: &str) -> Result<Client, Error> {
        let key = settings.secret_key.as_deref().unwrap_or(SECRET_KEY);
        let mut credentials = Credentials::new(account, key)?;
        if let Some(token) = &settings.token {
            credentials = credentials.with_token(token)?;
        }
        let auth = if let Some(behaviour) = &settings.signer {
            let signer = signers::signer(behaviour, Arc::new(credentials));
            Auth::RemoteSigner { signer }
        } else if let Some(behaviour) = &settings.provider {
            let provider = providers::provider(behaviour, account);
            Auth::Provider { provider }
        } else if let Some(source) = &settings.source {
            self.source(source, account)
        } else {
            credentials.into()
        };
        let mut config = ClientConfig::new(Site::International, auth);
        self.keep_canaries([key.to_owned()]);
        self.check(&format!("{config:?}"));
        config.endpoint = Some(match settings.endpoint.as_deref() {
            None => self.url.clone(),
            Some("refused") => "http://127.0.0.1:1".to_owned(),
            Some("tls") => self.url.replace("http:", "https:"),
            Some(other) => self.endpoint(other),
        });
        config.pool_idle_timeout = settings.pool_idle_timeout_ms.map(Duration::from_millis);
        config.proxy = settings.proxy.as_deref().map(|name| self.endpoint(name));
        config.extra_roots = settings
            .extra_roots
            .as_deref()
            .map(|name| self.endpoint(name));
        config.retry = settings.retry.as_ref().map(retry_policy);
        config.requests_per_second = settings.requests_per_second;
        config.cache_ttl = settings.cache_ttl_ms.map(Duration::from_millis);
        if let Some(single_flight) = settings.single_flight {
            config.single_flight = single_flight;
        }
        if let Some(remember) = settings.remember_daily_limits {
            config.remember_daily_limits = remember;
        }
        if let Some(timeout) = settings.timeout_ms {
            config.timeout = Some(Duration::from_millis(timeout));
        }
        if let Some(local_check) = settings.local_check {
            config.local_check = local_check;
        }
        let encryption = settings.encryption.as_ref();
        config.encryption = encryption.map(|encryption| self.field_encryption(encryption));
        config.language = settings.language.as_deref().map(|language| match language {
            "English" => Language::English,
            "Chinese" => Language::Chinese,
            other => panic!("unknown language {other}"),
        });
        config.transport = settings
            .transport
            .as_deref()
            .map(|behaviour| transports::transport(behaviour, &self.endpoint("authority")));
        Client::new(config)
    }

    fn source(&self, source: &model::Source, account: &str) -> Auth {
        let role = source.role.clone().unwrap_or_else(|| account.to_owned());
        let endpoint = match source.endpoint.as_deref() {
            Some("refused") => "http://127.0.0.1:1".to_owned(),
            Some(other) => other.to_owned(),
            None => self.url.clone(),
        };
        match source.kind.as_str() {
            "cvm_role" => Auth::CvmRole {
                role: Some(role),
                endpoint: Some(endpoint),
            },
            "tke_oidc" => {
                let file = source.token_file.as_deref().unwrap_or("web-identity-token");
                let settings = TkeOidc::default()
                    .with_region("ap-guangzhou")
                    .with_provider_id("sandbox-provider")
                    .with_token_file(format!("{FILES}/{file}"))
                    .with_role_arn(format!("qcs::cam::uin/100:roleName/{role}"))
                    .with_endpoint(endpoint);
                Auth::tke_oidc(settings)
            }
            other => panic!("unknown source {other}"),
        }
    }

    fn field_encryption(&self, settings: &model::FieldEncryption) -> FieldEncryption {
        let mut made = FieldEncryption::default();
        made.algorithm = settings.algorithm.as_deref().map(|name| match name {
            "Aes256Cbc" => EncryptionAlgorithm::Aes256Cbc,
            "Sm4Gcm" => EncryptionAlgorithm::Sm4Gcm,
            other => panic!("unknown algorithm {other}"),
        });
        let key = settings.public_key.as_deref();
        made.public_key =
            key.map(|key| self.encryption_keys[key].as_str().unwrap_or(key).to_owned());
        made.fields = settings.fields.clone();
        made.allow_sm4_gcm_nonce_reuse = settings.allow_sm4_gcm_nonce_reuse;
        made
    }

    async fn set_account(&self, account: &str, settings: &Value) {
        let url = format!("{}/sandbox/accounts/{account}", self.url);
        let request = self
            .http
            .put(url)
            .header("Content-Type", "application/json")
            .body(settings.to_string());
        request
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .expect("the account is set");
    }
}

fn caller_encryption(given: &model::CallerEncryption) -> Encryption {
    let blob = given.ciphertext_blob.as_str();
    let mut made = Encryption::new(given.encrypted_fields.clone(), blob, given.iv.as_str());
    made.algorithm = given.algorithm.clone();
    made.tag_list = given.tag_list.clone();
    made
}

fn retry_policy(retry: &Retry) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    policy.max_attempts = retry.max_attempts.unwrap_or(policy.max_attempts);
    policy.base_delay = retry.base_delay_ms.map(Duration::from_millis);
    policy.max_delay = retry.max_delay_ms.map(Duration::from_millis);
    policy.retry_unknown_charge = retry.retry_unknown_charge.unwrap_or(false);
    policy
}

/// Cancels at once for 0, so that the call begins cancelled, and later on a thread.
fn cancel_after(handle: Arc<CancelHandle>, after: Duration) -> std::thread::JoinHandle<()> {
    if after.is_zero() {
        handle.cancel();
    }
    std::thread::spawn(move || {
        std::thread::sleep(after);
        handle.cancel();
    })
}

async fn get(http: &reqwest::Client, url: &str) -> Value {
    let answer = http.get(url).send().await.expect("the sandbox answers");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

fn call_function(function: &str, given: &str) -> Map<String, Value> {
    let normalized = |normalized: NormalizedText| {
        let changes: Vec<String> = normalized
            .changes
            .iter()
            .map(|change| format!("{change:?}"))
            .collect();
        let private_use: Vec<Value> = normalized
            .private_use
            .iter()
            .map(|one| {
                json!({
                    "position": one.position,
                    "code_point": one.code_point,
                    "standard": one.standard,
                })
            })
            .collect();
        json!({"value": normalized.value, "changes": changes, "private_use": private_use})
    };
    let value = match function {
        "normalize_name" => normalized(name::normalize(given)),
        "normalize_id_number" => normalized(id_number::normalize(given)),
        "expected_check_digit" => json!({"value": id_number::expected_check_digit(given)}),
        other => panic!("unknown function {other}"),
    };
    value.as_object().cloned().unwrap_or_default()
}

/// Every field of an outcome, by the scenarios' names. When it may be
/// repeated, where an answer comes from and how many of its requests are uncertain are left out when
/// they are as usual.
fn describe(outcome: &Result<Verification, Error>) -> Map<String, Value> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => return describe_error(error),
    };
    let mut value = json!({
        "verdict": debug(&answer.verdict),
        "result": debug(&answer.result),
        "code": answer.code,
        "charge": debug(&answer.charge),
        "attempts": answer.attempts,
        "request_id": !answer.request_id.is_empty(),
    });
    if answer.retry != idcard_verification::Retry::Never {
        value["retry"] = json!(debug(&answer.retry));
    }
    if answer.origin != AnswerOrigin::Service {
        value["origin"] = json!(debug(&answer.origin));
    }
    if answer.uncertain_attempts > 0 {
        value["uncertain_attempts"] = json!(answer.uncertain_attempts);
    }
    value.as_object().cloned().unwrap_or_default()
}

fn describe_error(error: &Error) -> Map<String, Value> {
    let mut value = match error {
        Error::InvalidInput { field, problem } => {
            json!({"error": "invalid_input", "field": field, "problem": debug(&problem.kind()), "text": problem.to_string()})
        }
        Error::Configuration { detail } => json!({"error": "configuration", "text": detail}),
        Error::Credentials { detail } => json!({"error": "credentials", "text": detail}),
        Error::Ledger { problem, .. } => json!({"error": "ledger", "problem": debug(problem)}),
        Error::Network { failure, sent, .. } => {
            json!({"error": "network", "failure": debug(failure), "sent": sent})
        }
        Error::Cancelled { sent, .. } => json!({"error": "cancelled", "sent": sent}),
        Error::Service {
            kind,
            error_code,
            code,
            request_id,
            ..
        } => json!({
            "error": "service",
            "kind": debug(kind),
            "error_code": debug(error_code),
            "code": code,
            "request_id": request_id.is_some(),
        }),
        Error::UnreadableAnswer {
            problem,
            detail,
            http_status,
            request_id,
            ..
        } => json!({
            "error": "unreadable_answer",
            "problem": debug(problem),
            "detail": detail,
            "http_status": http_status,
            "request_id": request_id.is_some(),
        }),
        other => panic!("unknown error {other:?}"),
    };
    if error.retry() != idcard_verification::Retry::Never {
        value["retry"] = json!(debug(&error.retry()));
    }
    value["charge"] = json!(debug(&error.charge()));
    value["attempts"] = json!(error.attempts());
    value.as_object().cloned().unwrap_or_default()
}

/// Name of a variant, without its fields.
fn debug(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// One outcome is as expected, and all the others are as the others shall be.
fn compare_all(
    expected: &Map<String, Value>,
    others: Option<&Map<String, Value>>,
    mut outcomes: Vec<Map<String, Value>>,
) -> Result<(), String> {
    let of_one = outcomes
        .iter()
        .position(|outcome| compare(expected, outcome).is_ok())
        .unwrap_or(0);
    compare(expected, &outcomes.swap_remove(of_one))?;
    let others = others.unwrap_or(expected);
    outcomes
        .iter()
        .try_for_each(|outcome| compare(others, outcome))
}

fn compare_stats(expected: &Map<String, Value>, client: &Client) -> Result<(), String> {
    let stats = client.stats();
    let latency: u64 = stats.latency.iter().map(|bucket| bucket.calls).sum();
    let actual = json!({
        "calls": stats.calls, "requests": stats.requests, "retries": stats.retries,
        "charged": stats.charged, "not_charged": stats.not_charged, "unknown": stats.unknown,
        "shared": stats.shared, "remembered": stats.remembered, "latency": latency,
    });
    let differs = expected.iter().any(|(name, value)| actual[name] != *value);
    if differs {
        return Err(format!("stats: expected {expected:?}, got {actual}"));
    }
    Ok(())
}

/// Every expected field, and no other. Names of variants are compared without regard to how a
/// language writes them.
fn compare(expected: &Map<String, Value>, actual: &Map<String, Value>) -> Result<(), String> {
    const VARIANTS: &[&str] = &[
        "verdict",
        "result",
        "charge",
        "kind",
        "error_code",
        "problem",
        "failure",
        "origin",
        "retry",
    ];
    let folded = |name: &str, value: &Value| match value {
        Value::String(text) if VARIANTS.contains(&name) => Value::String(
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_lowercase(),
        ),
        other => other.clone(),
    };
    let fold = |fields: &Map<String, Value>| -> Map<String, Value> {
        fields
            .iter()
            .map(|(name, value)| (name.clone(), folded(name, value)))
            .collect()
    };
    if fold(expected) == fold(actual) {
        return Ok(());
    }
    Err(format!(
        "expected {}\n     got {}",
        Value::Object(expected.clone()),
        Value::Object(actual.clone())
    ))
}
