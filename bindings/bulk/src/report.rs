//! What came of each row, in the order of the input: made of the input and the journal, at any time, as often as
//! one likes.

mod lines;

use self::lines::Lines;
use crate::bulk::Bulk;
use crate::error::BulkError;
use crate::input::{Input, Row};
use crate::journal::{
    Index, JobKey, JournalError, Key, Outcome, Record, Standing, Totals, read_at, read_header,
    scan_file,
};
use crate::options::BulkOptions;
use crate::output::{Output, OutputRow};
use crate::person::{People, Survey};
use idcard_verification::{ResultCode, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::atomic::Ordering;

/// What came of all rows, in numbers alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Rows of the input.
    pub rows: u64,
    /// Rows that were answered: the name and the number belong together.
    pub matches: u64,
    /// Rows that were answered: they do not.
    pub mismatches: u64,
    /// Rows that were answered: the service could not tell.
    pub inconclusive: u64,
    /// Rows that say the same as an earlier one, and were not asked.
    pub duplicates: u64,
    /// Rows that are nobody's number and name.
    pub malformed: u64,
    /// Rows that a spreadsheet damaged.
    pub damaged: u64,
    /// Rows that failed and were free; a resumed run asks again.
    pub failed: u64,
    /// Rows of unknown charge.
    pub unknown: u64,
    /// Rows of unknown charge in an earlier journal; they are settled there.
    pub elsewhere: u64,
    /// Rows that were of unknown charge and are settled by the bill; their answer is lost.
    pub settled: u64,
    /// Rows for whom the day's attempts are used up; a run on another day asks again.
    pub parked: u64,
    /// Rows that have not been asked.
    pub not_asked: u64,
    /// What the account pays: requests that were charged, and those of unknown charge.
    pub charges: Charges,
    /// Rows by the result code that the service gave.
    pub results: BTreeMap<String, u64>,
    /// Failed rows and rows of unknown charge by their error.
    pub errors: BTreeMap<String, u64>,
    /// Refused rows by what is wrong with them.
    pub problems: BTreeMap<String, u64>,
}

/// What the account pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Charges {
    /// Requests that were charged.
    pub charged: u64,
    /// Requests of unknown charge: the bill has at most so many more.
    pub unknown: u64,
}

/// A row of unknown charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnknownRow {
    /// Which row.
    pub row: u64,
    /// The caller's own key of the row.
    pub id: Option<String>,
    /// Names the person in the journal.
    pub key: String,
    /// When it was asked or what came of it was written, in Unix time in milliseconds.
    pub time: u64,
    /// Request id, by which the bill has it, where there was one.
    pub request_id: Option<String>,
    /// The error.
    pub error: Option<String>,
}

/// A journal that is read with its input, while another process may write it.
#[derive(Debug)]
pub struct Reader {
    input: Input,
    people: People,
    survey: Survey,
    index: Index,
    file: File,
}

impl Reader {
    /// Reads a journal and its input. It changes nothing, and needs no account.
    ///
    /// # Errors
    /// When one of them cannot be read, or they do not belong together.
    pub fn open(input: Input, options: &BulkOptions) -> Result<Self, BulkError> {
        let header = read_header(&options.journal)?;
        let key = JobKey::read(&options.key)?;
        let (people, survey, mut index) =
            crate::bulk::read_matching(&input, options, &key, &header)?;
        let file = File::open(&options.journal).map_err(JournalError::Read)?;
        scan_file(&file, |at, record| index.apply(at, &record))?;
        Ok(Self {
            input,
            people,
            survey,
            index,
            file,
        })
    }

    /// Makes the report, and writes each row on the way.
    ///
    /// # Errors
    /// When the input or the journal cannot be read, or the output not be written.
    pub fn report(&self, output: Option<&mut Output>) -> Result<Report, BulkError> {
        let journal = Lines {
            index: &self.index,
            file: &self.file,
            written: u64::MAX,
        };
        project(&self.input, &self.people, &journal, output)
    }

