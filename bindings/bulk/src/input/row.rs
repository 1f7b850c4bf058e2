//! A row, and what is wrong with one.

use std::fmt;

/// A row of the input. Blank ones are none.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Which row it is, counted from 1, without headings and blank rows.
    pub row: u64,
    /// The line in which it begins, as an editor or the spreadsheet counts.
    pub line: u64,
    /// The caller's own key, if there is a column of it and the cell is not blank.
    pub id: Option<String>,
    /// Its cells as they stand in the input, if they were asked for. They may be fewer than the headings, and
    /// in a damaged row or a sheet more.
    pub cells: Vec<String>,
    /// Who is to be asked about, or why nobody can be.
    pub person: Result<Person, RowProblem>,
    /// What was mended, and private-use characters of the name.
    pub notes: Vec<String>,
    /// The number has 18 characters and ends in 000. Where a spreadsheet has rounded numbers, one of eleven has the
    /// right check digit by chance: many of them are a bad sign.
    pub is_doubtful: bool,
}

/// By its place: the rest is somebody's.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("row", &self.row)
            .field("line", &self.line)
            .field("person", &self.person)
            .field("notes", &self.notes)
            .field("is_doubtful", &self.is_doubtful)
            .finish_non_exhaustive()
    }
}

/// A number and a name that are well-formed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// The identity-card number.
    pub id_number: String,
    /// The name.
    pub name: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}

/// Why a row cannot be asked about. It shows neither number nor name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowProblem {
    /// Where: `id_number`, `name`, or `row`.
    pub field: &'static str,
    /// What it is, in kebab-case: a kind of the client's `InputProblem`, or `missing`, `ragged`,
    /// `numeric-cell`, `not-text`, `not-json`, `duplicate-key`.
    pub kind: &'static str,
    /// What it is, in words.
    pub detail: String,
    /// Whether a spreadsheet or a program has lost a part of the number.
    pub is_damage: bool,
}

impl RowProblem {
    pub(super) fn new(field: &'static str, kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            field,
            kind,
            detail: detail.into(),
            is_damage: false,
        }
    }
}

impl RowProblem {
    /// Of a number that ends in zeros, where there are too many of them.
    pub(crate) fn rounded() -> Self {
        Self {
            is_damage: true,
            ..Self::new(
                "id_number",
                "rounded",
                "ends in 000 where a spreadsheet has rounded others, or where too many do: it was probably \
                 rounded; take it from its source, or allow it by --allow-rounded",
            )
        }
    }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.detail)
    }
}
