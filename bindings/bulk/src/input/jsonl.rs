//! Rows of JSON lines: an object in each.

use super::columns::{self, Columns};
use super::person::Value;
use super::records::is_blank;
use super::row::{Row, RowProblem};
use super::text::Text;
use super::{InputError, InputOptions, MAX_ROW};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// The lines of a text that are not blank.
struct TextLines {
    text: Text,
    line: String,
    /// The line that is there, counted from 1.
    number: u64,
    after_return: bool,
}

impl TextLines {
    /// Reads the next line. False behind the last one.
    fn read(&mut self) -> Result<bool, InputError> {
        loop {
            self.line.clear();
            self.number += 1;
            let mut has_end = false;
            while !has_end && self.text.has_more()? {
                has_end = self.pass()?;
            }
            if !self.line.chars().all(is_blank) {
                return Ok(true);
            }
            if !has_end {
                return Ok(false);
            }
        }
    }

    /// Takes some of the text: whether the line ends with it.
    fn pass(&mut self) -> Result<bool, InputError> {
        let rest = self.text.rest();
        if std::mem::take(&mut self.after_return) && rest.starts_with('\n') {
            self.text.take(1);
            return Ok(false);
        }
        let end = rest.bytes().position(|byte| matches!(byte, b'\r' | b'\n'));
        self.line.push_str(&rest[..end.unwrap_or(rest.len())]);
        self.after_return = end.is_some_and(|end| rest.as_bytes()[end] == b'\r');
        let taken = end.map_or(rest.len(), |end| end + 1);
        self.text.take(taken);
        if self.line.len() > MAX_ROW {
            return Err(InputError::RowTooLong { line: self.number });
        }
        Ok(end.is_some())
    }
}

/// An object with its keys in order, each as often as it is there, and its values as they are written.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            entries.push((key, map.next_value()?));
        }
        Ok(Object(entries))
    }
}

/// A value of an object, read.
enum Cell<'a> {
    Text(Cow<'a, str>),
    Number(&'a str),
    Other(&'static str),
    Missing,
    Twice,
}

impl<'a> Object<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        serde_json::from_str(line.trim_matches(is_blank)).ok()
    }

    fn cell(&self, key: &str) -> Cell<'a> {
        let mut found = self.0.iter().filter(|(one, _)| one == key);
        let Some((_, value)) = found.next() else {
            return Cell::Missing;
        };
        if found.next().is_some() {
            return Cell::Twice;
        }
        match value.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(value.get())
                .map_or(Cell::Other("a text that is none"), |text| {
                    Cell::Text(Cow::Owned(text))
                }),
            Some(b'n') => Cell::Missing,
            Some(b't' | b'f') => Cell::Other("a truth value"),
            Some(b'[') => Cell::Other("a list"),
            Some(b'{') => Cell::Other("an object"),
            _ => Cell::Number(value.get()),
        }
    }

    /// A value as text: what is no text stands as it is written.
    fn text(&self, key: &str) -> String {
        match self.cell(key) {
            Cell::Text(text) => text.into_owned(),
            Cell::Missing => String::new(),
            _ => {
                let value = self.0.iter().find(|(one, _)| one == key);
                value.map_or_else(String::new, |(_, value)| value.get().to_owned())
            }
        }
    }
}

impl Cell<'_> {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Number(_) => Value::Number,
            Self::Other(what) => Value::Other(what),
            Self::Missing | Self::Twice => Value::Missing,
        }
    }
}

/// JSON lines.
pub(super) struct Jsonl {
    lines: TextLines,
    keys: Vec<String>,
    columns: Columns,
    /// The first line has not been given.
    is_pending: bool,
    normalize: bool,
    keep_cells: bool,
}

impl Jsonl {
    pub(super) fn new(text: Text, options: &InputOptions) -> Result<Self, InputError> {
        let mut lines = TextLines {
            text,
            line: String::new(),
            number: 0,
            after_return: false,
        };
        if !lines.read()? {
            return Err(InputError::Empty);
        }
        let line = lines.number;
        let first = Object::parse(&lines.line).ok_or(InputError::NoJsonObject { line })?;
        let mut known = HashSet::new();
        let keys = first.0.iter().map(|(key, _)| key);
        let keys = keys.filter(|key| known.insert(key.as_str()));
        let keys: Vec<String> = keys.cloned().collect();
        Ok(Self {
            columns: columns::of_keys(options, &keys)?,
            keys,
            lines,
            is_pending: true,
            normalize: options.normalize,
            keep_cells: options.keep_cells,
        })
    }

    pub(super) fn headings(&self) -> &[String] {
        &self.keys
    }

    pub(super) fn next(&mut self, number: u64) -> Result<Option<Row>, InputError> {
        if !std::mem::take(&mut self.is_pending) && !self.lines.read()? {
            return Ok(None);
        }
        let line = self.lines.number;
        let Some(object) = Object::parse(&self.lines.line) else {
            let problem = RowProblem::new("row", "not-json", "is no JSON object");
            return Ok(Some(Row::broken(number, line, problem)));
        };
        let key = |place: usize| self.keys.get(place).map_or("", String::as_str);
        let id_number = object.cell(key(self.columns.number));
        let name = object.cell(key(self.columns.name));
        let mut row = if [&id_number, &name]
            .iter()
            .any(|cell| matches!(cell, Cell::Twice))
        {
            let detail = "has the number or the name twice";
            Row::broken(
                number,
                line,
                RowProblem::new("row", "duplicate-key", detail),
            )
        } else {
            Row::of(
                number,
                line,
                id_number.value(),
                name.value(),
                self.normalize,
            )
        };
        row.id = self
            .columns
            .id
            .and_then(|place| match object.cell(key(place)) {
                Cell::Text(text) => Some(text.trim_matches(is_blank).to_owned()),
                Cell::Number(digits) => Some(digits.to_owned()),
                _ => None,
            });
        row.id = row.id.filter(|id| !id.is_empty());
        if self.keep_cells {
            row.cells = self.keys.iter().map(|key| object.text(key)).collect();
        }
        Ok(Some(row))
    }
}
