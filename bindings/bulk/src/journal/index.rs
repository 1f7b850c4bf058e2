//! How it stands with each person, in memory: what the journal's lines come to.

use super::record::{Intent, Key, Outcome, Record, Settled};
use idcard_verification::{Charge, ResultCode, Retry};
use serde::Serialize;
use std::collections::HashMap;

/// How it stands with a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// Nothing was asked, or what was asked was free and may be asked again.
    #[default]
    Untouched,
    /// A request may have left, and nothing has come of it yet.
    Open,
    /// There is an answer, charged or not, and nothing more to ask.
    Answered,
    /// It failed, and was free: a resumed run asks again.
    Failed,
    /// The day's attempts are used up: a run on another day asks again.
    Parked,
    /// A request may have been charged, and nothing is known of it.
    Unknown,
    /// It was of unknown charge, and the bill has it. The answer is lost.
    Settled,
    /// An earlier journal has it as of unknown charge. It is not asked, unless that journal says otherwise.
    Elsewhere,
}

/// Where the line is that says so, and what it says, in six bytes: there are millions of them.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    at: [u8; 5],
    standing: Standing,
}

/// What the journal comes to, in money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Requests that were charged.
    pub charged: u64,
    /// Of unknown charge, and not settled.
    pub unknown: u64,
    /// Under way.
    pub open: u64,
}

/// How it stands with each person.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Of an input that is known: sorted, each once.
    keys: Vec<u128>,
    slots: Vec<Slot>,
    /// Of everybody else.
    others: HashMap<u128, Slot>,
    /// Of those who have any: how many requests of unknown charge, and where the line of the last one is. They stay
    /// when somebody is asked again, until the bill has settled them.
    debts: HashMap<u128, (u32, u64)>,
    pub(crate) totals: Totals,
}

impl Index {
    /// An index of people that are known beforehand; others may come. `keys` need not be sorted or unique.
    pub(crate) fn of(mut keys: Vec<u128>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        keys.shrink_to_fit();
        Self {
            slots: vec![Slot::default(); keys.len()],
            keys,
            ..Self::default()
        }
    }

    /// The same people, of whom nothing is known yet.
    pub(crate) fn emptied(&self) -> Self {
        Self {
            slots: vec![Slot::default(); self.keys.len()],
            keys: self.keys.clone(),
            ..Self::default()
        }
    }

    /// How many people are known beforehand.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Number of a person who is known beforehand.
    pub(crate) fn number_of(&self, key: Key) -> Option<usize> {
        self.keys.binary_search(&number(key)).ok()
    }

    /// How it stands with a person, and where the line is that says so.
    pub(crate) fn get(&self, key: Key) -> (Standing, u64) {
        let slot = match self.number_of(key) {
            Some(place) => self.slots[place],
            None => self.others.get(&number(key)).copied().unwrap_or_default(),
        };
        let mut at = [0; 8];
        at[..5].copy_from_slice(&slot.at);
        (slot.standing, u64::from_le_bytes(at))
    }

    fn set(&mut self, key: Key, standing: Standing, at: u64) {
        let mut slot = Slot {
            standing,
            at: [0; 5],
        };
        // A journal of a terabyte is of billions of people.
        slot.at.copy_from_slice(&at.to_le_bytes()[..5]);
        match self.number_of(key) {
            Some(place) => self.slots[place] = slot,
            None => {
                self.others.insert(number(key), slot);
            }
        }
    }

    /// Takes a line into account.
    pub(crate) fn apply(&mut self, at: u64, record: &Record) {
        match record {
            Record::Header(_) => {}
            Record::Intent(Intent { key, .. }) => {
                self.set(*key, Standing::Open, at);
                self.totals.open += 1;
            }
            Record::Outcome(outcome) => self.outcome(at, outcome),
            Record::Unknown(key) => {
                let (_, of_intent) = self.get(*key);
                self.close();
                self.owe(*key, of_intent, 1);
                self.set(*key, Standing::Unknown, of_intent);
            }
            Record::Settled(settled) => self.settle(settled),
        }
    }

