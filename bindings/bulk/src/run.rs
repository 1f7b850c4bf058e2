//! A run, from its beginning to its end.

use crate::beijing::midnight_after;
use crate::bulk::Bulk;
use crate::control::Control;
use crate::end::End;
use crate::error::BulkError;
use crate::journal::hex;
use crate::ledger::now;
use crate::progress::Progress;
use crate::runner::Runner;
use idcard_verification::{Client, Ledger};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What came of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// How far it came.
    pub progress: Progress,
    /// Calls that were answered, or may have been, and could not be written down: their request ids, as far as there
    /// are any. A resumed run has them as of unknown charge.
    pub unwritten: Vec<Option<String>>,
    /// When what was parked can be asked again, in Unix time; nothing if nothing was.
    pub resume_after: Option<u64>,
}

/// A run is under way, until this is dropped.
struct Running<'a>(&'a AtomicBool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Bulk {
    /// Runs: asks for everybody who has no answer yet, and tells how far it has come.
    ///
    /// # Errors
    /// When the input cannot be read. What ends a run otherwise is told by its [`End`].
    pub async fn run(
        &self,
        client: &Client,
        control: &Control,
        tell: impl FnMut(&Progress) + Send,
    ) -> Result<Run, BulkError> {
        self.run_with(client, self.ledger(), control, tell).await
    }

    /// Runs with a ledger in front of the journal, such as one that several machines share. It hands each claim and
    /// each outcome on to [`ledger`](Self::ledger), a claim before it answers.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub async fn run_with(
        &self,
        client: &Client,
        ledger: Arc<dyn Ledger>,
        control: &Control,
        mut tell: impl FnMut(&Progress) + Send,
    ) -> Result<Run, BulkError> {
        self.ledger.check_process()?;
        let client = self.client(client, ledger)?.cancelled_by(control.cancel());
        if self.is_running.swap(true, Ordering::AcqRel) {
            return Err(BulkError::Running);
        }
        let _running = Running(&self.is_running);
        let digest = self.input.digest(self.key.bytes())?;
        let mut runner = Runner::new(self, client, control);
        runner.passes(&mut tell).await?;
        let mut end = runner.end.take().unwrap_or(End::Complete);
        if end == End::Complete && hex(&self.input.digest(self.key.bytes())?) != hex(&digest) {
            end = End::InputChanged;
        }
        runner.count();
        tell(&runner.progress);
        let day_ends = midnight_after(now());
        Ok(Run {
            end,
            progress: runner.progress,
            unwritten: runner.unwritten,
            resume_after: (runner.progress.parked > 0).then_some(day_ends / 1_000),
        })
    }
}
