//! What the sandbox would have charged.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{LazyLock, Mutex, PoisonError};

/// How many of the latest entries are kept; the sums go back to the start.
const KEPT: usize = 10_000;
/// How many accounts, and persons of accounts, have sums of their own.
const SUMMED: usize = 100_000;

/// Of this process alone: who knows a name cannot try numbers against a ledger that was kept.
static KEY: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let mut key = [0; 32];
    // Without random numbers the ledger's hashes can be guessed, and the sandbox serves all the same.
    let _ = getrandom::fill(&mut key);
    key
});

/// One request that reached the service.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// SecretId of the account; empty when the request was not authenticated.
    pub account: String,
    /// Whom it was about, as [`identity_key`]; empty when it did not get that far.
    pub identity: String,
    /// What was done: `result:-1`, `error:InternalError`, `fault:hang`.
    pub outcome: String,
    /// Whether the account pays for it.
    pub charged: bool,
}

/// Sums of one account, or of one identity of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Requests that reached the service.
    pub requests: u64,
    /// Requests that were charged.
    pub charged: u64,
}

/// Everything that was charged.
#[derive(Debug, Default)]
pub struct Ledger {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Entry>,
    accounts: HashMap<String, Sums>,
    identities: HashMap<(String, String), Sums>,
    /// Account, to how often somebody asked for its temporary keys.
    credential_requests: HashMap<String, u64>,
    redirects_followed: u64,
}

/// What the ledger shows of one account, or of all.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Sums of all requests.
    #[serde(flatten)]
    pub sums: Sums,
    /// How many requests followed a redirect to another host.
    pub redirects_followed: u64,
    /// How often somebody asked for temporary keys.
    pub credential_requests: u64,
    /// The latest entries.
    pub entries: Vec<Entry>,
}

/// How the ledger calls an identity in this process: a hash under a random key, so that it holds nobody's
/// number or name.
#[must_use]
pub fn identity_key(id_number: &str, name: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(*KEY);
    hash.update(format!("{id_number}\n{name}").as_bytes());
    let digest = hash.finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The value of a key, a new one while there is room.
fn of<K: Eq + Hash, V: Default>(map: &mut HashMap<K, V>, key: K) -> Option<&mut V> {
    if map.len() >= SUMMED && !map.contains_key(&key) {
        return None;
    }
    Some(map.entry(key).or_default())
}

impl Ledger {
    pub(crate) fn record(&self, entry: Entry) {
        let mut state = self.lock();
        let add = |sums: &mut Sums| {
            sums.requests += 1;
            sums.charged += u64::from(entry.charged);
        };
        if let Some(sums) = of(&mut state.accounts, entry.account.clone()) {
            add(sums);
        }
        let person = (entry.account.clone(), entry.identity.clone());
        if let Some(sums) = of(&mut state.identities, person) {
            add(sums);
        }
        if state.entries.len() == KEPT {
            state.entries.pop_front();
        }
        state.entries.push_back(entry);
    }

    pub(crate) fn redirect_followed(&self) {
        self.lock().redirects_followed += 1;
    }

    /// Counts somebody who asks for temporary keys; how many did before.
    pub(crate) fn credentials_requested(&self, account: &str) -> u64 {
        let mut state = self.lock();
        let Some(count) = of(&mut state.credential_requests, account.to_owned()) else {
            return 0;
        };
        *count += 1;
        *count - 1
    }

    /// What an account was charged, or all of them.
    #[must_use]
    pub fn report(&self, account: Option<&str>) -> Report {
        let state = self.lock();
        let chosen = |name: &str| account.is_none_or(|account| account == name);
        let mut sums = Sums::default();
        for (_, part) in state.accounts.iter().filter(|(name, _)| chosen(name)) {
            sums.requests += part.requests;
            sums.charged += part.charged;
        }
        Report {
            sums,
            redirects_followed: state.redirects_followed,
            credential_requests: state
                .credential_requests
                .iter()
                .filter(|(name, _)| chosen(name))
                .map(|(_, count)| count)
                .sum(),
            entries: state
                .entries
                .iter()
                .filter(|entry| chosen(&entry.account))
                .cloned()
                .collect(),
        }
    }

    /// Sums of an account.
    #[must_use]
    pub fn of_account(&self, account: &str) -> Sums {
        let state = self.lock();
        state.accounts.get(account).copied().unwrap_or_default()
    }

    /// What an account was charged for one identity.
    #[must_use]
    pub fn of_identity(&self, account: &str, identity: &str) -> Sums {
        let key = (account.to_owned(), identity.to_owned());
        self.lock()
            .identities
            .get(&key)
            .copied()
            .unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