    /// What the file holds.
    #[must_use]
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Rows of unknown charge, for the bill.
    ///
    /// # Errors
    /// When the input or the journal cannot be read.
    pub fn unknown(&self) -> Result<Vec<UnknownRow>, BulkError> {
        let mut found = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for row in self.input.rows()? {
            let row = row?;
            let Ok((_, key)) = self.people.of(&row) else {
                continue;
            };
            if !seen.insert(key) {
                continue;
            }
            let (standing, at) = self.index.get(key);
            if standing == Standing::Open {
                found.push(unknown_row(&self.file, &row, key, at)?);
            }
            // Also of somebody who was asked again, and has an answer: a line for each request.
            if let Some((requests, at)) = self.index.debt(key) {
                for _ in 0..requests {
                    found.push(unknown_row(&self.file, &row, key, at)?);
                }
            }
        }
        Ok(found)
    }
}

fn unknown_row(file: &File, row: &Row, key: Key, at: u64) -> Result<UnknownRow, BulkError> {
    let (time, request_id, error) = match read_at(file, at)? {
        Record::Outcome(outcome) => (outcome.time, outcome.request_id, outcome.error),
        Record::Intent(intent) => (intent.time, None, None),
        _ => (0, None, None),
    };
    Ok(UnknownRow {
        row: row.row,
        id: row.id.clone(),
        key: key.to_string(),
        time,
        request_id,
        error,
    })
}

impl Bulk {
    /// Makes the report, and writes each row on the way.
    ///
    /// # Errors
    /// When the input or the journal cannot be read, or the output not be written.
    pub fn report(&self, output: Option<&mut Output>) -> Result<Report, BulkError> {
        self.ledger.check_process()?;
        let file = File::open(&self.options.journal).map_err(JournalError::Read)?;
        if self.is_running.load(Ordering::Acquire) {
            // The calls under way do not wait for it.
            let mut index = self.ledger.with_index(|index, _| index.emptied());
            scan_file(&file, |at, record| index.apply(at, &record))?;
            let journal = Lines {
                index: &index,
                file: &file,
                written: u64::MAX,
            };
            return project(&self.input, &self.people, &journal, output);
        }
        self.ledger.with_index(|index, written| {
            let journal = Lines {
                index,
                file: &file,
                written,
            };
            project(&self.input, &self.people, &journal, output)
        })
    }

    /// Takes what the bill says of rows of unknown charge: CSV with the columns `key` and `charged`, such as the list of
    /// unknown rows is, with `yes` or `no` in each. An empty cell says nothing. Gives back how many were settled.
    ///
    /// # Errors
    /// When a line cannot be understood, before any is taken; when the journal cannot be written.
    pub async fn settle(&self, charges: impl std::io::Read) -> Result<u64, BulkError> {
        let mut settled = 0;
        for (key, charged) in crate::charges::read(charges)? {
            let written = self.ledger.settle_by_hand(key, charged).await;
            let written = written.map_err(|error| idcard_verification::Error::Configuration {
                detail: error.to_string(),
            })?;
            settled += u64::from(written);
        }
        Ok(settled)
    }
}

/// Goes through the input once more.
fn project(
    input: &Input,
    people: &People,
    journal: &Lines<'_>,
    mut output: Option<&mut Output>,
) -> Result<Report, BulkError> {
    let totals: Totals = journal.index.totals;
    let mut report = Report {
        charges: Charges {
            charged: totals.charged,
            unknown: totals.unknown + totals.open,
        },
        ..Report::default()
    };
    // Of each person the row that came first.
    let mut first = vec![0_u32; journal.index.len()];
    for row in input.rows()? {
        let row = row?;
        report.rows += 1;
        let key = match people.of(&row) {
            Ok((_, key)) => key,
            Err(problem) => {
                let status = if problem.is_damage {
                    report.damaged += 1;
                    "damaged"
                } else {
                    report.malformed += 1;
                    "malformed"
                };
                let kind = format!("{} {}", problem.field, problem.kind);
                *report.problems.entry(kind).or_default() += 1;
                let text = problem.to_string();
                let refused = OutputRow {
                    problem: Some(&text),
                    ..blank(&row, status)
                };
                write(&mut output, &row, refused)?;
                continue;
            }
        };
        let (standing, outcome) = journal.of(key)?;
        let earlier = match journal
            .index
            .number_of(key)
            .map(|number| &mut first[number])
        {
            Some(place) if *place == 0 => {
                *place = u32::try_from(row.row).unwrap_or(u32::MAX);
                None
            }
            Some(place) => Some(u64::from(*place)),
            None => None,
        };
        answered(&mut report, &mut output, &row, (standing, outcome, earlier))?;
    }
    Ok(report)
}

