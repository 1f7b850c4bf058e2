//! `check`: number and name on this machine, one person or a line each. Nothing is sent.

use crate::arguments::Check;
use crate::failure::Failure;
use crate::output::Output;
use crate::{exit, input, person};
use idcard_verification::{
    Error, InputProblem, NormalizationChange, NormalizedText, id_number, name,
};
use serde::Serialize;
use std::fmt::Write as _;

/// Most of standard input that is read for many lines.
const MAX_STDIN: u64 = 64 * 1024 * 1024;
/// Headings of the columns, as letters in lower case. A first line that has one of each is no person.
const NUMBER_HEADINGS: [&str; 12] = [
    "number",
    "id",
    "idnumber",
    "idno",
    "idcard",
    "idcardnumber",
    "证件号",
    "身份证",
    "身份证号",
    "身份证号码",
    "公民身份号码",
    "证件号码",
];
const NAME_HEADINGS: [&str; 3] = ["name", "姓名", "名字"];

pub(crate) fn run(arguments: &Check) -> Output {
    let json = arguments.person.json;
    let checked = if arguments.csv {
        many(arguments)
    } else {
        one(arguments)
    };
    checked.unwrap_or_else(|failure| failure.output(json))
}

fn one(arguments: &Check) -> Result<Output, Failure> {
    let json = arguments.person.json;
    let (request, notes) = person::read(&arguments.person)?;
    let fields = [
        ("id_number", id_number::check(&request.id_number)),
        ("name", name::check(&request.name)),
    ];
    let problem = fields
        .into_iter()
        .find_map(|(field, checked)| Some((field, checked.err()?)));
    let output = match problem {
        None if json => Output::json(exit::OK, &serde_json::json!({"ok": true})),
        None => Output::text("number and name are well-formed\n".to_owned()),
        Some((field, problem)) => {
            let field = field.to_owned();
            Failure::from(&Error::InvalidInput { field, problem }).output(json)
        }
    };
    Ok(output.note(&notes))
}

/// What is wrong with a line, and what mending would do.
#[derive(Debug, Serialize)]
struct Line {
    line: u64,
    ok: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip)]
    ends_in_zeros: bool,
}

#[derive(Debug, Serialize)]
struct Problem {
    field: &'static str,
    kind: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mending: Option<Mending>,
}

/// What `--normalize` would do to a field that is malformed.
#[derive(Debug, Serialize)]
struct Mending {
    ok: bool,
    changes: Vec<&'static str>,
    #[serde(skip)]
    in_words: String,
    /// What would still be wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Checks a line each of CSV: number, name.
fn many(arguments: &Check) -> Result<Output, Failure> {
    let text = input::stdin(arguments.person.encoding, MAX_STDIN)?;
    // As an editor counts lines; some programs end them by a carriage return alone.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (delimiter, begin) = delimiter(&text);
    if let Some(line) = unclosed_quote(&text[begin..], delimiter) {
        let line = line + u64::from(begin > 0);
        let detail = format!("line {line}: the quotation mark that opens here is never closed");
        return Err(Failure::input(exit::BAD_INPUT, detail));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(&text.as_bytes()[begin..]);
    let mut columns = None;
    let mut place = Place::default();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Failure::input(exit::BAD_INPUT, error.to_string()))?;
        let at = record.position().map_or(0, csv::Position::byte);
        let number = place.line_of(&text, begin + usize::try_from(at).unwrap_or(usize::MAX));
        if record
            .iter()
            .all(|cell| cell.trim_matches(['\u{1a}', ' ']).is_empty())
        {
            continue;
        }
        let (of_number, of_name) = match columns {
            Some(columns) => columns,
            None => {
                let found = headings(&record);
                columns = Some(found.unwrap_or((0, 1)));
                if found.is_some() {
                    continue;
                }
                (0, 1)
            }
        };
        let person = record.get(of_number).zip(record.get(of_name));
        lines.push(Line::of(number, person, arguments.person.normalize));
    }
    if lines.is_empty() {
        let detail =
            "there is nobody to check: standard input has no line with a number and a name";
        return Err(Failure::usage(detail.to_owned()));
    }
    doubt_zeros(&mut lines);
    Ok(report(&lines, arguments.person.json))
}

/// The separator, and where the lines begin: behind a line `sep=;` of a spreadsheet.
fn delimiter(text: &str) -> (u8, usize) {
    let first = text
        .trim_start_matches('\n')
        .lines()
        .next()
        .unwrap_or_default();
    if let Some(named) = first.strip_prefix("sep=")
        && let [separator] = named.as_bytes()
    {
        let begin = text.find("sep=").unwrap_or_default() + first.len();
        return (*separator, begin);
    }
    let found = [b',', b'\t', b';', b'|'].into_iter();
    let found = found.max_by_key(|separator| {
        let cells = first.bytes().filter(|byte| byte == separator).count();
        // The first of those that are there as often.
        (cells, *separator == b',')
    });
    (found.unwrap_or(b','), 0)
}

/// The line of a quotation mark that is never closed: everything behind it would be one cell.
fn unclosed_quote(text: &str, delimiter: u8) -> Option<u64> {
    let (mut line, mut opened, mut at_begin) = (1, None, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        line += u64::from(byte == b'\n');
        match (opened, byte) {
            (None, b'"') if at_begin => opened = Some(line),
            (Some(_), b'"') if bytes.peek() == Some(&b'"') => {
                bytes.next();
            }
            (Some(_), b'"') => opened = None,
            _ => {}
        }
        at_begin = byte == delimiter || byte == b'\n';
    }
    opened
}

