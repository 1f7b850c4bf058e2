//! What Python is handed: a few objects, and JSON for whatever is data. The package makes typed values of it.

use crate::input::{Encoding, Format, Input, InputOptions};
use crate::journal::{Durability, JobKey};
use crate::output::{Output, OutputError, OutputFormat, OutputOptions};
use crate::{
    Account, Bulk, BulkError, BulkOptions, Control, End, JournalLedger, Progress, Reader, Run,
};
use idcard_verification::{Client, Error, Ledger, LedgerConfig, Site};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
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

/// Everything that can be said of a run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    input: PathBuf,
    /// JSON lines in place of a file. They are people.
    rows: Option<String>,
    journal: Option<PathBuf>,
    key: Option<PathBuf>,
    account: Option<String>,
    format: Option<String>,
    encoding: Option<String>,
    delimiter: Option<char>,
    number_column: Option<String>,
    name_column: Option<String>,
    id_column: Option<String>,
    sheet: Option<String>,
    normalize: bool,
    keep_columns: bool,
    allow_rounded: bool,
    known: Vec<PathBuf>,
    max_charges: Option<u64>,
    max_errors: Option<u64>,
    retry_unknown: bool,
    wait: bool,
    durability: Option<String>,
    accept_clock: bool,
    concurrency: Option<u64>,
}

/// The value of a name, as the command line has it.
fn named<T: Copy>(
    what: &str,
    name: Option<&str>,
    all: &[(&str, T)],
) -> Result<Option<T>, BulkFailure> {
    let Some(name) = name else { return Ok(None) };
    let found = all.iter().find(|(own, _)| *own == name);
    let names: Vec<&str> = all.iter().map(|(own, _)| *own).collect();
    let unknown = || {
        setting(format!(
            "{what}: there is no {name:?}, but {}",
            names.join(", ")
        ))
    };
    found.map(|(_, value)| Some(*value)).ok_or_else(unknown)
}

impl Settings {
    fn parse(json: &str) -> Result<Self, BulkFailure> {
        serde_json::from_str(json).map_err(setting)
    }

    fn input(&self) -> Result<Input, BulkFailure> {
        let formats = [
            ("csv", Format::Csv),
            ("tsv", Format::Tsv),
            ("jsonl", Format::Jsonl),
            ("xlsx", Format::Xlsx),
        ];
        let encodings = [
            ("utf-8", Encoding::Utf8),
            ("gb18030", Encoding::Gb18030),
            ("big5", Encoding::Big5),
            ("utf-16le", Encoding::Utf16Le),
            ("utf-16be", Encoding::Utf16Be),
        ];
        let delimiter = self.delimiter.map(u8::try_from).transpose();
        let options = InputOptions {
            format: named("format", self.format.as_deref(), &formats)?,
            encoding: named("encoding", self.encoding.as_deref(), &encodings)?,
            delimiter: delimiter.map_err(|_| setting("delimiter: it is no ASCII character"))?,
            number_column: self.number_column.clone(),
            name_column: self.name_column.clone(),
            id_column: self.id_column.clone(),
            sheet: self.sheet.clone(),
            normalize: self.normalize,
            keep_cells: self.keep_columns,
        };
        let input = match &self.rows {
            Some(rows) => Input::from_reader(rows.as_bytes(), options),
            None => Input::open(&self.input, options),
        };
        Ok(input.map_err(BulkError::from)?)
    }

    fn options(&self) -> Result<BulkOptions, BulkFailure> {
        let mut options = match &self.journal {
            Some(journal) => BulkOptions::new(journal),
            None => BulkOptions::beside(&self.input),
        };
        // That of the journal, if there is one; a new run has that of its client.
        let header = crate::journal::read_header(&options.journal);
        if let Some(site) = header.ok().and_then(|header| Site::from_name(&header.site)) {
            options.site = site;
        }
        options.account = self.account.clone().map(Account::from);
        options.allow_rounded = self.allow_rounded;
        options.known.clone_from(&self.known);
        options.max_charges = self.max_charges;
        options.retry_unknown = self.retry_unknown;
        options.wait = self.wait;
        options.accept_clock = self.accept_clock;
        if let Some(key) = &self.key {
            options.key.clone_from(key);
        }
        if let Some(errors) = self.max_errors {
            options.max_errors = errors;
        }
        if let Some(calls) = self.concurrency {
            options.concurrency = usize::try_from(calls).unwrap_or(usize::MAX);
        }
        let durability = named("durability", self.durability.as_deref(), &DURABILITIES)?;
        options.durability = durability.unwrap_or_default();
        Ok(options)
    }
}

const DURABILITIES: [(&str, Durability); 2] = [
    ("process", Durability::Process),
    ("power", Durability::Power),
];

/// Where the rows go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputSettings {
    path: PathBuf,
    format: Option<String>,
    bom: bool,
    overwrite: bool,
}

impl OutputSettings {
    fn create(&self, headings: &[String]) -> Result<Output, BulkFailure> {
        let formats = [
            ("csv", OutputFormat::Csv),
            ("jsonl", OutputFormat::Jsonl),
            ("xlsx", OutputFormat::Xlsx),
        ];
        let options = OutputOptions {
            format: named("output format", self.format.as_deref(), &formats)?,
            bom: self.bom,
        };
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        let output = Output::create(&self.path, &options, &headings, self.overwrite);
        Ok(output.map_err(BulkError::from)?)
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
    if is_workbook && rows > u64::from(MOST_OF_A_WORKBOOK) {
        let limit = MOST_OF_A_WORKBOOK;
        return Err(BulkError::from(OutputError::TooManyRows { limit }).into());
    }
    wanted.create(&headings)
}

/// Rows that a workbook has place for, below the headings.
const MOST_OF_A_WORKBOOK: u32 = 1_048_575;

/// By what is not somebody's.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
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
