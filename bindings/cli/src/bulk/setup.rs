//! From arguments to a file, a journal and the options of a run.

use super::arguments::{Durability, Format, Job, Read, Where};
use crate::failure::Failure;
use crate::input::Encoding as Named;
use idcard_bulk::input::{Encoding, Format as Kind, Input, InputOptions};
use idcard_bulk::{BulkOptions, journal};
use idcard_verification::Site;
use std::path::{Path, PathBuf};

/// A path with something behind its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens the file.
pub(super) fn input(read: &Read, keep_cells: bool) -> Result<Input, Failure> {
    let mut options = InputOptions::default();
    options.format = read.format.map(|format| match format {
        Format::Csv => Kind::Csv,
        Format::Tsv => Kind::Tsv,
        Format::Jsonl => Kind::Jsonl,
        Format::Xlsx => Kind::Xlsx,
    });
    options.encoding = read.encoding.map(|encoding| match encoding {
        Named::Utf8 => Encoding::Utf8,
        Named::Gb18030 => Encoding::Gb18030,
        Named::Big5 => Encoding::Big5,
        Named::Utf16Le => Encoding::Utf16Le,
        Named::Utf16Be => Encoding::Utf16Be,
    });
    options.delimiter = delimiter(read.delimiter.as_deref())?;
    options.number_column.clone_from(&read.number_column);
    options.name_column.clone_from(&read.name_column);
    options.id_column.clone_from(&read.id_column);
    options.sheet.clone_from(&read.sheet);
    options.normalize = read.normalize;
    options.keep_cells = keep_cells;
    let opened = if is_stream(&read.input) {
        Input::stdin(options)
    } else {
        Input::open(&read.input, options)
    };
    opened.map_err(|error| Failure::from_bulk(&error.into(), Some(&read.input)))
}

fn delimiter(given: Option<&str>) -> Result<Option<u8>, Failure> {
    match given.map(str::as_bytes) {
        None => Ok(None),
        Some(b"tab" | b"\\t") => Ok(Some(b'\t')),
        Some([one]) if one.is_ascii() => Ok(Some(*one)),
        Some(_) => Err(Failure::usage(
            "--delimiter is one ASCII character, or `tab`".to_owned(),
        )),
    }
}

/// Where a journal is.
pub(super) fn journal(
    input: Option<&Path>,
    named: Option<&Path>,
    sandbox: bool,
) -> Result<PathBuf, Failure> {
    match (named, input) {
        (Some(named), _) => Ok(named.to_owned()),
        (None, Some(input)) if !is_stream(input) => {
            // What a sandbox answered is nobody's answer: it has a journal of its own.
            let suffix = if sandbox {
                ".sandbox.journal"
            } else {
                ".journal"
            };
            Ok(beside(input, suffix))
        }
        _ => Err(Failure::usage(
            "standard input has no place for a journal beside it: name one by --journal FILE"
                .to_owned(),
        )),
    }
}

/// There is a journal, or it is said what to do.
pub(super) fn require(journal: &Path, input: Option<&Path>) -> Result<(), Failure> {
    if journal.exists() {
        return Ok(());
    }
    let other = |sandbox: bool| {
        self::journal(input, None, sandbox)
            .ok()
            .filter(|path| path.exists())
    };
    let hint = match (other(true), other(false)) {
        (Some(tried), _) => format!("; there is {}: add --sandbox", tried.display()),
        (None, Some(real)) => format!("; there is {}: leave out --sandbox", real.display()),
        (None, None) => ": begin by `bulk run`".to_owned(),
    };
    let detail = format!("there is no journal {}{hint}", journal.display());
    Err(Failure::usage(detail))
}

/// The options with a journal and its key.
pub(super) fn options(read: &Read, place: &Where, sandbox: bool) -> Result<BulkOptions, Failure> {
    let journal = journal(Some(&read.input), place.journal.as_deref(), sandbox)?;
    let mut options = BulkOptions::new(journal);
    if let Some(key) = &place.key_file {
        options.key.clone_from(key);
    }
    options.allow_rounded = read.allow_rounded;
    Ok(options)
}

/// The site that a journal is of, if there is one that can be read.
pub(super) fn site_of(journal: &Path) -> Option<Site> {
    let header = journal::read_header(journal).ok()?;
    let is_it = |site: &&Site| site.as_str() == header.site;
    Site::ALL.iter().find(is_it).copied()
}

/// The options of a run.
pub(super) fn job(job: &Job) -> Result<BulkOptions, Failure> {
    let sandbox = job.service.sandbox;
    let mut options = self::options(&job.read, &job.place, sandbox)?;
    let limits = &job.limits;
    let named = job.service.site.filter(|_| !sandbox);
    options.site = named
        .or_else(|| site_of(&options.journal))
        .unwrap_or(Site::International);
    options.account = job.service.account().map(idcard_bulk::Account::from);
    options.max_charges = limits.max_charges;
    options.max_errors = limits.max_errors;
    options.retry_unknown = limits.retry_unknown;
    options.wait = limits.wait;
    options.accept_clock = limits.accept_clock;
    options.known.clone_from(&limits.known);
    options.concurrency = usize::try_from(limits.concurrency).unwrap_or(1);
    options.durability = match limits.durability {
        Durability::Process => journal::Durability::Process,
        Durability::Power => journal::Durability::Power,
    };
    Ok(options)
}
