//! Which column holds what.

use super::records::is_blank;
use super::{ColumnRole, Headings, InputError, InputOptions};
use idcard_verification::{InputProblem, id_number};

/// Headings, as letters in lower case without what stands in brackets.
const NUMBERS: &[&str] = &[
    "idnumber",
    "idno",
    "idnum",
    "idcard",
    "idcardno",
    "idcardnum",
    "idcardnumber",
    "identitynumber",
    "identityno",
    "identitycard",
    "identitycardno",
    "identitycardnumber",
    "certno",
    "certificateno",
    "certificatenumber",
    "证件号",
    "证件号码",
    "证件编号",
    "身份证",
    "身份证号",
    "身份证号码",
    "身份证编号",
    "身份证件号",
    "身份证件号码",
    "居民身份证",
    "居民身份证号",
    "居民身份证号码",
    "公民身份号码",
    "公民身份证号",
    "公民身份证号码",
    "身份号码",
    "證件號",
    "證件號碼",
    "身份證",
    "身份證號",
    "身份證號碼",
    "身分證",
    "身分證號",
    "身分證號碼",
    "身分證字號",
];
/// Headings of numbers, where no other is one.
const PERHAPS_NUMBERS: &[&str] = &["id", "number"];
const NAMES: &[&str] = &[
    "name",
    "fullname",
    "realname",
    "personname",
    "customername",
    "姓名",
    "名字",
    "真实姓名",
    "客户姓名",
    "用户姓名",
    "员工姓名",
    "学生姓名",
    "持证人姓名",
];
const PERHAPS_NAMES: &[&str] = &["名称", "名稱"];
const IDS: &[&str] = &[
    "userid",
    "customerid",
    "employeeid",
    "externalid",
    "customid",
    "orderid",
    "ref",
    "reference",
    "编号",
    "工号",
    "学号",
    "客户编号",
    "用户编号",
    "员工编号",
    "订单号",
];
/// Headings of the caller's keys, where no other is one.
const PERHAPS_IDS: &[&str] = &["id", "no", "序号"];

/// Most rows above the headings, such as a title.
const MAX_TITLES: usize = 10;

/// Places of columns, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) number: usize,
    pub(super) name: usize,
    pub(super) id: Option<usize>,
}

/// What the first row tells.
pub(super) struct Head {
    pub(super) columns: Columns,
    /// Nothing, if the first row is somebody's.
    pub(super) headings: Option<Vec<String>>,
    /// How many cells a row has.
    pub(super) width: usize,
}

/// Looks for the headings in the first rows.
pub(super) struct Seeker<'a> {
    options: &'a InputOptions,
    titles: usize,
    refused: Option<InputError>,
}

impl<'a> Seeker<'a> {
    pub(super) const fn new(options: &'a InputOptions) -> Self {
        Self {
            options,
            titles: 0,
            refused: None,
        }
    }

    /// Looks at the next row that is not blank. Nothing, if it is a title and the headings may follow.
    pub(super) fn look(&mut self, cells: &[String]) -> Result<Option<Head>, InputError> {
        let is_told = self.options.number_column.is_some();
        let refused = match head(self.options, cells) {
            Ok(head) if head.headings.is_some() || is_told || self.titles == 0 => {
                return Ok(Some(head));
            }
            // Somebody below a title: the title may be somebody, too.
            Ok(_) => InputError::UnknownColumns(Headings::default()),
            Err(refused) => refused,
        };
        let mut filled = cells.iter().filter(|cell| !cell.chars().all(is_blank));
        let is_title = match (filled.next(), filled.next()) {
            (Some(title), None) => !looks_like_number(title) && self.titles < MAX_TITLES,
            _ => false,
        };
        let first = self.refused.take();
        if !is_title {
            return Err(refused);
        }
        self.titles += 1;
        self.refused = Some(first.unwrap_or(refused));
        Ok(None)
    }

    /// What to say when no other row follows.
    pub(super) fn end(self) -> InputError {
        self.refused.unwrap_or(InputError::Empty)
    }
}

/// What a row tells, if it is the first one.
fn head(options: &InputOptions, cells: &[String]) -> Result<Head, InputError> {
    let (columns, is_heading) = if let Some((number, name)) = pair(options, cells)? {
        let is_heading =
            !number.by_place || !name.by_place || is_heading_of_number(&cells[number.place]);
        let pair = [number.place, name.place];
        (columns(options, cells, pair, is_heading)?, is_heading)
    } else {
        (columns(options, cells, by_looks(cells)?, false)?, false)
    };
    Ok(Head {
        columns,
        headings: is_heading.then(|| cells.to_vec()),
        width: cells.len(),
    })
}

/// The columns of JSON lines, by the keys of the first object.
pub(super) fn of_keys(options: &InputOptions, keys: &[String]) -> Result<Columns, InputError> {
    let unknown = || InputError::UnknownColumns(shown(keys));
    let (number, name) = pair(options, keys)?.ok_or_else(unknown)?;
    columns(options, keys, [number.place, name.place], true)
}

/// The columns of number and name, or nothing if none is named and none is known.
fn pair(options: &InputOptions, cells: &[String]) -> Result<Option<(Found, Found)>, InputError> {
    let (for_number, for_name) = (&options.number_column, &options.name_column);
    let number = role(ColumnRole::Number, for_number.as_deref(), cells, &[])?;
    let taken: Vec<usize> = number.iter().map(|found| found.place).collect();
    let name = role(ColumnRole::Name, for_name.as_deref(), cells, &taken)?;
    match (number, name) {
        (Some(number), Some(name)) => Ok(Some((number, name))),
        (None, None) if for_number.is_none() && for_name.is_none() => Ok(None),
        _ => Err(InputError::UnknownColumns(shown(cells))),
    }
}

