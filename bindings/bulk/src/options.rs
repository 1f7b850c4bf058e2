//! How a file is verified.

use crate::journal::Durability;
use idcard_verification::Site;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Calls at a time, by itself: a second's worth of the quota, so that an answer may take a second.
const CONCURRENCY: usize = 100;
/// Failed rows after which a run stops, by itself.
const MAX_ERRORS: u64 = 100;

/// How a file is verified. Money and time first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BulkOptions {
    /// Site of the account. Default: the international one.
    pub site: Site,
    /// The SecretId, or whatever else names the account that pays: a run is resumed by the same one alone. It is kept
    /// as a keyed hash. Default: none, and then it is not compared.
    pub account: Option<Account>,
    /// Most charges of the run with all its resumptions: charged, of unknown charge and under way, counted before each
    /// request. Default: no limit.
    pub max_charges: Option<u64>,
    /// Failed rows, and rows of unknown charge, after which the run stops; 0 for no limit. Default: 100.
    pub max_errors: u64,
    /// Whether rows of unknown charge are asked again. **They may be paid twice.** Default: no.
    pub retry_unknown: bool,
    /// Whether the run waits for midnight in Beijing when the day's attempts for somebody are used up. Default: it
    /// ends, and can be resumed then.
    pub wait: bool,
    /// Whether numbers that end in 000 are asked where a spreadsheet has rounded others, or where there are more of them
    /// than chance makes: 3, and one of 400 rows. Default: no, they were probably rounded.
    pub allow_rounded: bool,
    /// Journals of earlier runs: whom they have an answer for is not asked again. Default: none.
    pub known: Vec<PathBuf>,
    /// The journal. Default: beside the input, with `.journal` behind its name.
    pub journal: PathBuf,
    /// The key of the journal. Default: beside the journal, with `.key` behind its name.
    pub key: PathBuf,
    /// What the journal survives. Default: the end of the machine.
    pub durability: Durability,
    /// Whether a journal is accepted whose last line is later than this machine's clock says. Default: no.
    pub accept_clock: bool,
    /// Calls at a time. Default: 100.
    pub concurrency: usize,
    /// How often progress is told. Default: each 100 ms.
    pub progress_interval: Duration,
}

/// What names an account. It prints as no more than that.
#[derive(Clone, PartialEq, Eq)]
pub struct Account(String);

impl<T: Into<String>> From<T> for Account {
    fn from(name: T) -> Self {
        Self(name.into())
    }
}

impl Account {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account")
    }
}

impl BulkOptions {
    /// The defaults, with a journal.
    #[must_use]
    pub fn new(journal: impl Into<PathBuf>) -> Self {
        let journal = journal.into();
        Self {
            site: Site::International,
            account: None,
            max_charges: None,
            max_errors: MAX_ERRORS,
            retry_unknown: false,
            wait: false,
            allow_rounded: false,
            known: Vec::new(),
            key: beside(&journal, ".key"),
            journal,
            durability: Durability::default(),
            accept_clock: false,
            concurrency: CONCURRENCY,
            progress_interval: Duration::from_millis(100),
        }
    }

    /// The defaults, with the journal beside the input.
    #[must_use]
    pub fn beside(input: &Path) -> Self {
        Self::new(beside(input, ".journal"))
    }
}

/// A path with something behind its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
