//! The journal as a ledger: a call is written down before its request may leave, and its outcome before it counts
//! as done.
//!
//! What is asked for at the same time is written, and synced, together: one thread writes a group while the next one
//! gathers.

mod groups;

use self::groups::{Shared, State, UnderWay, Written, unavailable};
use crate::journal::{
    Durability, Index, Intent, Journal, JournalError, Key, Outcome, Record, Settled, Standing,
    Totals, read_outcome,
};
use idcard_verification::{Charge, ClaimState, Ledger, LedgerClaim, LedgerError, LedgerOutcome};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in milliseconds.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Why a claim is refused in another process.
const FOREIGN: &str = "the journal was opened in another process";
/// Why a claim is refused after the end.
const CLOSED: &str = "the journal is closed";

/// A journal that a client asks before each call. Several clients may share it; one process writes it.
///
/// It belongs to the process that opened it. After `fork` the child's claims are refused: both would write as if they
/// were alone, and each would take the other's lines for its own.
#[derive(Debug)]
pub struct JournalLedger {
    shared: Arc<Shared>,
    reader: File,
    writer: Mutex<Option<JoinHandle<()>>>,
    process: u32,
}

impl JournalLedger {
    /// A ledger of a journal that has been read into an index. What is open in it becomes of unknown charge.
    pub(crate) fn new(
        path: &Path,
        mut journal: Journal,
        mut index: Index,
        durability: Durability,
    ) -> Result<Self, JournalError> {
        let open: Vec<Record> = index
            .all(Standing::Open)
            .into_iter()
            .map(|(key, _)| Record::Unknown(key))
            .collect();
        if !open.is_empty() {
            journal.append(&open)?;
            for record in &open {
                index.apply(0, record);
            }
        }
        let (end, group) = (journal.length(), journal.group());
        let state = State {
            written: end,
            journal: Some(journal),
            index,
            under_way: HashMap::new(),
            gathered: Vec::new(),
            waiting: Vec::new(),
            end,
            group,
            refusing: None,
            has_failed: false,
            ends: false,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            wake: Condvar::new(),
        });
        let writer = match durability {
            Durability::Process => None,
            Durability::Power => {
                let shared = Arc::clone(&shared);
                let thread = std::thread::Builder::new().name("idcard-journal".to_owned());
                let write = move || shared.write_groups();
                Some(thread.spawn(write).map_err(JournalError::Write)?)
            }
        };
        Ok(Self {
            shared,
            reader: File::open(path).map_err(JournalError::Read)?,
            writer: Mutex::new(writer),
            process: std::process::id(),
        })
    }

    /// Opens the journal of calls that belong to no file of people, or begins one. `key` is that of the client's
    /// [`LedgerConfig`](idcard_verification::LedgerConfig).
    ///
    /// # Errors
    /// When it cannot be used, or is of another key: it would know nobody.
    pub fn open(path: &Path, key: &[u8], durability: Durability) -> Result<Self, JournalError> {
        let whose = crate::journal::hash(key, "ledger", "");
        let header = crate::journal::Header::new(&whose, "", "", "ledger");
        let mut index = Index::default();
        match crate::journal::read_header(path) {
            Err(JournalError::Missing(_)) => {}
            Ok(found) if found == header => {}
            Ok(found) if found.options == header.options => return Err(JournalError::OtherKey),
            Ok(found) => return Err(JournalError::OtherRun(found.differences(&header))),
            Err(error) => return Err(error),
        }
        let journal = match Journal::open(path, durability, |at, record| index.apply(at, &record)) {
            Err(JournalError::Missing(_)) => Journal::create(path, &header, durability)?,
            opened => opened?,
        };
        Self::new(path, journal, index, durability)
    }

    /// What it comes to, in money.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.lock().index.totals
    }

    /// How it stands with a person, and where the line is that says so.
    pub(crate) fn standing(&self, key: Key) -> (Standing, u64) {
        self.lock().index.get(key)
    }

    /// Number of a person among those of the input.
    pub(crate) fn number_of(&self, key: Key) -> Option<usize> {
        self.lock().index.number_of(key)
    }

    /// Looks at how it stands with everybody, and up to where that can be read.
    pub(crate) fn with_index<T>(&self, look: impl FnOnce(&Index, u64) -> T) -> T {
        let state = self.lock();
        look(&state.index, state.written)
    }

    /// Where the next line will be.
    pub(crate) fn end(&self) -> u64 {
        self.lock().end
    }

    /// How many requests about somebody are of unknown charge, and where the line of the last one is.
    pub(crate) fn debt(&self, key: Key) -> Option<(u32, u64)> {
        self.lock().index.debt(key)
    }

    /// What came of somebody, by the line that says so.
    pub(crate) fn outcome(&self, at: u64, key: Key) -> Result<Option<Outcome>, JournalError> {
        read_outcome(&self.reader, at, key)
    }

    /// Why nothing may begin any more, if that is so.
    pub(crate) fn refusing(&self) -> Option<String> {
        self.lock().refusing.clone()
    }

    /// Whether what is under way can still be written.
    pub(crate) fn is_writing(&self) -> bool {
        !self.lock().has_failed
    }

    /// Says which row a call is for, before it is made, and whether it has been decided to ask although the charge of an
    /// earlier one is unknown.
    pub(crate) fn expect(&self, key: Key, row: u64, again: bool) {
        let call = UnderWay {
            owner: String::new(),
            row,
            again,
        };
        self.lock().under_way.insert(key, call);
    }

    /// The call of a person has ended, whatever came of it.
    pub(crate) fn ended(&self, key: Key) {
        self.lock().under_way.remove(&key);
    }

    /// Writes down what needed no request: an answer of an earlier call, of another journal, or of a bill.
    pub(crate) async fn note(&self, record: Record) -> Result<(), LedgerError> {
        let written = {
            let mut state = self.lock();
            self.shared.put(&mut state, &record)
        };
        written.wait().await
    }

    /// Settles a request of unknown charge; false when there is none of that person.
    pub(crate) async fn settle_by_hand(
        &self,
        key: Key,
        charged: bool,
    ) -> Result<bool, LedgerError> {
        let written = {
            let mut state = self.lock();
            if state.index.debt(key).is_none() {
                return Ok(false);
            }
            let record = Record::Settled(Settled { key, charged });
            self.shared.put(&mut state, &record)
        };
        written.wait().await.map(|()| true)
    }

    /// Refuses another process than the one that opened it.
    pub(crate) fn check_process(&self) -> Result<(), JournalError> {
        if self.is_foreign() {
            return Err(JournalError::OtherProcess);
        }
        Ok(())
    }

    /// Whether this is another process than the one that opened it.
    fn is_foreign(&self) -> bool {
        self.process != std::process::id()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock()
    }
}

