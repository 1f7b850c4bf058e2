//! What is told on standard error while a command works. No person is in it: there are numbers alone.

use super::arguments;
use super::screen;
use super::units::Price;
use crate::output::shown;
use idcard_bulk::Progress;
use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Bar,
    Lines,
    Json,
    Nothing,
}

impl Manner {
    /// Time between two of them.
    const fn interval(self) -> Duration {
        match self {
            Self::Bar => Duration::from_millis(100),
            Self::Json => Duration::from_secs(1),
            Self::Lines | Self::Nothing => Duration::from_secs(10),
        }
    }
}

/// Standard error, shared by whoever has something to tell: a line never ends up within the bar.
#[derive(Clone, Debug)]
pub(super) struct Teller {
    manner: Manner,
    price: Option<Price>,
    state: Arc<Mutex<State>>,
}

/// Hands progress to the thread that tells it.
#[derive(Debug)]
pub(super) struct Told(SyncSender<Progress>);

impl Told {
    pub(super) fn progress(&self, progress: &Progress) {
        // Whoever is behind will be told the next.
        let _ = self.0.try_send(*progress);
    }
}

#[derive(Debug, Default)]
struct State {
    /// Columns of the bar that is on the screen.
    drawn: usize,
    told: Option<Duration>,
    latest: Progress,
}

impl Teller {
    pub(super) fn new(how: arguments::Progress, price: Option<Price>) -> Self {
        let manner = match how {
            arguments::Progress::Auto if std::io::stderr().is_terminal() => Manner::Bar,
            arguments::Progress::Auto | arguments::Progress::Lines => Manner::Lines,
            arguments::Progress::Bar => Manner::Bar,
            arguments::Progress::Json => Manner::Json,
            arguments::Progress::None => Manner::Nothing,
        };
        Self {
            manner,
            price,
            state: Arc::default(),
        }
    }

    /// Tells in a thread of its own: a terminal that is stopped would keep the calls waiting until their time is over.
    pub(super) fn in_a_thread(&self) -> Told {
        let (sender, progress) = sync_channel::<Progress>(1);
        let teller = self.clone();
        let tell = move || progress.iter().for_each(|now| teller.progress(&now));
        let name = "idcard-progress".to_owned();
        // Without a thread nothing is told.
        let _ = std::thread::Builder::new().name(name).spawn(tell);
        Told(sender)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all of standard error is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.manner == Manner::Json
    }

    /// Tells how far a run is, if it is time.
    pub(super) fn progress(&self, progress: &Progress) {
        let mut state = self.lock();
        state.latest = *progress;
        let due = state
            .told
            .map_or(Duration::ZERO, |told| told + self.manner.interval());
        // The first line of many says nothing yet.
        let is_early = self.manner == Manner::Lines && progress.elapsed < self.manner.interval();
        if progress.elapsed < due || is_early {
            return;
        }
        state.told = Some(progress.elapsed);
        match self.manner {
            Manner::Bar => {
                let bar = screen::bar(progress, self.price, screen::width());
                let width = state.drawn;
                state.drawn = bar.len();
                put(&format!("\r{bar:width$}"));
            }
            Manner::Lines => put(&screen::line(progress, self.price)),
            Manner::Json => put(&self.line_of(progress)),
            Manner::Nothing => {}
        }
    }

    /// The run has ended: the bar goes, and whoever reads lines gets the last one.
    pub(super) fn ended(&self, progress: &Progress) {
        let mut state = self.lock();
        state.hide();
        if self.is_json() {
            put(&self.line_of(progress));
        }
    }

    /// Calls under way, as far as was told.
    pub(super) fn under_way(&self) -> u64 {
        self.lock().latest.in_flight
    }

    /// A line for people, or an object of it.
    pub(super) fn note(&self, text: &str) {
        self.event("note", &serde_json::json!({"text": text}), text);
    }

    /// Something for machines, and the same in words.
    pub(super) fn event(&self, event: &str, value: &serde_json::Value, words: &str) {
        self.lock().hide();
        if self.is_json() {
            let mut line = serde_json::json!({"event": event});
            if let (Some(line), Some(value)) = (line.as_object_mut(), value.as_object()) {
                line.extend(value.clone());
            }
            put(&format!("{line}\n"));
        } else {
            let end = if words.ends_with('\n') { "" } else { "\n" };
            put(&format!("{}{end}", shown(words)));
        }
    }

    fn line_of(&self, progress: &Progress) -> String {
        let totals = progress.totals;
        let line = serde_json::json!({
            "event": "progress",
            "rows": progress.rows,
            "done": progress.done,
            "in_flight": progress.in_flight,
            "asked": progress.asked,
            "to_ask": progress.to_ask,
            "charged": totals.charged,
            "unknown": totals.unknown,
            "cost": self.price.map(|price| price.of(totals.charged)),
            "failed": progress.failed,
            "parked": progress.parked,
            "retries": progress.retries,
            "rate": progress.rate,
            "elapsed_seconds": progress.elapsed.as_secs(),
            "left_seconds": progress.left.map(|left| left.as_secs()),
            "waits": progress.waits,
        });
        format!("{line}\n")
    }
}

impl State {
    fn hide(&mut self) {
        if self.drawn > 0 {
            put(&format!("\r{:width$}\r", "", width = self.drawn));
            self.drawn = 0;
        }
    }
}

/// Nobody may be listening; that is no reason to stop.
fn put(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}