/// Counts and writes a row that is somebody's.
fn answered(
    report: &mut Report,
    output: &mut Option<&mut Output>,
    row: &Row,
    (standing, outcome, earlier): (Standing, Option<Outcome>, Option<u64>),
) -> Result<(), BulkError> {
    let result = outcome
        .as_ref()
        .and_then(|outcome| outcome.result.as_deref());
    let error = outcome
        .as_ref()
        .and_then(|outcome| outcome.error.as_deref());
    let verdict = result.map(|code| ResultCode::from_wire(code).verdict());
    let (status, counter) = match (earlier, standing) {
        (Some(_), _) => ("duplicate", &mut report.duplicates),
        (None, Standing::Answered) => (
            "answered",
            match verdict {
                Some(Verdict::Match) => &mut report.matches,
                Some(Verdict::Mismatch) => &mut report.mismatches,
                _ => &mut report.inconclusive,
            },
        ),
        (None, Standing::Failed) => ("failed", &mut report.failed),
        (None, Standing::Unknown | Standing::Open) => ("unknown", &mut report.unknown),
        (None, Standing::Settled) => ("settled", &mut report.settled),
        (None, Standing::Elsewhere) => ("elsewhere", &mut report.elsewhere),
        (None, Standing::Parked) => ("parked", &mut report.parked),
        (None, Standing::Untouched) => ("not-asked", &mut report.not_asked),
    };
    *counter += 1;
    if earlier.is_none() {
        if let Some(result) = result {
            *report.results.entry(result.to_owned()).or_default() += 1;
        }
        let named = match (standing, error) {
            (Standing::Unknown | Standing::Open, None) if result.is_none() => Some("no answer"),
            (_, error) => error,
        };
        if let Some(error) = named {
            *report.errors.entry(error.to_owned()).or_default() += 1;
        }
    }
    let charge = match (earlier, standing) {
        (Some(_), _) | (None, Standing::Untouched) => Some("not-charged"),
        (None, Standing::Unknown | Standing::Open) => Some("unknown"),
        (None, Standing::Settled) => Some("charged"),
        _ => outcome.as_ref().map(|outcome| outcome.charge.as_str()),
    };
    let outcome = outcome.as_ref();
    let written = OutputRow {
        verdict: verdict.map(|verdict| verdict.as_str()),
        result,
        charge,
        request_id: outcome.and_then(|outcome| outcome.request_id.as_deref()),
        attempts: outcome.map(|outcome| outcome.attempts),
        duplicate_of: earlier,
        problem: error,
        ..blank(row, status)
    };
    write(output, row, written)
}

fn blank<'a>(row: &'a Row, status: &'a str) -> OutputRow<'a> {
    OutputRow {
        row: row.row,
        id: row.id.as_deref(),
        status,
        verdict: None,
        result: None,
        charge: None,
        request_id: None,
        attempts: None,
        duplicate_of: None,
        problem: None,
        kept: &[],
    }
}

fn write(
    output: &mut Option<&mut Output>,
    row: &Row,
    written: OutputRow<'_>,
) -> Result<(), BulkError> {
    let Some(output) = output else { return Ok(()) };
    // A damaged row may have more cells than there are headings.
    let cells = row.cells.iter().take(output.kept());
    let kept: Vec<&str> = cells.map(String::as_str).collect();
    let charge = written.charge.or(Some("not-charged"));
    let written = OutputRow {
        kept: &kept,
        charge,
        ..written
    };
    Ok(output.write(&written)?)
}
