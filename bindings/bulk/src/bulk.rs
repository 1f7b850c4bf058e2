//! A file, its journal and its key, together.

use crate::error::BulkError;
use crate::input::Input;
use crate::journal::{Header, Index, JobKey, Journal, JournalError, hex, read_header};
use crate::known::Known;
use crate::ledger::{JournalLedger, now};
use crate::options::{Account, BulkOptions};
use crate::person::{People, Survey};
use crate::plan::Plan;
use idcard_verification::{Client, Ledger, LedgerConfig, LedgerKeys};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How far the clock may be behind the journal's last line: clocks are set.
const TOLERANCE: Duration = Duration::from_secs(300);

/// A file of people and the journal of its verification.
#[derive(Debug)]
pub struct Bulk {
    pub(crate) input: Input,
    pub(crate) options: BulkOptions,
    pub(crate) key: JobKey,
    pub(crate) people: People,
    pub(crate) survey: Survey,
    pub(crate) ledger: Arc<JournalLedger>,
    pub(crate) known: Vec<Known>,
    /// Two runs of one journal would take each other's calls for their own.
    pub(crate) is_running: AtomicBool,
}

impl Bulk {
    /// Says what a run would come to. It needs no keys, sends nothing and writes nothing; where there is a journal
    /// already, what it has is counted.
    ///
    /// # Errors
    /// When the input or the journal cannot be read.
    pub fn plan(input: &Input, options: &BulkOptions) -> Result<Plan, BulkError> {
        let key = match JobKey::read(&options.key) {
            Ok(key) => key,
            Err(error) if options.journal.exists() => return Err(error.into()),
            Err(_) => JobKey::new()?,
        };
        let (people, survey, mut index) = read(input, options, &key)?;
        if options.journal.exists() {
            let header = read_header(&options.journal)?;
            compare(&header, &own_header(input, options, &key)?)?;
            crate::journal::scan(&options.journal, |at, record| index.apply(at, &record))?;
        }
        let known = known(options)?;
        let mut remembered = 0;
        if !known.is_empty() {
            let mut counted = std::collections::HashSet::new();
            for row in input.rows()? {
                let Ok((request, key)) = people.of(&row?) else {
                    continue;
                };
                let has = |known: &Known| known.outcome(&request, (key, 0));
                let found = known.iter().map(has).collect::<Result<Vec<_>, _>>()?;
                let is_new = index.get(key).0 == crate::journal::Standing::Untouched;
                if is_new && found.iter().any(Option::is_some) && counted.insert(key) {
                    remembered += 1;
                }
            }
        }
        Ok(Plan::of(survey, &index, remembered, options))
    }

    /// Begins a run: there is no journal yet.
    ///
    /// # Errors
    /// When there is one, or something cannot be read or written.
    pub fn begin(input: Input, options: BulkOptions) -> Result<Self, BulkError> {
        if options.journal.exists() {
            let path = options.journal.display().to_string();
            return Err(JournalError::Exists(path).into());
        }
        let known = known(&options)?;
        let key = JobKey::read_or_create(&options.key)?;
        let (people, survey, index) = read(&input, &options, &key)?;
        let header = own_header(&input, &options, &key)?;
        let journal = Journal::create(&options.journal, &header, options.durability)?;
        Self::of(
            (input, options, key),
            (people, survey, index),
            journal,
            known,
        )
    }

    /// Opens a run that was begun, to go on with it or to settle what is of unknown charge.
    ///
    /// # Errors
    /// When there is none, another process has it, it is of another input, site, account or options, or this
    /// machine's clock is behind it.
    pub fn resume(input: Input, options: BulkOptions) -> Result<Self, BulkError> {
        let header = read_header(&options.journal)?;
        let known = known(&options)?;
        let key = JobKey::read(&options.key)?;
        let (people, survey, mut index) = read_matching(&input, &options, &key, &header)?;
        let mut latest = 0;
        let journal = Journal::open(&options.journal, options.durability, |at, record| {
            latest = latest.max(record.time().unwrap_or(0));
            index.apply(at, &record);
        })?;
        let behind = Duration::from_millis(latest.saturating_sub(now()));
        if behind > TOLERANCE && !options.accept_clock {
            return Err(BulkError::Clock(behind));
        }
        Self::of(
            (input, options, key),
            (people, survey, index),
            journal,
            known,
        )
    }

