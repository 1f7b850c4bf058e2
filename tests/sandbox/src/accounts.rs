//! Accounts of the sandbox. Every SecretId of the right form is one, so that each test can have
//! its own: rate limit, clock and ledger are per account.

use crate::identities::Outcome;
use crate::metadata::Handout;
use crate::script::{Chaos, Script};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

/// SecretId of the usual test account; anything that begins with it is another account.
pub const SECRET_ID: &str = "AKIDSANDBOX";
/// SecretKey of every test account.
pub const SECRET_KEY: &str = "sandbox-secret-key";
/// Token of a SecretId that ends in `-TEMPORARY`.
pub const TOKEN: &str = "sandbox-token";
/// End of a SecretId whose requests need the token.
pub(crate) const TEMPORARY_SUFFIX: &str = "-TEMPORARY";

/// How many accounts are remembered; others have the usual settings, and no limit of their own.
const REMEMBERED: usize = 100_000;
/// Longest SecretId.
const MAX_ID: usize = 128;
/// Furthest that the service's clock can be off: ten years.
const MAX_OFFSET: u64 = 315_360_000;
/// Most outcomes that can be set.
const MAX_NEXT: usize = 100_000;

/// What can be set for one account over HTTP.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Requests per second; 0 for no limit, absent for the sandbox's own.
    pub(crate) requests_per_second: Option<u32>,
    /// How far the service's clock is ahead of the machine's, in seconds.
    pub(crate) clock_offset_seconds: i64,
    /// Outcomes of the next requests, by the keys of test identities; then each identity's own.
    pub(crate) next: Vec<String>,
    /// How temporary keys are handed out.
    pub(crate) credentials: Handout,
    /// Random outcomes.
    pub(crate) chaos: Option<Chaos>,
}

#[derive(Debug)]
struct Account {
    limiter: Option<DefaultDirectRateLimiter>,
    clock_offset_seconds: i64,
    handout: Handout,
    script: Script,
}

/// All accounts that have called or were set.
#[derive(Debug)]
pub(crate) struct Accounts {
    requests_per_second: Option<u32>,
    by_id: Mutex<HashMap<String, Arc<Account>>>,
}

impl Accounts {
    pub(crate) fn new(requests_per_second: Option<u32>) -> Self {
        Self {
            requests_per_second,
            by_id: Mutex::default(),
        }
    }

    /// Sets an account anew; false when a key of an outcome is unknown, or a setting cannot be.
    pub(crate) fn set(&self, secret_id: &str, settings: &Settings) -> bool {
        let is_bounded = secret_id.len() <= MAX_ID
            && settings.clock_offset_seconds.unsigned_abs() <= MAX_OFFSET
            && settings.next.len() <= MAX_NEXT;
        if !is_bounded {
            return false;
        }
        let Some(account) = self.make(settings) else {
            return false;
        };
        let mut accounts = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = accounts.len() < REMEMBERED || accounts.contains_key(secret_id);
        if has_room {
            accounts.insert(secret_id.to_owned(), Arc::new(account));
        }
        has_room
    }

    /// The outcome of this request, if a rule says one.
    pub(crate) fn scripted(&self, secret_id: &str) -> Option<Outcome> {
        self.get(secret_id).script.outcome()
    }

    /// How far the service's clock is ahead for this account.
    pub(crate) fn clock_offset_seconds(&self, secret_id: &str) -> i64 {
        // Asked before a signature is looked at, so nobody becomes an account by it.
        let accounts = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.get(secret_id);
        account.map_or(0, |account| account.clock_offset_seconds)
    }

    /// How temporary keys are handed out to this account.
    pub(crate) fn handout(&self, secret_id: &str) -> Handout {
        self.get(secret_id).handout
    }

    /// Counts a request; false when it is over the limit.
    pub(crate) fn admits(&self, secret_id: &str) -> bool {
        self.get(secret_id)
            .limiter
            .as_ref()
            .is_none_or(|limiter| limiter.check().is_ok())
    }

    fn get(&self, secret_id: &str) -> Arc<Account> {
        let mut accounts = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(secret_id) {
            return Arc::clone(account);
        }
        let account = self.make(&Settings::default());
        let account = Arc::new(account.expect("the usual settings name no outcome"));
        if accounts.len() < REMEMBERED && secret_id.len() <= MAX_ID {
            accounts.insert(secret_id.to_owned(), Arc::clone(&account));
        }
        account
    }

    fn make(&self, settings: &Settings) -> Option<Account> {
        let limit = settings
            .requests_per_second
            .or(self.requests_per_second)
            .and_then(NonZeroU32::new);
        Some(Account {
            limiter: limit.map(|limit| RateLimiter::direct(Quota::per_second(limit))),
            clock_offset_seconds: settings.clock_offset_seconds,
            handout: settings.credentials,
            script: Script::new(&settings.next, settings.chaos.clone())?,
        })
    }
}
