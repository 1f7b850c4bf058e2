//! Ctrl-C, SIGTERM and SIGHUP: end a run gently, then at once.

use super::progress::Teller;
use super::units::counted;
use crate::exit;
use idcard_bulk::Control;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Listens from its making on, until the command ends.
#[derive(Debug)]
pub(super) struct Signals {
    runs: Arc<AtomicBool>,
}

impl Signals {
    /// Listens: nothing has been paid yet.
    pub(super) fn listen(control: &Control, teller: &Teller) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mut signals = {
            let _within = runtime.enter();
            Sources::new()?
        };
        let runs = Arc::new(AtomicBool::new(true));
        let heard = Heard {
            runs: Arc::clone(&runs),
            control: control.clone(),
            teller: teller.clone(),
            count: AtomicU32::new(0),
        };
        // A thread of its own: a report that is being made would keep a task waiting.
        let listen = move || {
            runtime.block_on(async {
                loop {
                    signals.next().await;
                    heard.one();
                }
            });
        };
        let name = "idcard-signals".to_owned();
        std::thread::Builder::new().name(name).spawn(listen)?;
        Ok(Self { runs })
    }

    /// The run is over; what follows can be left without a loss.
    pub(super) fn run_is_over(&self) {
        self.runs.store(false, Ordering::Release);
    }
}

struct Heard {
    runs: Arc<AtomicBool>,
    control: Control,
    teller: Teller,
    count: AtomicU32,
}

impl Heard {
    fn one(&self) {
        if !self.runs.load(Ordering::Acquire) {
            self.teller
                .note("left before the report was made; `bulk report` makes it");
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
        // First of all: a terminal that is stopped keeps whoever writes to it.
        self.control.interrupt();
        let calls = counted(self.teller.under_way(), "call");
        match self.count.fetch_add(1, Ordering::AcqRel) {
            0 => self.teller.note(&format!(
                "finishing {calls} under way; press Ctrl-C again to give up on them"
            )),
            1 => self.teller.note(&format!("giving up on {calls} under way")),
            _ => {}
        }
    }
}

#[cfg(unix)]
struct Sources {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Sources {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Sources(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Sources {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
