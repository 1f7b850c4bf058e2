//! Rows of CSV and TSV.

use super::columns::{Head, Seeker};
use super::person::Value;
use super::records::{Record, Records, is_blank};
use super::row::{Row, RowProblem};
use super::text::Text;
use super::{InputError, InputOptions};

/// A table of text.
pub(super) struct Table {
    records: Records,
    record: Record,
    head: Head,
    /// The record is somebody's, and has not been given.
    is_pending: bool,
    normalize: bool,
    keep_cells: bool,
}

impl Table {
    pub(super) fn new(
        text: Text,
        delimiter: Option<u8>,
        options: &InputOptions,
    ) -> Result<Self, InputError> {
        let mut records = Records::new(text, delimiter)?;
        let (mut record, mut seeker) = (Record::default(), Seeker::new(options));
        let head = loop {
            if !records.read(&mut record)? {
                return Err(seeker.end());
            }
            if record.is_blank() {
                continue;
            }
            let cells: Vec<String> = record.cells().map(str::to_owned).collect();
            if let Some(head) = seeker.look(&cells)? {
                break head;
            }
        };
        Ok(Self {
            records,
            record,
            is_pending: head.headings.is_none(),
            head,
            normalize: options.normalize,
            keep_cells: options.keep_cells,
        })
    }

    pub(super) fn headings(&self) -> Option<&[String]> {
        self.head.headings.as_deref()
    }

    pub(super) fn next(&mut self, number: u64) -> Result<Option<Row>, InputError> {
        if !std::mem::take(&mut self.is_pending) {
            loop {
                if !self.records.read(&mut self.record)? {
                    return Ok(None);
                }
                if !self.record.is_blank() {
                    break;
                }
            }
        }
        let (record, columns) = (&self.record, self.head.columns);
        let needed = columns.number.max(columns.name) + 1;
        let (cells, width) = (record.len(), self.head.width);
        let mut row = if cells < needed || cells > width {
            let than = if cells < needed { "fewer" } else { "more" };
            let detail = format!("has {cells} cells, {than} than the first row's {width}");
            Row::broken(
                number,
                record.line,
                RowProblem::new("row", "ragged", detail),
            )
        } else {
            let value = |place| record.get(place).map_or(Value::Missing, Value::Text);
            let (id_number, name) = (value(columns.number), value(columns.name));
            Row::of(number, record.line, id_number, name, self.normalize)
        };
        // In a row whose cells have moved, nobody knows whose key it is.
        if cells <= width {
            let id = columns.id.and_then(|place| record.get(place));
            let id = id.map(|id| id.trim_matches(is_blank));
            row.id = id.filter(|id| !id.is_empty()).map(str::to_owned);
        }
        if self.keep_cells {
            row.cells = record.cells().map(str::to_owned).collect();
        }
        Ok(Some(row))
    }
}
