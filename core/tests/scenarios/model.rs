//! A scenario, as `tests/scenarios/README.md` describes it.

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// Settings of the account in the sandbox.
    pub(crate) account: Option<Value>,
    #[serde(default)]
    pub(crate) client: ClientSettings,
    pub(crate) call: Option<Call>,
    /// A function to call in place of the service.
    pub(crate) function: Option<String>,
    pub(crate) given: Option<String>,
    /// Longest time the last call may take.
    pub(crate) within_ms: Option<u64>,
    pub(crate) expect: Map<String, Value>,
    /// The outcome of all parallel calls but one.
    pub(crate) others: Option<Map<String, Value>>,
    /// Some of the client's counters afterwards.
    #[serde(default)]
    pub(crate) stats: Map<String, Value>,
    pub(crate) ledger: Option<Ledger>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientSettings {
    pub(crate) secret_id: Option<String>,
    pub(crate) secret_id_suffix: Option<String>,
    pub(crate) secret_key: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) pool_idle_timeout_ms: Option<u64>,
    pub(crate) local_check: Option<bool>,
    pub(crate) language: Option<String>,
    pub(crate) transport: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) signer: Option<String>,
    pub(crate) source: Option<Source>,
    pub(crate) retry: Option<Retry>,
    pub(crate) requests_per_second: Option<u32>,
    pub(crate) single_flight: Option<bool>,
    pub(crate) cache_ttl_ms: Option<u64>,
    pub(crate) remember_daily_limits: Option<bool>,
    pub(crate) proxy: Option<String>,
    pub(crate) extra_roots: Option<String>,
    pub(crate) encryption: Option<FieldEncryption>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldEncryption {
    pub(crate) algorithm: Option<String>,
    pub(crate) public_key: Option<String>,
    pub(crate) fields: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) allow_sm4_gcm_nonce_reuse: bool,
}

/// A source of credentials; its endpoint is the sandbox.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// `cvm_role` or `tke_oidc`.
    pub(crate) kind: String,
    /// The account by itself.
    pub(crate) role: Option<String>,
    pub(crate) token_file: Option<String>,
    pub(crate) endpoint: Option<String>,
}

/// An encryption of the caller's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallerEncryption {
    pub(crate) encrypted_fields: Vec<String>,
    pub(crate) ciphertext_blob: String,
    pub(crate) iv: String,
    pub(crate) algorithm: Option<String>,
    pub(crate) tag_list: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    pub(crate) max_attempts: Option<u32>,
    pub(crate) base_delay_ms: Option<u64>,
    pub(crate) max_delay_ms: Option<u64>,
    pub(crate) retry_unknown_charge: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) identity: Option<String>,
    pub(crate) id_number: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) encryption: Option<CallerEncryption>,
    pub(crate) local_check: Option<bool>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) cancel_after_ms: Option<u64>,
    pub(crate) repeat: Option<u32>,
    pub(crate) pause_ms: Option<u64>,
    pub(crate) parallel: Option<u32>,
    pub(crate) retry: Option<Retry>,
    pub(crate) fresh: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ledger {
    pub(crate) requests: u64,
    pub(crate) charged: u64,
    pub(crate) credential_requests: Option<u64>,
}