    fn of(
        (input, options, key): (Input, BulkOptions, JobKey),
        (people, survey, index): (People, Survey, Index),
        journal: Journal,
        known: Vec<Known>,
    ) -> Result<Self, BulkError> {
        let ledger = JournalLedger::new(&options.journal, journal, index, options.durability)?;
        Ok(Self {
            input,
            options,
            key,
            people,
            survey,
            ledger: Arc::new(ledger),
            known,
            is_running: AtomicBool::new(false),
        })
    }

    /// The journal, as a ledger.
    #[must_use]
    pub fn ledger(&self) -> Arc<JournalLedger> {
        Arc::clone(&self.ledger)
    }

    /// The client that makes the calls of this run: each is claimed before.
    pub(crate) fn client(
        &self,
        client: &Client,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Client, BulkError> {
        if client.has_ledger() {
            return Err(BulkError::HasLedger);
        }
        let ledger = LedgerConfig::shared(ledger, self.key.bytes());
        Ok(client.with_ledger(&ledger)?)
    }

    /// What a run from here would come to.
    #[must_use]
    pub fn outlook(&self) -> Plan {
        self.ledger
            .with_index(|index, _| Plan::of(self.survey.clone(), index, 0, &self.options))
    }

    /// Destroys the key of a journal: nobody can tell any more whom it is about. The journal stays, as numbers.
    ///
    /// # Errors
    /// When a run has the journal, or there is no key.
    pub fn purge(options: &BulkOptions) -> Result<(), BulkError> {
        // Held until the key is gone, so that no run begins in between.
        let _held = match Journal::open(&options.journal, options.durability, |_, _| {}) {
            Ok(journal) => Some(journal),
            Err(error @ JournalError::InUse) => return Err(error.into()),
            // What cannot be read any more may have a key all the same.
            Err(_) => None,
        };
        Ok(JobKey::destroy(&options.key)?)
    }

    /// What the file holds.
    #[must_use]
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }
}

fn known(options: &BulkOptions) -> Result<Vec<Known>, BulkError> {
    let paths = options.known.iter();
    paths.map(|path| Known::read(path, options.site)).collect()
}

/// Reads the input once.
fn read(
    input: &Input,
    options: &BulkOptions,
    key: &JobKey,
) -> Result<(People, Survey, Index), BulkError> {
    let mut people = People {
        keys: LedgerKeys::new(key.bytes(), options.site)?,
        refuses_rounded: false,
    };
    let (survey, keys) = people.survey(input, options.allow_rounded)?;
    Ok((people, survey, Index::of(keys)))
}

/// Reads the input once, if a journal's header is its own.
pub(crate) fn read_matching(
    input: &Input,
    options: &BulkOptions,
    key: &JobKey,
    header: &Header,
) -> Result<(People, Survey, Index), BulkError> {
    compare(header, &own_header(input, options, key)?)?;
    read(input, options, key)
}

/// What a journal of this input and these options begins with.
fn own_header(input: &Input, options: &BulkOptions, key: &JobKey) -> Result<Header, BulkError> {
    let digest = hex(&input.digest(key.bytes())?);
    let account = options.account.as_ref().map(Account::as_str);
    let account = account.map(|account| key.hash("account", account));
    let mut said = input.said();
    if options.allow_rounded {
        said.push_str(" allow-rounded");
    }
    Ok(Header::new(
        &digest,
        options.site.as_str(),
        &account.unwrap_or_default(),
        &said,
    ))
}

/// Whether a journal's header is that of this run. An account is compared when both are known.
fn compare(header: &Header, own: &Header) -> Result<(), JournalError> {
    let mut own = own.clone();
    if own.account.is_empty() || header.account.is_empty() {
        own.account.clone_from(&header.account);
    }
    let differences = header.differences(&own);
    if differences.is_empty() {
        return Ok(());
    }
    Err(JournalError::OtherRun(differences))
}
