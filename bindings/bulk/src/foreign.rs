//! What Python is handed: a few objects, and JSON for whatever is data. The package makes typed values of it.

mod settings;

use self::settings::{DURABILITIES, OutputSettings, Settings, named};
use crate::journal::JobKey;
use crate::output::{MAX_WORKBOOK_ROWS, Output, OutputError};
use crate::{Bulk, BulkError, Control, End, JournalLedger, Progress, Reader, Run};
use idcard_verification::{Client, Error, Ledger, LedgerConfig};
use serde::Serialize;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why a file cannot be verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub(crate) enum BulkFailure {
    /// A setting cannot be used.
    #[error("{detail}")]
    Setting {
        /// What is wrong.
        detail: String,
    },
    /// The input cannot be read.
    #[error("{detail}")]
    Input {
        /// What is wrong.
        detail: String,
    },
    /// The journal, or its key, cannot be used.
    #[error("{detail}")]
    Journal {
        /// What is wrong.
        detail: String,
    },
    /// The output cannot be written.
    #[error("{detail}")]
    Output {
        /// What is wrong.
        detail: String,
    },
}

impl From<BulkError> for BulkFailure {
    fn from(error: BulkError) -> Self {
        let detail = error.to_string();
        match error {
            BulkError::Input(_) => Self::Input { detail },
            BulkError::Output(_) => Self::Output { detail },
            BulkError::Client(_)
            | BulkError::Charges { .. }
            | BulkError::HasLedger
            | BulkError::Running => Self::Setting { detail },
            _ => Self::Journal { detail },
        }
    }
}

impl From<Error> for BulkFailure {
    fn from(error: Error) -> Self {
        Self::Setting {
            detail: error.to_string(),
        }
    }
}

fn setting(detail: impl ToString) -> BulkFailure {
    BulkFailure::Setting {
        detail: detail.to_string(),
    }
}

fn json(value: &impl Serialize) -> Result<String, BulkFailure> {
    serde_json::to_string(value).map_err(setting)
}

fn runtime() -> Result<tokio::runtime::Runtime, BulkFailure> {
    let built = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    built.map_err(setting)
}

/// Says what a run would come to; nothing is sent or written.
#[uniffi::export]
pub(crate) fn plan_file(settings: String) -> Result<String, BulkFailure> {
    let settings = Settings::parse(&settings)?;
    json(&Bulk::plan(&settings.input()?, &settings.options()?)?)
}

/// Makes the report again, and the output; nothing is sent, and the journal is only read.
#[uniffi::export]
pub(crate) fn report_file(settings: String, output: Option<String>) -> Result<String, BulkFailure> {
    let settings = Settings::parse(&settings)?;
    let reader = Reader::open(settings.input()?, &settings.options()?)?;
    with_output(&settings, output, |output| reader.report(output))
}

/// Rows of unknown charge, for the bill.
#[uniffi::export]
pub(crate) fn unknown_rows(settings: String) -> Result<String, BulkFailure> {
    let settings = Settings::parse(&settings)?;
    json(&Reader::open(settings.input()?, &settings.options()?)?.unknown()?)
}

/// Destroys the key of a journal.
#[uniffi::export]
pub(crate) fn purge_file(settings: String) -> Result<(), BulkFailure> {
    Ok(Bulk::purge(&Settings::parse(&settings)?.options()?)?)
}

fn with_output(
    settings: &Settings,
    output: Option<String>,
    report: impl FnOnce(Option<&mut Output>) -> Result<crate::Report, BulkError>,
) -> Result<String, BulkFailure> {
    let Some(output) = output else {
        return json(&report(None)?);
    };
    let mut output = output_of(settings, &output, 0)?;
    let report = report(Some(&mut output))?;
    output.finish().map_err(BulkError::from)?;
    json(&report)
}

/// The output, of so many rows.
fn output_of(settings: &Settings, output: &str, rows: u64) -> Result<Output, BulkFailure> {
    let wanted: OutputSettings = serde_json::from_str(output).map_err(setting)?;
    let options = settings.options()?;
    let needed = [&settings.input, &options.journal, &options.key];
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let own = real(&wanted.path);
    if own.is_some() && needed.iter().any(|path| real(path) == own) {
        let path = Some(wanted.path);
        return Err(BulkError::from(OutputError::Exists { path }).into());
    }
    let headings = if settings.keep_columns {
        let rows = settings.input()?.rows().map_err(BulkError::from)?;
        rows.headings().unwrap_or_default().to_vec()
    } else {
        Vec::new()
    };
    let is_workbook = wanted.path.extension().is_some_and(|end| end == "xlsx");
    if is_workbook && rows > u64::from(MAX_WORKBOOK_ROWS) {
        let limit = MAX_WORKBOOK_ROWS;
        return Err(BulkError::from(OutputError::TooManyRows { limit }).into());
    }
    wanted.create(&headings)
}

/// A run: it is made in one thread, and told to stop by others.
#[derive(Debug, uniffi::Object)]
pub(crate) struct BulkJob {
    /// Nothing, once it is closed: an exception may hold this object much longer.
    bulk: Mutex<Option<Arc<Bulk>>>,
    client: Arc<Client>,
    settings: Settings,
    control: Mutex<Control>,
    progress: Mutex<Progress>,
}

