//! Writes records, those that are asked for at the same time together: one thread writes a group while the next one
//! gathers.

use crate::journal::{Index, Journal, JournalError, Key, Record, line};
use idcard_verification::LedgerError;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) wake: Condvar,
}

pub(super) type Done = oneshot::Sender<Result<(), LedgerError>>;

#[derive(Debug)]
pub(super) struct State {
    /// Of a journal that survives the machine, the thread has it while it writes.
    pub(super) journal: Option<Journal>,
    pub(super) index: Index,
    pub(super) under_way: HashMap<Key, UnderWay>,
    /// Lines to be written, and whoever waits for them.
    pub(super) gathered: Vec<u8>,
    pub(super) waiting: Vec<Done>,
    /// Up to where it can be read.
    pub(super) written: u64,
    /// Where the next line will be, and its group.
    pub(super) end: u64,
    pub(super) group: u32,
    /// Why nothing may begin any more.
    pub(super) refusing: Option<String>,
    pub(super) has_failed: bool,
    pub(super) ends: bool,
}

/// A call under way.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    pub(super) owner: String,
    /// 0 where there are no rows.
    pub(super) row: u64,
    /// Whether it is made although the charge of an earlier one is unknown.
    pub(super) again: bool,
}

/// A record that is written, or on its way.
pub(super) enum Written {
    Now(Result<(), LedgerError>),
    Later(oneshot::Receiver<Result<(), LedgerError>>),
}

impl Written {
    pub(super) async fn wait(self) -> Result<(), LedgerError> {
        match self {
            Self::Now(result) => result,
            Self::Later(result) => result
                .await
                .unwrap_or_else(|_| Err(unavailable("the journal is closed"))),
        }
    }
}

pub(super) fn unavailable(reason: impl ToString) -> LedgerError {
    LedgerError::Unavailable {
        reason: reason.to_string(),
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record into account and writes it, or has it written.
    pub(super) fn put(&self, state: &mut State, record: &Record) -> Written {
        if state.ends {
            return Written::Now(Err(unavailable("the journal is closed")));
        }
        let line = line(record, state.group);
        state.index.apply(state.end, record);
        state.end += line.len() as u64;
        // A journal that survives the process alone is written at once: that takes a microsecond.
        if let Some(journal) = &mut state.journal
            && !journal.has_thread()
        {
            let written = journal.append_lines(&line);
            state.group = journal.group();
            let (full, length) = (journal.is_full(), journal.length());
            return Written::Now(state.ended(written, full, length));
        }
        state.gathered.extend(line);
        self.later(state)
    }

    /// Waits until a line is written.
    pub(super) fn flushed(&self, state: &mut State, at: u64) -> Written {
        if at < state.written {
            return Written::Now(Ok(()));
        }
        if state.has_failed || state.ends {
            return Written::Now(Err(unavailable("the journal is closed")));
        }
        self.later(state)
    }

    fn later(&self, state: &mut State) -> Written {
        let (done, waits) = oneshot::channel();
        state.waiting.push(done);
        self.wake.notify_all();
        Written::Later(waits)
    }

    /// The thread's work.
    pub(super) fn write_groups(&self) {
        let mut state = self.lock();
        loop {
            while state.waiting.is_empty() && !state.ends {
                state = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.waiting.is_empty() {
                return;
            }
            let lines = std::mem::take(&mut state.gathered);
            let waiting = std::mem::take(&mut state.waiting);
            let Some(mut journal) = state.journal.take() else {
                return;
            };
            state.group = state.group.wrapping_add(1);
            drop(state);
            let written = journal.append_lines(&lines);
            let (full, length) = (journal.is_full(), journal.length());
            state = self.lock();
            state.journal = Some(journal);
            let written = state.ended(written, full, length);
            for done in waiting {
                let _ = done.send(written.clone());
            }
        }
    }
}

impl State {
    /// What a write came to; after a failure nothing begins any more.
    pub(super) fn ended(
        &mut self,
        written: Result<(), JournalError>,
        full: bool,
        length: u64,
    ) -> Result<(), LedgerError> {
        self.written = length;
        if let Err(error) = written {
            let reason = error.to_string();
            self.has_failed = true;
            self.refusing.get_or_insert_with(|| reason.clone());
            return Err(unavailable(reason));
        }
        if full {
            self.refusing
                .get_or_insert_with(|| JournalError::Full.to_string());
        }
        Ok(())
    }
}
