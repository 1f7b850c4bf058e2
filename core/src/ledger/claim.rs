//! The claim of one call: which ledger, which key, and how far it has come.

use super::{Ledger, LedgerClaim, LedgerConfig, LedgerKeys};
use crate::protocol::Action;
use crate::sign::hex;
use crate::{Error, Site};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A ledger, and what makes its keys.
#[derive(Debug)]
pub(crate) struct KeyedLedger {
    ledger: Arc<dyn Ledger>,
    keys: LedgerKeys,
}

impl KeyedLedger {
    pub(crate) fn new(config: &LedgerConfig, site: Site) -> Result<Self, Error> {
        Ok(Self {
            ledger: Arc::clone(&config.ledger),
            keys: LedgerKeys::new(&config.key, site)?,
        })
    }

    /// The claim that a call is going to make, if it has a ledger.
    pub(crate) fn claim_of<A: Action>(
        this: Option<&Arc<Self>>,
        plain: &[u8],
    ) -> Result<Option<Arc<CallClaim>>, Error> {
        let Some(this) = this else { return Ok(None) };
        let mut owner = [0; 16];
        // Two calls with one token would take each other's claim for their own.
        getrandom::fill(&mut owner)
            .map_err(|_| Error::configuration("ledger: there are no random numbers"))?;
        Ok(Some(Arc::new(CallClaim {
            ledger: Arc::clone(this),
            claim: LedgerClaim {
                key: hex(&this.keys.of(A::INFO.name, plain)),
                owner: hex(&owner),
            },
            stage: AtomicU8::new(NOT_MADE),
        })))
    }
}

const NOT_MADE: u8 = 0;
const MADE: u8 = 1;
const SETTLED: u8 = 2;

/// The claim of one call, whoever waits for it.
#[derive(Debug)]
pub(crate) struct CallClaim {
    ledger: Arc<KeyedLedger>,
    claim: LedgerClaim,
    stage: AtomicU8,
}

impl CallClaim {
    /// Where it is made.
    pub(crate) fn ledger(&self) -> &dyn Ledger {
        &*self.ledger.ledger
    }

    /// What the ledger is told of it.
    pub(crate) fn claim(&self) -> LedgerClaim {
        self.claim.clone()
    }

    /// True for whoever has to make it: once. From then on the ledger may have it, whatever it answers.
    pub(crate) fn is_to_be_made(&self) -> bool {
        self.moves(NOT_MADE, MADE)
    }

    /// The ledger has said that it is another call's.
    pub(crate) fn is_anothers(&self) {
        self.stage.store(SETTLED, Ordering::Release);
    }

    /// True for whoever has to settle it: once, and if it may have been made.
    pub(crate) fn is_to_be_settled(&self) -> bool {
        self.moves(MADE, SETTLED)
    }

    fn moves(&self, from: u8, to: u8) -> bool {
        let (success, failure) = (Ordering::AcqRel, Ordering::Acquire);
        let moved = self.stage.compare_exchange(from, to, success, failure);
        moved.is_ok()
    }
}