impl JournalLedger {
    /// Writes what is gathered and lets go of the journal. Claims are refused from now on.
    pub fn close(&self) {
        if self.is_foreign() {
            // The thread is not here, its lock may be held for ever, and the files are the parent's.
            std::mem::forget(Arc::clone(&self.shared));
            return;
        }
        {
            let mut state = self.lock();
            state.ends = true;
            state.refusing.get_or_insert_with(|| CLOSED.to_owned());
        }
        self.shared.wake.notify_all();
        let writer = self.writer.lock();
        if let Some(writer) = writer.unwrap_or_else(PoisonError::into_inner).take() {
            let _ = writer.join();
        }
        self.lock().journal = None;
    }
}

impl Drop for JournalLedger {
    fn drop(&mut self) {
        self.close();
    }
}

#[async_trait::async_trait]
impl Ledger for JournalLedger {
    async fn claim(&self, claim: LedgerClaim) -> Result<ClaimState, LedgerError> {
        let key = Key::parse(&claim.key).ok_or_else(|| unavailable("the key is none"))?;
        if self.is_foreign() {
            return Err(unavailable(FOREIGN));
        }
        match self.begin(key, claim.owner)? {
            Begun::Open => Ok(ClaimState::Open),
            Begun::Mine(written) => written.wait().await.map(|()| ClaimState::Mine),
            Begun::Settled(written, standing, at) => {
                written.wait().await?;
                self.settled(standing, at, key)
            }
        }
    }