/// Number and name in the first two cells, in the order that the number shows.
fn by_looks(cells: &[String]) -> Result<[usize; 2], InputError> {
    match cells {
        [first, second, ..] => match (looks_like_number(first), looks_like_number(second)) {
            (true, false) => Ok([0, 1]),
            (false, true) => Ok([1, 0]),
            _ => Err(InputError::UnknownColumns(shown(cells))),
        },
        _ => Err(InputError::UnknownColumns(shown(cells))),
    }
}

/// The columns of a pair, and that of the caller's key.
fn columns(
    options: &InputOptions,
    cells: &[String],
    [number, name]: [usize; 2],
    is_heading: bool,
) -> Result<Columns, InputError> {
    if number == name {
        return Err(InputError::SameColumn(ColumnRole::Number, ColumnRole::Name));
    }
    let named = options.id_column.as_deref();
    let id = match named {
        None if !is_heading => None,
        named => role(ColumnRole::Id, named, cells, &[number, name])?,
    };
    if let (Some(id), Some(named)) = (&id, named) {
        // What is somebody's is no heading.
        if !is_heading && !id.by_place {
            return Err(no_such_column(ColumnRole::Id, named, cells));
        }
        // A key is shown, and a person is not.
        for (place, role) in [(number, ColumnRole::Number), (name, ColumnRole::Name)] {
            if id.place == place {
                return Err(InputError::SameColumn(ColumnRole::Id, role));
            }
        }
    }
    Ok(Columns {
        number,
        name,
        id: id.map(|id| id.place),
    })
}

struct Found {
    place: usize,
    by_place: bool,
}

/// The column of a role: as it is named, or as its heading is known.
fn role(
    role: ColumnRole,
    named: Option<&str>,
    cells: &[String],
    taken: &[usize],
) -> Result<Option<Found>, InputError> {
    let by_heading = |place: usize| Found {
        place,
        by_place: false,
    };
    let one_of = |places: Vec<usize>| match places.as_slice() {
        [] => Ok(None),
        [place] => Ok(Some(by_heading(*place))),
        _ => Err(InputError::AmbiguousColumn {
            role,
            headings: shown(
                &places
                    .iter()
                    .map(|place| cells[*place].clone())
                    .collect::<Vec<_>>(),
            ),
        }),
    };
    let places = |is_it: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let is_it = |place: &usize| is_it(&cells[*place]);
        (0..cells.len()).filter(is_it).collect()
    };
    if let Some(named) = named {
        if let Ok(place) = named.trim().parse::<usize>() {
            let place = place.checked_sub(1).filter(|place| *place < cells.len());
            let found = place.map(|place| Found {
                place,
                by_place: true,
            });
            return found
                .map(Some)
                .ok_or_else(|| no_such_column(role, named, cells));
        }
        let same = places(&|cell| cell.trim_matches(is_blank) == named.trim());
        let alike =
            || places(&|cell| !letters(named).is_empty() && letters(cell) == letters(named));
        let found = if same.is_empty() { alike() } else { same };
        return one_of(found)?
            .map(Some)
            .ok_or_else(|| no_such_column(role, named, cells));
    }
    let (known, perhaps) = known(role);
    for list in [known, perhaps] {
        let mut found = places(&|cell| list.contains(&letters(cell).as_str()));
        found.retain(|place| !taken.contains(place));
        if let Some(found) = one_of(found)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

const fn known(role: ColumnRole) -> (&'static [&'static str], &'static [&'static str]) {
    match role {
        ColumnRole::Number => (NUMBERS, PERHAPS_NUMBERS),
        ColumnRole::Name => (NAMES, PERHAPS_NAMES),
        ColumnRole::Id => (IDS, PERHAPS_IDS),
    }
}

/// A heading without stars, spaces and what stands in brackets.
fn letters(cell: &str) -> String {
    let mut depth = 0_u32;
    let is_outside = |c: &char| {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && c.is_alphanumeric(),
        }
        false
    };
    let letters = cell.chars().filter(is_outside);
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether the cell of a column that was named by its place is its heading, not a number that is malformed.
fn is_heading_of_number(cell: &str) -> bool {
    let letters = letters(cell);
    let is_known =
        NUMBERS.contains(&letters.as_str()) || PERHAPS_NUMBERS.contains(&letters.as_str());
    is_known || (!letters.is_empty() && !cell.chars().any(char::is_numeric))
}

/// Whether it is a number, be it malformed or rounded.
fn looks_like_number(cell: &str) -> bool {
    let mended = id_number::normalize(cell).value;
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, 'X' | 'x' | '*');
    matches!(mended.chars().count(), 15..=18) && mended.chars().all(is_digit)
        || id_number::check(&mended) == Err(InputProblem::DigitsLost)
}

fn no_such_column(role: ColumnRole, named: &str, cells: &[String]) -> InputError {
    InputError::NoSuchColumn {
        role,
        named: named.to_owned(),
        headings: shown(cells),
    }
}

/// What an error may show of a row that may be somebody's: the words of the lists, and nothing that stands beside them.
fn shown(cells: &[String]) -> Headings {
    let lists = [
        NUMBERS,
        PERHAPS_NUMBERS,
        NAMES,
        PERHAPS_NAMES,
        IDS,
        PERHAPS_IDS,
    ];
    let is_known = |letters: &String| lists.iter().any(|list| list.contains(&letters.as_str()));
    let letters = cells.iter().map(|cell| letters(cell));
    Headings {
        cells: cells.len(),
        known: letters.filter(is_known).collect(),
    }
}
