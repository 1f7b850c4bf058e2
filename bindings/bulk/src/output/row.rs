//! What came of one row.

use std::fmt;

/// The columns that every output has, in order.
pub(super) const COLUMNS: [&str; 10] = [
    "row",
    "id",
    "status",
    "verdict",
    "result",
    "charge",
    "request_id",
    "attempts",
    "duplicate_of",
    "problem",
];

/// What came of one row of the input. It prints without what the input says of a person.
#[derive(Clone, Copy)]
pub struct OutputRow<'a> {
    /// The row of the input.
    pub row: u64,
    /// What the input calls it.
    pub id: Option<&'a str>,
    /// Where it stands, such as `done`.
    pub status: &'a str,
    /// The verdict.
    pub verdict: Option<&'a str>,
    /// The result of the service, by its code.
    pub result: Option<&'a str>,
    /// What is known of the charge.
    pub charge: Option<&'a str>,
    /// The request of the service's own records.
    pub request_id: Option<&'a str>,
    /// Attempts that were made.
    pub attempts: Option<u32>,
    /// The earlier row that is the same person.
    pub duplicate_of: Option<u64>,
    /// What is wrong with it.
    pub problem: Option<&'a str>,
    /// What is kept of the input, in the order of the headings. A short row ends early.
    pub kept: &'a [&'a str],
}

/// What stands in a column.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    Number(u64),
    Text(&'a str),
    Absent,
}

impl<'a> OutputRow<'a> {
    /// What stands in each of [`COLUMNS`].
    pub(super) fn cells(&self) -> [Cell<'a>; COLUMNS.len()] {
        let text = |text: Option<&'a str>| text.map_or(Cell::Absent, Cell::Text);
        let number = |number: Option<u64>| number.map_or(Cell::Absent, Cell::Number);
        [
            Cell::Number(self.row),
            text(self.id),
            Cell::Text(self.status),
            text(self.verdict),
            text(self.result),
            text(self.charge),
            text(self.request_id),
            number(self.attempts.map(u64::from)),
            number(self.duplicate_of),
            text(self.problem),
        ]
    }
}

impl fmt::Debug for OutputRow<'_> {
    // The input decides what its rows are called: that may be a person, too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = format_args!("[redacted]");
        f.debug_struct("OutputRow")
            .field("row", &self.row)
            .field("id", &self.id.map(|_| redacted))
            .field("status", &self.status)
            .field("verdict", &self.verdict)
            .field("result", &self.result)
            .field("charge", &self.charge)
            .field("request_id", &self.request_id)
            .field("attempts", &self.attempts)
            .field("duplicate_of", &self.duplicate_of)
            .field("problem", &self.problem)
            .field("kept", &redacted)
            .finish()
    }
}
