//! A cell of a sheet.

use crate::input::person::Value;
use crate::input::records::is_blank;
use calamine::{DataRef, ExcelDateTime};
use std::fmt;

/// What a cell holds. A formula holds what it came to when the workbook was saved.
#[derive(Default)]
pub(super) enum Cell {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    /// A date or a time, as text.
    Date(String),
    Truth(bool),
    /// What a formula failed with.
    Failed(String),
}

impl Cell {
    pub(super) fn of(data: &DataRef<'_>) -> Self {
        match data {
            DataRef::Empty => Self::Empty,
            DataRef::String(text) => Self::Text(text.clone()),
            DataRef::SharedString(text) => Self::Text((*text).to_owned()),
            // A cell holds no integers; this is what the reader makes of it.
            #[expect(clippy::cast_precision_loss, reason = "shown only where it is an id")]
            DataRef::Int(number) => Self::Number(*number as f64),
            DataRef::Float(number) => Self::Number(*number),
            DataRef::DateTime(date) => Self::Date(date_text(date)),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Self::Date(text.clone()),
            DataRef::Bool(truth) => Self::Truth(*truth),
            DataRef::Error(error) => Self::Failed(error.to_string()),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.chars().all(is_blank),
            _ => false,
        }
    }

    /// How much memory it takes, about.
    pub(super) const fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Date(text) | Self::Failed(text) => text.len() + 1,
            _ => 1,
        }
    }

    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Empty => Value::Missing,
            Self::Text(text) => Value::Text(text),
            // A date is a number that is shown as one.
            Self::Number(_) | Self::Date(_) => Value::Number,
            Self::Truth(_) => Value::Other("a truth value"),
            Self::Failed(_) => Value::Other("a formula that failed"),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) | Self::Date(text) | Self::Failed(text) => f.write_str(text),
            // Without an exponent, and a whole number without a point.
            Self::Number(number) => write!(f, "{number}"),
            Self::Truth(truth) => f.write_str(if *truth { "TRUE" } else { "FALSE" }),
        }
    }
}

fn date_text(date: &ExcelDateTime) -> String {
    if !date.is_datetime() {
        return date.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        return day;
    }
    format!("{day} {hour:02}:{minute:02}:{second:02}")
}
