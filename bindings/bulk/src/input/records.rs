//! Cells of CSV, as the `csv` crate reads them, which a test compares.
//!
//! That crate says of a quotation mark that is never closed neither that nor where, takes a carriage return
//! alone for no line, and reads a row without end into memory. Each of these costs whoever sends such rows.

use super::text::Text;
use super::{InputError, MAX_ROW};

/// A row of cells.
#[derive(Default)]
pub(super) struct Record {
    text: String,
    ends: Vec<usize>,
    /// The line in which it begins, counted from 1.
    pub(super) line: u64,
}

impl Record {
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[begin..end])
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// Whether nothing is in it, as where a spreadsheet has only been formatted, or an old program has marked
    /// the end.
    pub(super) fn is_blank(&self) -> bool {
        self.text.chars().all(is_blank)
    }

    fn end_cell(&mut self) {
        self.ends.push(self.text.len());
    }
}

/// Whether a character is nothing to see.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1a}' | '\u{feff}')
}

/// Where in a row the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    BeginsCell,
    InCell,
    InQuotes,
    /// Behind a quotation mark that closes, or is the first of two.
    AtQuote,
}

/// Reads rows of cells.
pub(super) struct Records {
    text: Text,
    delimiter: u8,
    line: u64,
    after_return: bool,
    quote_line: u64,
}

impl Records {
    /// Finds the delimiter, if none is named, and skips a line `sep=;` of a spreadsheet.
    pub(super) fn new(mut text: Text, named: Option<u8>) -> Result<Self, InputError> {
        let mut lines = super::text::Lines::default();
        let mut delimiter = None;
        while text.has_more()? {
            let rest = text.rest();
            let bare = rest.trim_start_matches(['\r', '\n']);
            let blank = rest.len() - bare.len();
            if bare.is_empty() {
                lines.pass(rest);
                text.take(blank);
                continue;
            }
            let end = bare.find(['\r', '\n']).unwrap_or(bare.len());
            let told = bare[..end].strip_prefix("sep=").map(str::as_bytes);
            let taken = match told {
                Some([told]) => {
                    delimiter = Some(*told);
                    blank + end
                }
                _ => {
                    delimiter = Some(most_frequent(&bare[..end]));
                    blank
                }
            };
            lines.pass(&rest[..taken]);
            text.take(taken);
            break;
        }
        let delimiter = named.or(delimiter).unwrap_or(b',');
        let is_one = delimiter.is_ascii()
            && !delimiter.is_ascii_alphanumeric()
            && !matches!(delimiter, b'"' | b'\r' | b'\n');
        if !is_one {
            return Err(InputError::Delimiter);
        }
        Ok(Self {
            text,
            delimiter,
            line: lines.line(),
            after_return: false,
            quote_line: 0,
        })
    }

