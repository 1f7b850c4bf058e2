//! A ledger in the memory of one process.

use super::{ClaimState, Ledger, LedgerClaim, LedgerError, LedgerOutcome};
use crate::Charge;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A ledger in the memory of one process. It ends with the process and grows by an entry for each call that is
/// charged or of unknown charge, about 300 bytes; several clients may share one.
#[derive(Debug, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct MemoryLedger {
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    owner: String,
    /// Of an open claim there is none.
    charged: Option<LedgerOutcome>,
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl MemoryLedger {
    /// An empty one.
    #[must_use]
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Keys of the claims that nobody settled: calls under way, and calls of unknown charge. In no order.
    #[must_use]
    pub fn open_claims(&self) -> Vec<String> {
        let entries = self.lock();
        let open = entries.iter().filter(|(_, entry)| entry.charged.is_none());
        open.map(|(key, _)| key.clone()).collect()
    }

    /// Says that the call of an open claim was not charged, as the bill has it: the next one may be sent. Nothing
    /// happens to a claim that is settled. Make sure that the call is not under way.
    pub fn release(&self, key: String) {
        let mut entries = self.lock();
        if entries
            .get(&key)
            .is_some_and(|entry| entry.charged.is_none())
        {
            entries.remove(&key);
        }
    }
}

impl MemoryLedger {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
#[async_trait::async_trait]
impl Ledger for MemoryLedger {
    async fn claim(&self, claim: LedgerClaim) -> Result<ClaimState, LedgerError> {
        let mut entries = self.lock();
        Ok(match entries.get(&claim.key) {
            None => {
                let entry = Entry {
                    owner: claim.owner,
                    charged: None,
                };
                entries.insert(claim.key, entry);
                ClaimState::Mine
            }
            Some(Entry {
                charged: Some(outcome),
                ..
            }) => ClaimState::Settled {
                outcome: outcome.clone(),
            },
            Some(entry) if entry.owner == claim.owner => ClaimState::Mine,
            Some(_) => ClaimState::Open,
        })
    }

    async fn settle(&self, claim: LedgerClaim, outcome: LedgerOutcome) -> Result<(), LedgerError> {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(&claim.key) else {
            return Err(LedgerError::NotTheOwner);
        };
        if entry.owner != claim.owner {
            return Err(LedgerError::NotTheOwner);
        }
        match outcome.charge {
            Charge::Charged => entry.charged = Some(outcome),
            // What was charged stays charged.
            Charge::NotCharged if entry.charged.is_some() => {}
            Charge::NotCharged => {
                entries.remove(&claim.key);
            }
            Charge::Unknown => {}
        }
        Ok(())
    }
}