#[derive(Serialize)]
struct RunSaid {
    #[serde(flatten)]
    end: End,
    progress: Progress,
    unwritten: Vec<Option<String>>,
    resume_after: Option<u64>,
}

#[uniffi::export]
impl BulkJob {
    /// Begins a run, or goes on with one if there is a journal.
    #[uniffi::constructor]
    pub(crate) fn open(client: Arc<Client>, settings: String) -> Result<Arc<Self>, BulkFailure> {
        let settings = Settings::parse(&settings)?;
        let mut options = settings.options()?;
        options.site = client.site();
        let bulk = if options.journal.exists() {
            Bulk::resume(settings.input()?, options)?
        } else {
            Bulk::begin(settings.input()?, options)?
        };
        Ok(Arc::new(Self {
            bulk: Mutex::new(Some(Arc::new(bulk))),
            client,
            settings,
            control: Mutex::default(),
            progress: Mutex::default(),
        }))
    }

    /// What a run from here would come to.
    pub(crate) fn outlook(&self) -> Result<String, BulkFailure> {
        json(&self.bulk()?.outlook())
    }

    /// Runs, in this thread.
    pub(crate) fn run(&self) -> Result<String, BulkFailure> {
        let tell = |progress: &Progress| *self.lock() = *progress;
        let (bulk, control) = (self.bulk()?, self.control());
        let run = bulk.run(&self.client, &control, tell);
        let Run {
            end,
            progress,
            unwritten,
            resume_after,
        } = runtime()?.block_on(run)?;
        json(&RunSaid {
            end,
            progress,
            unwritten,
            resume_after,
        })
    }

    /// How far it has come.
    pub(crate) fn progress(&self) -> Result<String, BulkFailure> {
        json(&*self.lock())
    }

    /// Begins no further call at first; gives up on those under way when it is called again.
    pub(crate) fn interrupt(&self) {
        self.control().interrupt();
    }

    /// A run begins: an interrupt of an earlier one is over.
    pub(crate) fn renew(&self) {
        *self.control.lock().unwrap_or_else(PoisonError::into_inner) = Control::default();
    }

    /// Whether the output can be written, before anything is paid for.
    pub(crate) fn check_output(&self, output: String) -> Result<(), BulkFailure> {
        output_of(&self.settings, &output, self.bulk()?.survey().rows).map(drop)
    }

    /// Makes the report, and the output.
    pub(crate) fn report(&self, output: Option<String>) -> Result<String, BulkFailure> {
        let bulk = self.bulk()?;
        with_output(&self.settings, output, |output| bulk.report(output))
    }

    /// Takes what the bill says of rows of unknown charge, from a file.
    pub(crate) fn settle(&self, charges: String) -> Result<u64, BulkFailure> {
        let file = std::fs::File::open(Path::new(&charges)).map_err(setting)?;
        Ok(runtime()?.block_on(self.bulk()?.settle(file))?)
    }

    /// Lets go of the journal, at the end of a run that is under way.
    pub(crate) fn close(&self) {
        drop(self.slot().take());
    }
}

impl BulkJob {
    fn control(&self) -> Control {
        let control = self.control.lock();
        control.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Bulk>>> {
        self.bulk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bulk(&self) -> Result<Arc<Bulk>, BulkFailure> {
        self.slot().clone().ok_or_else(|| setting("it is closed"))
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The journal of calls that belong to no file.
#[derive(Debug, uniffi::Object)]
pub(crate) struct CallJournal {
    ledger: Arc<JournalLedger>,
    key: JobKey,
}

#[uniffi::export]
impl CallJournal {
    /// Opens a journal, or begins one, and its key.
    #[uniffi::constructor]
    pub(crate) fn open(
        journal: String,
        key: String,
        durability: String,
    ) -> Result<Arc<Self>, BulkFailure> {
        let durability = named("durability", Some(&durability), &DURABILITIES)?.unwrap_or_default();
        let (journal, key) = (Path::new(&journal), Path::new(&key));
        // A new key would know nobody of an old journal.
        let key = if journal.exists() {
            JobKey::read(key)
        } else {
            JobKey::read_or_create(key)
        };
        let key = key.map_err(BulkError::from)?;
        let ledger = JournalLedger::open(journal, key.bytes(), durability);
        let ledger = Arc::new(ledger.map_err(BulkError::from)?);
        Ok(Arc::new(Self { ledger, key }))
    }

    /// The same client, whose calls are claimed here.
    pub(crate) fn client(&self, client: Arc<Client>) -> Result<Arc<Client>, BulkFailure> {
        let ledger: Arc<dyn Ledger> = Arc::clone(&self.ledger) as _;
        let config = LedgerConfig::shared(ledger, self.key.bytes());
        Ok(client.with_ledger(&config).map(Arc::new)?)
    }

    /// Lets go of the journal: calls of its clients are refused from now on.
    pub(crate) fn close(&self) {
        self.ledger.close();
    }
}
