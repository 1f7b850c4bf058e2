//! What can be said of a run and of its output, as JSON.

use super::{BulkFailure, setting};
use crate::input::{Encoding, Format, Input, InputOptions};
use crate::journal::Durability;
use crate::output::{Output, OutputFormat, OutputOptions};
use crate::{Account, BulkError, BulkOptions};
use idcard_verification::Site;
use serde::Deserialize;
use std::path::PathBuf;

/// Everything that can be said of a run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) input: PathBuf,
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
    pub(super) keep_columns: bool,
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
pub(super) fn named<T: Copy>(
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
    pub(super) fn parse(json: &str) -> Result<Self, BulkFailure> {
        serde_json::from_str(json).map_err(setting)
    }

    pub(super) fn input(&self) -> Result<Input, BulkFailure> {
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

    pub(super) fn options(&self) -> Result<BulkOptions, BulkFailure> {
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

pub(super) const DURABILITIES: [(&str, Durability); 2] = [
    ("process", Durability::Process),
    ("power", Durability::Power),
];

/// Where the rows go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputSettings {
    pub(super) path: PathBuf,
    format: Option<String>,
    bom: bool,
    overwrite: bool,
}

impl OutputSettings {
    pub(super) fn create(&self, headings: &[String]) -> Result<Output, BulkFailure> {
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

/// By what is not somebody's.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}
