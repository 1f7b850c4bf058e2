//! Where the rows of a report go.

use super::arguments::{self, Written};
use super::setup;
use idcard_bulk::input::Input;
use idcard_bulk::output::{MAX_WORKBOOK_ROWS, Output, OutputError, OutputFormat, OutputOptions};
use idcard_bulk::{BulkError, Report};
use std::path::{Path, PathBuf};

/// Where the rows go.
pub(super) struct Outlet {
    path: Option<PathBuf>,
    options: OutputOptions,
    force: bool,
    headings: Vec<String>,
    /// Whether the path is that of something that is still needed.
    overwrites: bool,
}

impl Outlet {
    pub(super) fn new(
        written: &Written,
        input: &Input,
        needed: &[&Path],
    ) -> Result<Self, BulkError> {
        let format = written.output_format.map(|format| match format {
            arguments::OutputFormat::Csv => OutputFormat::Csv,
            arguments::OutputFormat::Jsonl => OutputFormat::Jsonl,
            arguments::OutputFormat::Xlsx => OutputFormat::Xlsx,
        });
        let options = OutputOptions {
            format,
            bom: written.bom,
        };
        let headings = if written.keep_columns {
            headings(input)?
        } else {
            Vec::new()
        };
        let path = written.output.clone();
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        let own = path.as_deref().and_then(real);
        let overwrites = own.is_some() && needed.iter().any(|needed| real(needed) == own);
        Ok(Self {
            path,
            options,
            force: written.force,
            headings,
            overwrites,
        })
    }

    fn is_stdout(&self) -> bool {
        self.path.as_deref().is_some_and(setup::is_stream)
    }

    fn open(&self) -> Result<Option<Output>, BulkError> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        let headings: Vec<&str> = self.headings.iter().map(String::as_str).collect();
        let output = if self.is_stdout() {
            Output::to_writer(Box::new(std::io::stdout()), &self.options, &headings)?
        } else {
            Output::create(path, &self.options, &headings, self.force)?
        };
        Ok(Some(output))
    }

    /// Whether it can be written, before anything is paid for.
    pub(super) fn check(&self, rows: u64) -> Result<(), BulkError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if self.overwrites {
            let path = Some(path.clone());
            return Err(OutputError::Exists { path }.into());
        }
        let format = self
            .options
            .format
            .or_else(|| OutputFormat::from_extension(path));
        if format == Some(OutputFormat::Xlsx) && rows > u64::from(MAX_WORKBOOK_ROWS) {
            let limit = MAX_WORKBOOK_ROWS;
            return Err(OutputError::TooManyRows { limit }.into());
        }
        // Whoever reads a pipe would see its end.
        let is_file =
            std::fs::metadata(path).map_or(true, |about| about.is_file() || about.is_dir());
        if is_file && !self.is_stdout() {
            self.open()?;
        }
        Ok(())
    }

    /// Has a report made, and its rows written.
    pub(super) fn write(
        &self,
        report: impl FnOnce(Option<&mut Output>) -> Result<Report, BulkError>,
    ) -> Result<Report, BulkError> {
        let mut output = self.open()?;
        let report = report(output.as_mut())?;
        if let Some(output) = output {
            output.finish()?;
        }
        Ok(report)
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// Headings of the columns that are kept; of a file without any, their places.
fn headings(input: &Input) -> Result<Vec<String>, BulkError> {
    let mut rows = input.rows()?;
    if let Some(headings) = rows.headings() {
        return Ok(headings.to_vec());
    }
    let first = rows.next().transpose()?;
    let cells = first.map_or(0, |row| row.cells.len());
    Ok((1..=cells).map(|place| format!("column {place}")).collect())
}