/// Where a spreadsheet has rounded other numbers, one that ends in zeros may have the right check digit by chance.
fn doubt_zeros(lines: &mut [Line]) {
    let is_lost = |problem: &Problem| problem.kind == InputProblem::DigitsLost.kind().as_str();
    if !lines.iter().any(|line| line.problems.iter().any(is_lost)) {
        return;
    }
    for line in lines
        .iter_mut()
        .filter(|line| line.ends_in_zeros && line.ok)
    {
        line.notes.push(
            "id_number: it ends in 000, and a spreadsheet has rounded others here; compare it with its source"
                .to_owned(),
        );
    }
}

/// Counts lines as an editor does. The reader takes the end of a line, and empty lines, for the beginning of
/// the record that follows.
#[derive(Debug, Default)]
struct Place {
    byte: usize,
    line: u64,
}

impl Place {
    /// The line in which a record begins that is read from this byte on.
    fn line_of(&mut self, text: &str, byte: usize) -> u64 {
        let bytes = text.as_bytes();
        let from = byte.min(bytes.len());
        let ends = bytes[from..].iter().take_while(|byte| **byte == b'\n');
        let begin = from + ends.count();
        let passed = bytes[self.byte..begin]
            .iter()
            .filter(|byte| **byte == b'\n');
        self.line += passed.count() as u64;
        self.byte = begin;
        self.line + 1
    }
}

/// The columns of number and name, if these are headings.
fn headings(record: &csv::StringRecord) -> Option<(usize, usize)> {
    // Without stars, spaces and what stands in brackets.
    let letters = |cell: &str| -> String {
        let cell = cell.split(['(', '（']).next().unwrap_or_default();
        cell.to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect()
    };
    let place = |known: &[&str]| {
        let mut cells = record.iter().map(letters);
        cells.position(|cell| known.contains(&cell.as_str()))
    };
    place(&NUMBER_HEADINGS).zip(place(&NAME_HEADINGS))
}

impl Line {
    fn of(line: u64, person: Option<(&str, &str)>, normalize: bool) -> Self {
        let Some((number, name)) = person else {
            let problem = Problem::new("line", InputProblem::NotAPair, None);
            return Self::new(line, vec![problem], Vec::new());
        };
        let (mended_number, mended_name) = (id_number::normalize(number), name::normalize(name));
        let mut notes = Vec::new();
        let mut problems = Vec::new();
        for (field, given, mended, check) in [
            (
                "id_number",
                number,
                &mended_number,
                id_number::check as Checked,
            ),
            ("name", name, &mended_name, name::check),
        ] {
            if normalize {
                notes.extend(person::notes(field, mended));
                let checked = check(&mended.value).err();
                problems.extend(checked.map(|problem| Problem::new(field, problem, None)));
            } else {
                notes.extend(person::private_use(field, mended));
                let mending = || Mending::of(mended, check);
                let checked = check(given).err();
                problems.extend(checked.map(|problem| Problem::new(field, problem, mending())));
            }
        }
        let ends_in_zeros = mended_number.value.ends_with("000");
        Self {
            ends_in_zeros,
            ..Self::new(line, problems, notes)
        }
    }

    fn new(line: u64, problems: Vec<Problem>, notes: Vec<String>) -> Self {
        Self {
            line,
            ok: problems.is_empty(),
            problems,
            notes,
            ends_in_zeros: false,
        }
    }

    /// Whether `--normalize` would make it well-formed.
    fn is_mendable(&self) -> bool {
        let can_be = |problem: &Problem| problem.mending.as_ref().is_some_and(|mending| mending.ok);
        !self.ok && self.problems.iter().all(can_be)
    }

    fn in_words(&self) -> String {
        let mut text = String::new();
        for problem in &self.problems {
            let Problem { field, detail, .. } = problem;
            let _ = write!(text, "line {}: {field}: {detail}", self.line);
            if let Some(mending) = &problem.mending {
                let _ = write!(text, " (--normalize: {}", mending.in_words);
                match &mending.problem {
                    Some(problem) => {
                        let _ = write!(text, "; then {problem}");
                    }
                    None => text.push_str("; then it is well-formed"),
                }
                text.push(')');
            }
            text.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(text, "line {}: note: {note}", self.line);
        }
        text
    }
}

type Checked = fn(&str) -> Result<(), InputProblem>;

impl Problem {
    fn new(field: &'static str, problem: InputProblem, mending: Option<Mending>) -> Self {
        Self {
            field,
            kind: problem.kind().as_str(),
            detail: problem.to_string(),
            mending,
        }
    }
}

impl Mending {
    fn of(mended: &NormalizedText, check: Checked) -> Option<Self> {
        let changes: &[NormalizationChange] = &mended.changes;
        let problem = check(&mended.value).err();
        (!changes.is_empty()).then(|| Self {
            ok: problem.is_none(),
            changes: person::names(changes),
            in_words: person::in_words(changes),
            problem: problem.map(|problem| problem.to_string()),
        })
    }
}

fn report(lines: &[Line], json: bool) -> Output {
    let malformed = lines.iter().filter(|line| !line.ok).count();
    let mendable = lines.iter().filter(|line| line.is_mendable()).count();
    let exit = if malformed == 0 {
        exit::OK
    } else {
        exit::BAD_INPUT
    };
    let summary = format!(
        "{} lines: {} well-formed, {malformed} malformed{}\n",
        lines.len(),
        lines.len() - malformed,
        if mendable == 0 {
            String::new()
        } else {
            format!(", of which --normalize mends {mendable}")
        }
    );
    if json {
        return Output::json_lines(exit, lines);
    }
    let text = lines.iter().map(Line::in_words).collect();
    Output::new(exit, text).note(&summary)
}