    fn outcome(&mut self, at: u64, outcome: &Outcome) {
        let key = outcome.key;
        // One without requests of its own had no intent.
        if self.get(key).0 == Standing::Open {
            self.close();
        }
        let standing = standing(outcome);
        if outcome.charge == Charge::Charged.as_str() {
            self.totals.charged += 1;
        }
        let unknown = u32::from(standing == Standing::Unknown) + outcome.uncertain_attempts;
        if unknown > 0 {
            self.owe(key, at, unknown);
        }
        match self.debt(key) {
            // A free failure does not make up for an earlier request that may have been charged.
            Some((_, of_debt)) if matches!(standing, Standing::Failed | Standing::Parked) => {
                self.set(key, Standing::Unknown, of_debt);
            }
            _ => self.set(key, standing, at),
        }
    }

    fn owe(&mut self, key: Key, at: u64, requests: u32) {
        let debt = self.debts.entry(number(key)).or_default();
        *debt = (debt.0.saturating_add(requests), at);
        self.totals.unknown += u64::from(requests);
    }

    /// How many requests about somebody are of unknown charge, and where the line of the last one is.
    pub(crate) fn debt(&self, key: Key) -> Option<(u32, u64)> {
        self.debts.get(&number(key)).copied()
    }

    /// The bill says what became of one request of unknown charge.
    fn settle(&mut self, Settled { key, charged }: &Settled) {
        let Some(debt) = self.debts.get_mut(&number(*key)) else {
            return;
        };
        debt.0 -= 1;
        let is_last = debt.0 == 0;
        if is_last {
            self.debts.remove(&number(*key));
        }
        self.totals.unknown -= 1;
        self.totals.charged += u64::from(*charged);
        let (standing, line) = self.get(*key);
        match (standing, charged) {
            (Standing::Unknown, true) => self.set(*key, Standing::Settled, line),
            (Standing::Unknown, false) if is_last => self.set(*key, Standing::Untouched, line),
            _ => {}
        }
    }

    fn close(&mut self) {
        self.totals.open = self.totals.open.saturating_sub(1);
    }

    /// People with whom it stands so, with the place of the line that says so.
    pub(crate) fn all(&self, wanted: Standing) -> Vec<(Key, u64)> {
        let known = self.keys.iter().zip(&self.slots);
        let all = known.chain(&self.others);
        let found = all.filter(|(_, slot)| slot.standing == wanted);
        let mut found: Vec<(Key, u64)> = found
            .map(|(key, slot)| {
                let mut at = [0; 8];
                at[..5].copy_from_slice(&slot.at);
                (Key(key.to_be_bytes()), u64::from_le_bytes(at))
            })
            .collect();
        found.sort_unstable_by_key(|(_, at)| *at);
        found
    }

    /// With how many people it stands in each way.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for slot in self.slots.iter().chain(self.others.values()) {
            counts.0[slot.standing as usize] += 1;
        }
        counts
    }
}

/// With how many people it stands in each way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts([u64; 8]);

impl Counts {
    pub(crate) const fn of(&self, standing: Standing) -> u64 {
        self.0[standing as usize]
    }
}

const fn number(key: Key) -> u128 {
    u128::from_be_bytes(key.0)
}

/// The error of somebody who is of unknown charge in an earlier journal.
pub(crate) const ELSEWHERE: &str = "unknown in an earlier journal";

/// How it stands with a person of whom this came.
pub(crate) fn standing(outcome: &Outcome) -> Standing {
    if outcome.charge == Charge::Unknown.as_str() {
        return Standing::Unknown;
    }
    // Whatever was answered: it is paid for.
    if outcome.charge == Charge::Charged.as_str() {
        return Standing::Answered;
    }
    let Some(result) = &outcome.result else {
        return match &outcome.error {
            Some(error) if error == ELSEWHERE => Standing::Elsewhere,
            _ => Standing::Failed,
        };
    };
    match ResultCode::from_wire(result).facts().retry {
        Retry::NextDay => Standing::Parked,
        Retry::Never => Standing::Answered,
        _ => Standing::Failed,
    }
}
