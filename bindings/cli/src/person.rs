//! A number and a name as the command is given them, and what mending does to them.

use crate::arguments::Person;
use crate::failure::Failure;
use crate::input;
use idcard_verification::{NormalizationChange, NormalizedText, VerifyRequest, id_number, name};

/// Most of standard input that is read for a number and a name.
const MAX_STDIN: u64 = 64 * 1024;

/// Number and name from arguments, environment or standard input, and notes of what was mended.
pub(crate) fn read(person: &Person) -> Result<(VerifyRequest, String), Failure> {
    let (number, name) = if person.stdin {
        let text = input::stdin(person.encoding, MAX_STDIN)?;
        let mut lines = text.lines().map(str::to_owned);
        let person = (lines.next(), lines.next());
        if lines.any(|line| !line.trim().is_empty()) {
            return Err(Failure::usage(
                "standard input has more than two lines; `check --csv` takes many people"
                    .to_owned(),
            ));
        }
        person
    } else {
        (person.number.clone(), person.name.clone())
    };
    let (Some(number), Some(name)) = (number, name) else {
        let where_from = if person.stdin {
            "two lines of standard input"
        } else {
            "arguments, environment or --stdin"
        };
        return Err(Failure::usage(format!(
            "a number and a name are needed, from {where_from}"
        )));
    };
    if !person.normalize {
        return Ok((VerifyRequest::new(number, name), String::new()));
    }
    let (number, name) = (id_number::normalize(&number), name::normalize(&name));
    let notes = [notes("id_number", &number), notes("name", &name)].concat();
    let notes = notes.iter().map(|note| format!("note: {note}\n")).collect();
    Ok((VerifyRequest::new(number.value, name.value), notes))
}

/// What mending did to a field, and what it left.
pub(crate) fn notes(field: &str, mended: &NormalizedText) -> Vec<String> {
    let mut notes = Vec::new();
    if !mended.changes.is_empty() {
        notes.push(format!("{field}: {}", in_words(&mended.changes)));
    }
    notes.extend(private_use(field, mended));
    notes
}

/// The private-use characters that have a code point of their own today.
pub(crate) fn private_use(field: &str, mended: &NormalizedText) -> Vec<String> {
    let note = |one: &idcard_verification::PrivateUse| {
        format!(
            "{field}: character {} is the private-use {}, which is {} today; the card decides",
            one.position, one.code_point, one.standard
        )
    };
    mended.private_use.iter().map(note).collect()
}

/// What was changed.
pub(crate) fn in_words(changes: &[NormalizationChange]) -> String {
    let words: Vec<&str> = changes.iter().map(|change| told(*change).1).collect();
    words.join(", ")
}

/// The names of changes in JSON.
pub(crate) fn names(changes: &[NormalizationChange]) -> Vec<&'static str> {
    changes.iter().map(|change| told(*change).0).collect()
}

/// Name and words of a change.
const fn told(change: NormalizationChange) -> (&'static str, &'static str) {
    match change {
        NormalizationChange::SpaceRemoved => {
            ("space-removed", "removed spaces or invisible characters")
        }
        NormalizationChange::FullWidth => ("full-width", "replaced full-width characters"),
        NormalizationChange::MiddleDot => ("middle-dot", "replaced a look-alike of the middle dot"),
        NormalizationChange::Composed => ("composed", "composed decomposed characters"),
        NormalizationChange::UppercaseX => ("uppercase-x", "wrote the check digit x as X"),
        NormalizationChange::Unified => (
            "unified",
            "replaced a radical or a compatibility ideograph by its ideograph",
        ),
        NormalizationChange::LookAlike => {
            ("look-alike", "replaced a look-alike of another character")
        }
        NormalizationChange::Unquoted => ("unquoted", "removed what a spreadsheet put around it"),
        _ => ("mended", "mended it"),
    }
}