    async fn settle(&self, claim: LedgerClaim, outcome: LedgerOutcome) -> Result<(), LedgerError> {
        let key = Key::parse(&claim.key).ok_or_else(|| unavailable("the key is none"))?;
        if self.is_foreign() {
            return Err(unavailable(FOREIGN));
        }
        let written = {
            let mut state = self.lock();
            let row = match state.under_way.get(&key) {
                Some(call) if call.owner == claim.owner => call.row,
                _ => return Err(LedgerError::NotTheOwner),
            };
            let record = Outcome {
                key,
                row,
                result: outcome.result,
                error: outcome.error,
                charge: outcome.charge.as_str().to_owned(),
                request_id: outcome.request_id,
                attempts: outcome.attempts,
                uncertain_attempts: outcome.uncertain_attempts,
                time: now(),
            };
            let record = Record::Outcome(record.bounded());
            let written = self.shared.put(&mut state, &record);
            // Whose row it is will be asked no more.
            if state.under_way.get(&key).is_some_and(|call| call.row == 0) {
                state.under_way.remove(&key);
            }
            written
        };
        written.wait().await
    }
}

/// What a claim has begun.
enum Begun {
    /// It is another's, or of unknown charge.
    Open,
    /// The caller's, once this is written.
    Mine(Written),
    /// There is an answer, to be read once this is written.
    Settled(Written, Standing, u64),
}

impl JournalLedger {
    fn begin(&self, key: Key, owner: String) -> Result<Begun, LedgerError> {
        let mut state = self.lock();
        if let Some(reason) = &state.refusing {
            return Err(unavailable(reason));
        }
        let (standing, at) = state.index.get(key);
        let call = state.under_way.get(&key);
        match standing {
            Standing::Untouched | Standing::Failed | Standing::Parked => {}
            Standing::Unknown | Standing::Elsewhere if call.is_some_and(|call| call.again) => {}
            Standing::Unknown | Standing::Elsewhere => return Ok(Begun::Open),
            Standing::Open if call.is_some_and(|call| call.owner == owner) => {
                return Ok(Begun::Mine(self.shared.flushed(&mut state, at)));
            }
            Standing::Open => return Ok(Begun::Open),
            Standing::Answered | Standing::Settled => {
                let written = self.shared.flushed(&mut state, at);
                return Ok(Begun::Settled(written, standing, at));
            }
        }
        let call = state.under_way.entry(key).or_default();
        call.owner = owner;
        // Once.
        call.again = false;
        let (row, time) = (call.row, now());
        let intent = Record::Intent(Intent { key, row, time });
        Ok(Begun::Mine(self.shared.put(&mut state, &intent)))
    }

    /// What a later claim is told of a call that has an answer.
    fn settled(&self, standing: Standing, at: u64, key: Key) -> Result<ClaimState, LedgerError> {
        let lost = LedgerOutcome {
            charge: Charge::Charged,
            result: None,
            error: None,
            request_id: None,
            attempts: 0,
            uncertain_attempts: 0,
        };
        if standing == Standing::Settled {
            return Ok(ClaimState::Settled { outcome: lost });
        }
        match self.outcome(at, key) {
            Ok(Some(outcome)) => Ok(ClaimState::Settled {
                outcome: LedgerOutcome {
                    charge: charge(&outcome.charge),
                    result: outcome.result,
                    error: outcome.error,
                    request_id: outcome.request_id,
                    attempts: outcome.attempts,
                    uncertain_attempts: outcome.uncertain_attempts,
                },
            }),
            Ok(None) => Ok(ClaimState::Settled { outcome: lost }),
            Err(error) => Err(unavailable(error)),
        }
    }
}

/// The charge of a name; what is no name may have been charged.
pub(crate) fn charge(name: &str) -> Charge {
    let all = [Charge::Charged, Charge::NotCharged];
    let found = all.into_iter().find(|charge| charge.as_str() == name);
    found.unwrap_or(Charge::Unknown)
}
