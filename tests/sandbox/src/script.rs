//! Outcomes by rule instead of by identity: the next few of an account, or random ones.

use crate::faults::Fault;
use crate::identities::{self, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Faults that take a minute; a random test has no time for them.
const SLOW: &[&str] = &["hang", "drip", "huge", "huge-announced"];

/// Random outcomes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chaos {
    /// The same seed gives the same outcomes in the same order.
    pub(crate) seed: u64,
    /// How many requests of a hundred do not go well.
    pub(crate) percent: u64,
    /// What happens to those, by the keys of test identities. Left out: everything that takes a short time.
    #[serde(default)]
    pub(crate) menu: Vec<String>,
}

/// What happens to the requests of an account.
#[derive(Debug)]
pub(crate) struct Script {
    next: Mutex<VecDeque<Outcome>>,
    chaos: Option<(u64, Mutex<Random>)>,
    menu: Vec<Outcome>,
}

impl Script {
    /// A script of the next outcomes, by the keys of test identities, and of chaos after them.
    /// Nothing when a key is unknown.
    pub(crate) fn new(next: &[String], chaos: Option<Chaos>) -> Option<Self> {
        let by_key = |key: &String| identities::by_key(key);
        let next: Option<VecDeque<Outcome>> = next.iter().map(by_key).collect();
        let menu: Option<Vec<Outcome>> = match &chaos {
            Some(chaos) if chaos.menu.is_empty() => Some(menu()),
            Some(chaos) => chaos.menu.iter().map(by_key).collect(),
            None => Some(Vec::new()),
        };
        Some(Self {
            next: Mutex::new(next?),
            chaos: chaos.map(|chaos| (chaos.percent, Mutex::new(Random::new(chaos.seed)))),
            menu: menu?,
        })
    }

    /// The outcome of this request, if it is not its identity's own.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let scripted = self
            .next
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        scripted.or_else(|| {
            let (percent, random) = self.chaos.as_ref()?;
            let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
            if random.below(100) >= *percent {
                return None;
            }
            let count = u64::try_from(self.menu.len()).ok()?;
            let chosen = usize::try_from(random.below(count)).ok()?;
            self.menu.get(chosen).cloned()
        })
    }
}

/// Everything that can happen in a short time.
fn menu() -> Vec<Outcome> {
    let is_quick = |outcome: &Outcome| match outcome {
        Outcome::Fault(Fault { name, .. }) => !SLOW.contains(name),
        Outcome::Result(_) | Outcome::Good | Outcome::Error(_) => true,
    };
    let outcomes = identities::identities()
        .iter()
        .map(|identity| &identity.outcome);
    outcomes
        .filter(|outcome| is_quick(outcome))
        .cloned()
        .collect()
}

/// Numbers that look random: SplitMix64, which is small, and the same for ever.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to below the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
