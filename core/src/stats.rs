//! What a client has done, for the host's monitoring. It counts; it knows nobody.

use crate::protocol::Cost;
use crate::timeline::Timeline;
use crate::{Charge, Error, Origin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the latency buckets, in milliseconds; one more bucket takes the rest.
const BOUNDS_MS: [u64; 13] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
];

/// What a client has done since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct ClientStats {
    /// Calls that have ended, whatever the outcome.
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
    /// Calls that were answered from memory.
    pub remembered: u64,
    /// Calls that were dropped by their caller before they had an outcome.
    pub abandoned: u64,
    /// How long the calls took, from the first to the last of their requests.
    pub latency: Vec<LatencyBucket>,
}

/// How many calls took a time within the bound and above that of the bucket before.
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

/// How far the requests of a call have come. Who waits for them can read it at any time.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    attempts: AtomicU32,
    /// Whether a request that may be charged is with the HTTP stack, or was lost there.
    at_risk: AtomicBool,
}

impl Progress {
    /// A request is handed to the HTTP stack.
    pub(crate) fn leaves(&self) {
        self.attempts.fetch_add(1, Ordering::AcqRel);
        self.at_risk.store(true, Ordering::Release);
    }

    /// It came back, and what it cost is known or not.
    pub(crate) fn returned(&self, at_risk: bool) {
        self.at_risk.store(at_risk, Ordering::Release);
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Acquire)
    }

    pub(crate) fn is_at_risk(&self) -> bool {
        self.at_risk.load(Ordering::Acquire)
    }
}

/// Counts one call when it ends, or when its caller drops it.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    stats: &'a Stats,
    timeline: &'a dyn Timeline,
    begun: Duration,
    progress: Arc<Progress>,
    ended: bool,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(
        stats: &'a Stats,
        timeline: &'a dyn Timeline,
        begun: Duration,
        progress: &Arc<Progress>,
    ) -> Self {
        Self {
            stats,
            timeline,
            begun,
            progress: Arc::clone(progress),
            ended: false,
        }
    }

    /// How far the call's requests have come.
    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The call waits for the requests of another one.
    pub(crate) fn follow(&mut self, progress: &Arc<Progress>) {
        self.progress = Arc::clone(progress);
    }

    /// The call has an outcome.
    pub(crate) fn end(mut self, outcome: Result<Cost, &Error>) {
        self.ended = true;
        add(&self.stats.calls);
        match outcome {
            Ok(cost) => {
                self.stats.charge(cost.charge);
                match cost.origin {
                    Origin::Service => {}
                    Origin::Shared => add(&self.stats.shared),
                    Origin::Remembered => add(&self.stats.remembered),
                }
            }
            Err(error) => self.stats.charge(error.charge()),
        }
        self.stats
            .took(self.timeline.elapsed().saturating_sub(self.begun));
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        if !self.ended {
            add(&self.stats.abandoned);
            let charge = if self.progress.is_at_risk() {
                Charge::Unknown
            } else {
                Charge::NotCharged
            };
            self.stats.charge(charge);
        }
    }
}
