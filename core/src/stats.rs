//! What a client has done, for the host's monitoring. It counts; it knows nobody.

use crate::outcome::Cost;
use crate::progress::{AttemptProgress, ProgressState, note_abandoned, note_end};
use crate::time::time_source::TimeSource;
use crate::{AnswerOrigin, Charge, Error};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the latency buckets, in milliseconds; one more bucket takes the rest.
const BOUNDS_MS: [u64; 13] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
];

/// What a client has done since it was made, in this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct ClientStats {
    /// Calls that have ended, whatever the outcome: those refused before anything was sent and those
    /// abandoned included. It is the sum of `charged`, `not_charged` and `unknown`.
    pub calls: u64,
    /// Requests that were handed to the HTTP stack.
    pub requests: u64,
    /// Requests that repeated an earlier one of their call.
    pub retries: u64,
    /// Calls that were charged.
    pub charged: u64,
    /// Calls that were free.
    pub not_charged: u64,
    /// Calls of which nobody knows whether they were charged, those given up on included.
    pub unknown: u64,
    /// Calls that shared the request of another one.
    pub shared: u64,
    /// Calls that were answered from the cache or a remembered daily limit.
    pub remembered: u64,
    /// Calls that were dropped by their caller before they had an outcome.
    pub abandoned: u64,
    /// How long the calls took that had an outcome, from their beginning to their end.
    pub latency: Vec<LatencyBucket>,
}

/// Number of calls in one latency bucket: within its bound, and above that of the bucket before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LatencyBucket {
    /// Longest time in milliseconds; none for the last bucket.
    pub up_to_ms: Option<u64>,
    /// Number of calls.
    pub calls: u64,
}

/// The counters.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    calls: AtomicU64,
    requests: AtomicU64,
    retries: AtomicU64,
    charged: AtomicU64,
    not_charged: AtomicU64,
    unknown: AtomicU64,
    shared: AtomicU64,
    remembered: AtomicU64,
    abandoned: AtomicU64,
    latency: [AtomicU64; BOUNDS_MS.len() + 1],
}

impl Stats {
    pub(crate) fn snapshot(&self) -> ClientStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let bounds = BOUNDS_MS.iter().copied().map(Some).chain([None]);
        ClientStats {
            calls: read(&self.calls),
            requests: read(&self.requests),
            retries: read(&self.retries),
            charged: read(&self.charged),
            not_charged: read(&self.not_charged),
            unknown: read(&self.unknown),
            shared: read(&self.shared),
            remembered: read(&self.remembered),
            abandoned: read(&self.abandoned),
            latency: bounds
                .zip(&self.latency)
                .map(|(up_to_ms, calls)| LatencyBucket {
                    up_to_ms,
                    calls: read(calls),
                })
                .collect(),
        }
    }

    pub(crate) fn request(&self, attempt: u32) {
        add(&self.requests);
        if attempt > 1 {
            add(&self.retries);
        }
    }

    fn charge(&self, charge: Charge) {
        add(match charge {
            Charge::Charged => &self.charged,
            Charge::NotCharged => &self.not_charged,
            Charge::Unknown => &self.unknown,
        });
    }

    fn took(&self, time: Duration) {
        let bucket = BOUNDS_MS
            .iter()
            .position(|bound| time <= Duration::from_millis(*bound));
        add(&self.latency[bucket.unwrap_or(BOUNDS_MS.len())]);
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Counts one call when it ends, or when its caller drops it.
#[derive(Debug)]
pub(crate) struct CallMeter<'a> {
    stats: &'a Stats,
    time_source: &'a dyn TimeSource,
    begun: Duration,
    requests: Arc<AttemptProgress>,
    watched: Option<Arc<ProgressState>>,
    ended: bool,
}

impl<'a> CallMeter<'a> {
    pub(crate) fn new(
        stats: &'a Stats,
        time_source: &'a dyn TimeSource,
        begun: Duration,
        watched: Option<Arc<ProgressState>>,
    ) -> Self {
        let requests = Arc::default();
        if let Some(watched) = &watched {
            watched.follow(&requests);
        }
        Self {
            stats,
            time_source,
            begun,
            requests,
            watched,
            ended: false,
        }
    }

    /// How far the call's requests have come.
    pub(crate) const fn requests(&self) -> &Arc<AttemptProgress> {
        &self.requests
    }

    /// The call waits for the requests of another one.
    pub(crate) fn follow(&mut self, requests: &Arc<AttemptProgress>) {
        self.requests = Arc::clone(requests);
        if let Some(watched) = &self.watched {
            watched.follow(requests);
        }
    }

    /// The call has an outcome.
    pub(crate) fn end(mut self, outcome: Result<Cost, &Error>) {
        self.ended = true;
        if let Some(watched) = &self.watched {
            watched.end(outcome);
        }
        match outcome {
            Ok(cost) => note_end(cost.charge, cost.attempts),
            Err(error) => note_end(error.charge(), error.attempts()),
        }
        add(&self.stats.calls);
        match outcome {
            Ok(cost) => {
                self.stats.charge(cost.charge);
                match cost.origin {
                    AnswerOrigin::Service => {}
                    AnswerOrigin::Shared => add(&self.stats.shared),
                    AnswerOrigin::Remembered => add(&self.stats.remembered),
                }
            }
            Err(error) => self.stats.charge(error.charge()),
        }
        self.stats
            .took(self.time_source.elapsed().saturating_sub(self.begun));
    }
}

impl Drop for CallMeter<'_> {
    fn drop(&mut self) {
        if !self.ended {
            add(&self.stats.calls);
            add(&self.stats.abandoned);
            self.stats.charge(self.requests.charge());
            note_abandoned(self.requests.charge(), self.requests.attempts());
        }
    }
}
