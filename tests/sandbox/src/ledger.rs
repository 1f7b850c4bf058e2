//! What the sandbox would have charged.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many of the latest entries are kept; the sums go back to the start.
const KEPT: usize = 10_000;

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

/// How the ledger calls an identity: a hash, so that it holds nobody's number or name.
#[must_use]
pub fn identity_key(id_number: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{id_number}\n{name}").as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Ledger {
    pub(crate) fn record(&self, entry: Entry) {
        let mut state = self.lock();
        let add = |sums: &mut Sums| {
            sums.requests += 1;
            sums.charged += u64::from(entry.charged);
        };
        add(state.accounts.entry(entry.account.clone()).or_default());
        add(state
            .identities
            .entry((entry.account.clone(), entry.identity.clone()))
            .or_default());
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
        let count = state.credential_requests.entry(account.to_owned());
        let count = count.or_default();
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
