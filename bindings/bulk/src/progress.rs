//! How far a run has come.

use crate::journal::Totals;
use serde::Serialize;
use std::time::Duration;

/// How far a run has come, in numbers alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// Rows of the input.
    pub rows: u64,
    /// Rows that have been passed: answered, refused, skipped or failed.
    pub done: u64,
    /// Calls under way.
    pub in_flight: u64,
    /// Calls of this run that have ended.
    pub asked: u64,
    /// People whom this run has still to ask, at most.
    pub to_ask: u64,
    /// What the journal comes to, with earlier runs.
    pub totals: Totals,
    /// Calls of this run that failed and were free.
    pub failed: u64,
    /// People whose attempts of the day are used up.
    pub parked: u64,
    /// Requests of this run that were repeated.
    pub retries: u64,
    /// Time since this run began.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// Calls a second, over the last seconds.
    pub rate: u64,
    /// Time that is left at this rate; nothing while that cannot be said.
    #[serde(rename = "left_seconds", serialize_with = "perhaps_seconds")]
    pub left: Option<Duration>,
    /// Whether the run waits for midnight in Beijing.
    pub waits: bool,
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

#[expect(clippy::ref_option, reason = "as the library calls it")]
fn perhaps_seconds<S: serde::Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => seconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// Calls a second over the last seconds.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    /// Times and counts, a second and more apart.
    marks: std::collections::VecDeque<(Duration, u64)>,
}

/// How many marks are looked back.
const MARKS: usize = 10;

impl Rate {
    /// Calls a second, when so many have been made at this time.
    pub(crate) fn at(&mut self, now: Duration, calls: u64) -> u64 {
        let latest = self.marks.back().map_or(Duration::ZERO, |(at, _)| *at);
        if self.marks.is_empty() || now - latest >= Duration::from_secs(1) {
            self.marks.push_back((now, calls));
            if self.marks.len() > MARKS {
                self.marks.pop_front();
            }
        }
        let (since, before) = match self.marks.front() {
            Some((at, _)) if self.marks.len() == 1 && *at == now => (Duration::ZERO, 0),
            Some((at, _)) if self.marks.len() == 1 && now - *at < Duration::from_secs(1) => {
                (Duration::ZERO, 0)
            }
            Some(mark) => *mark,
            None => (Duration::ZERO, 0),
        };
        let time = (now - since).as_millis().max(1);
        let rate = u128::from(calls - before) * 1_000 / time;
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
}