    /// Reads the next row. False behind the last one.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, InputError> {
        record.text.clear();
        record.ends.clear();
        record.line = self.line;
        let mut state = State::BeginsCell;
        while self.text.has_more()? {
            let (taken, is_over) = self.pass(record, &mut state);
            self.text.take(taken);
            if record.text.len() + record.ends.len() > MAX_ROW {
                return Err(match state {
                    State::InQuotes => self.unclosed(),
                    _ => InputError::RowTooLong { line: record.line },
                });
            }
            if is_over {
                return Ok(true);
            }
        }
        match state {
            State::InQuotes => Err(self.unclosed()),
            State::BeginsCell if record.ends.is_empty() => Ok(false),
            _ => {
                // The mark by which old programs end a file.
                let begin = record.ends.last().copied().unwrap_or_default();
                if record.text[begin..].ends_with('\u{1a}') {
                    record.text.pop();
                }
                record.end_cell();
                Ok(true)
            }
        }
    }

    const fn unclosed(&self) -> InputError {
        InputError::UnclosedQuote {
            line: self.quote_line,
        }
    }

    /// Passes some of the text: how many bytes, and whether the row ends with them.
    fn pass(&mut self, record: &mut Record, state: &mut State) -> (usize, bool) {
        let text = self.text.rest();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            if std::mem::take(&mut self.after_return) && byte == b'\n' {
                if *state == State::InQuotes {
                    record.text.push('\n');
                }
                at += 1;
                continue;
            }
            match (*state, byte) {
                (State::BeginsCell, b'"') => {
                    self.quote_line = self.line;
                    *state = State::InQuotes;
                    at += 1;
                    continue;
                }
                (State::AtQuote, b'"') => {
                    record.text.push('"');
                    *state = State::InQuotes;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let (is_quoted, delimiter) = (*state == State::InQuotes, self.delimiter);
            let is_special = |byte: &u8| match byte {
                b'\r' | b'\n' => true,
                b'"' => is_quoted,
                byte => !is_quoted && *byte == delimiter,
            };
            let run = bytes[at..].iter().position(is_special);
            let end = run.map_or(bytes.len(), |run| at + run);
            record.text.push_str(&text[at..end]);
            at = end + 1;
            let is_line_end = |byte: u8| matches!(byte, b'\r' | b'\n');
            *state = match bytes.get(end).copied() {
                None if is_quoted => State::InQuotes,
                None => State::InCell,
                Some(byte) if is_line_end(byte) => {
                    self.line += 1;
                    self.after_return = byte == b'\r';
                    if !is_quoted {
                        record.end_cell();
                        return (at, true);
                    }
                    record.text.push(char::from(byte));
                    State::InQuotes
                }
                Some(_) if is_quoted => State::AtQuote,
                Some(_) => {
                    record.end_cell();
                    State::BeginsCell
                }
            };
        }
        (at.min(bytes.len()), false)
    }
}

/// The delimiter of a line: of those outside of quotation marks the most frequent, and a comma before others.
fn most_frequent(line: &str) -> u8 {
    let mut counts = [(b',', 0_u32), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut is_quoted = false;
    for byte in line.bytes() {
        is_quoted ^= byte == b'"';
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(one, _)| !is_quoted && *one == byte)
        {
            *count += 1;
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(delimiter, _)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Encoding;
    use crate::input::source::Source;
    use crate::input::text::Lines;
    use proptest::prelude::*;

    fn ours(text: &str, buffer: usize) -> Result<(Vec<Vec<String>>, u64), InputError> {
        let source = Source::spool(text.as_bytes())?;
        let text = Text::with_buffer(&source, Encoding::Utf8, buffer);
        let mut records = Records::new(text, Some(b','))?;
        let (mut record, mut all) = (Record::default(), Vec::new());
        while records.read(&mut record)? {
            all.push(record.cells().map(str::to_owned).collect());
        }
        Ok((all, records.line))
    }

    fn theirs(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true);
        let mut reader = reader.from_reader(text.as_bytes());
        let records = reader.records().map(|record| record.expect("UTF-8"));
        records
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect()
    }

    proptest! {
        /// Lines that are empty are records here, and dropped later.
        #[test]
        fn cells_are_those_of_the_csv_crate(text in "[a,\"\r\n ;林\u{20bb7}]{0,40}", buffer in 1_usize..9) {
            let without_empty = |mut all: Vec<Vec<String>>| {
                all.retain(|record| record.as_slice() != [""]);
                all
            };
            let mut lines = Lines::default();
            lines.pass(&text);
            match ours(&text, buffer) {
                Ok((records, line)) => {
                    prop_assert_eq!(without_empty(records), without_empty(theirs(&text)));
                    prop_assert_eq!(line, lines.line());
                }
                Err(InputError::UnclosedQuote { line }) => prop_assert!(line <= lines.line()),
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }

    #[test]
    fn the_delimiter_of_a_line_is_the_most_frequent_outside_of_quotation_marks() {
        for (line, delimiter) in [
            ("", b','),
            ("a;b", b';'),
            ("a;b,c", b','),
            ("a;b;c,d", b';'),
            ("\"a,b,c\"\td", b'\t'),
            ("a|b", b'|'),
        ] {
            assert_eq!(most_frequent(line), delimiter, "{line}");
        }
    }
}
