//! Who a row is about, or what is wrong with it.

use super::records::is_blank;
use super::row::{Person, Row, RowProblem};
use idcard_verification::{InputProblemKind, NormalizationChange, NormalizedText, id_number, name};

/// What a cell holds.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A number of a sheet or of JSON, which has been or will be rounded.
    Number,
    /// Something else, and what.
    Other(&'static str),
    /// Nothing.
    Missing,
}

const NUMBER: &str = "id_number";
const NAME: &str = "name";

impl Row {
    /// A row of which only the place is known.
    pub(super) fn broken(row: u64, line: u64, problem: RowProblem) -> Self {
        Self {
            row,
            line,
            id: None,
            cells: Vec::new(),
            person: Err(problem),
            notes: Vec::new(),
            is_doubtful: false,
        }
    }

    /// A row with a number and a name, as they stand there.
    pub(super) fn of(
        row: u64,
        line: u64,
        number: Value<'_>,
        name: Value<'_>,
        normalize: bool,
    ) -> Self {
        let mut notes = Vec::new();
        let mut is_doubtful = false;
        let number = text(NUMBER, number).and_then(|given| {
            let given = mended(
                NUMBER,
                given,
                normalize.then_some(id_number::normalize as Mend),
                &mut notes,
            );
            is_doubtful = given.len() == id_number::LENGTH && given.ends_with("000");
            let checked = id_number::check(&given);
            checked
                .map(|()| given)
                .map_err(|problem| problem_of(NUMBER, &problem))
        });
        let name = text(NAME, name).and_then(|given| {
            let given = mended(
                NAME,
                given,
                normalize.then_some(name::normalize as Mend),
                &mut notes,
            );
            let checked = name::check(&given);
            private_use(&given, &mut notes);
            checked
                .map(|()| given)
                .map_err(|problem| problem_of(NAME, &problem))
        });
        let person = number.and_then(|id_number| {
            Ok(Person {
                id_number,
                name: name?,
            })
        });
        Self {
            row,
            line,
            id: None,
            cells: Vec::new(),
            person,
            notes,
            is_doubtful,
        }
    }
}

type Mend = fn(&str) -> NormalizedText;

fn text<'a>(field: &'static str, value: Value<'a>) -> Result<&'a str, RowProblem> {
    match value {
        Value::Text(text) if !text.chars().all(is_blank) => Ok(text),
        Value::Text(_) | Value::Missing => Err(RowProblem::new(field, "missing", "is missing")),
        Value::Number if field == NUMBER => Err(RowProblem {
            is_damage: true,
            ..RowProblem::new(
                field,
                "numeric-cell",
                "is a number, of which a spreadsheet keeps 15 digits; take it from its source as text",
            )
        }),
        Value::Number => Err(RowProblem::new(field, "not-text", "is a number, not text")),
        Value::Other(what) => Err(RowProblem::new(
            field,
            "not-text",
            format!("is {what}, not text"),
        )),
    }
}

fn mended(field: &str, given: &str, mend: Option<Mend>, notes: &mut Vec<String>) -> String {
    let Some(mend) = mend else {
        return given.to_owned();
    };
    let mended = mend(given);
    if !mended.changes.is_empty() {
        let names: Vec<&str> = mended.changes.iter().map(|change| told(*change)).collect();
        notes.push(format!("{field}: {}", names.join(", ")));
    }
    mended.value
}

/// Points out private-use characters that have code points of their own today.
fn private_use(given: &str, notes: &mut Vec<String>) {
    let is_private = |c: char| matches!(c, '\u{e000}'..='\u{f8ff}');
    if !given.contains(is_private) {
        return;
    }
    for one in name::normalize(given).private_use {
        notes.push(format!(
            "{NAME}: character {} is the private-use {}, which is {} today; the card decides",
            one.position, one.code_point, one.standard
        ));
    }
}

fn problem_of(field: &'static str, problem: &idcard_verification::InputProblem) -> RowProblem {
    RowProblem {
        is_damage: problem.kind() == InputProblemKind::DigitsLost,
        ..RowProblem::new(field, problem.kind().as_str(), problem.to_string())
    }
}

/// The name of a change.
const fn told(change: NormalizationChange) -> &'static str {
    match change {
        NormalizationChange::SpaceRemoved => "space-removed",
        NormalizationChange::FullWidth => "full-width",
        NormalizationChange::MiddleDot => "middle-dot",
        NormalizationChange::Composed => "composed",
        NormalizationChange::UppercaseX => "uppercase-x",
        NormalizationChange::Unified => "unified",
        NormalizationChange::LookAlike => "look-alike",
        NormalizationChange::Unquoted => "unquoted",
        _ => "mended",
    }
}
