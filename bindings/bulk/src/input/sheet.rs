//! Rows of a workbook's sheet.
//!
//! The reader of a sheet borrows from that of its workbook, so both live in a thread of their own, which hands
//! over some rows at a time and waits. That also keeps whatever a damaged workbook does to them there.

mod cell;
mod directory;

pub(super) use directory::look_at_sizes;

use super::columns::{Head, Seeker};
use super::person::Value;
use super::row::Row;
use super::source::{Source, SourceReader};
use super::{InputError, InputOptions, MAX_ROW};
use calamine::{Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use cell::Cell;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Rows that are handed over at once.
const BATCH: usize = 256;
/// A sheet of Excel has no more.
const MAX_COLUMNS: usize = 16_384;

/// A row of a sheet as it stands there.
#[derive(Default)]
struct SheetRow {
    /// Counted from 1.
    line: u64,
    cells: Vec<Cell>,
}

/// What the thread hands over: rows, of which none are the last, or why there are no more.
type Batch = Result<Vec<SheetRow>, InputError>;

/// A sheet of a workbook.
pub(super) struct Sheet {
    rows: SheetRows,
    head: Head,
    /// A row that is somebody's, and has not been given.
    pending: Option<SheetRow>,
    normalize: bool,
    keep_cells: bool,
}

impl Sheet {
    pub(super) fn new(source: &Source, options: &InputOptions) -> Result<Self, InputError> {
        let mut rows = SheetRows::new(source, options.sheet.clone())?;
        let mut seeker = Seeker::new(options);
        loop {
            let Some(row) = rows.next()? else {
                return Err(seeker.end());
            };
            let cells: Vec<String> = row.cells.iter().map(Cell::to_string).collect();
            if let Some(head) = seeker.look(&cells)? {
                return Ok(Self {
                    rows,
                    pending: head.headings.is_none().then_some(row),
                    head,
                    normalize: options.normalize,
                    keep_cells: options.keep_cells,
                });
            }
        }
    }

    pub(super) fn headings(&self) -> Option<&[String]> {
        self.head.headings.as_deref()
    }

    /// Cells do not move in a sheet: a row that is longer than the headings has a remark.
    pub(super) fn next(&mut self, number: u64) -> Result<Option<Row>, InputError> {
        let row = match self.pending.take() {
            Some(row) => Some(row),
            None => self.rows.next()?,
        };
        let Some(SheetRow { line, cells }) = row else {
            return Ok(None);
        };
        let columns = self.head.columns;
        let value = |place: usize| cells.get(place).map_or(Value::Missing, Cell::value);
        let (id_number, name) = (value(columns.number), value(columns.name));
        let mut row = Row::of(number, line, id_number, name, self.normalize);
        let id = columns.id.and_then(|place| cells.get(place));
        let id = id.map(|id| id.to_string().trim().to_owned());
        row.id = id.filter(|id| !id.is_empty());
        if self.keep_cells {
            row.cells = cells.iter().map(Cell::to_string).collect();
        }
        Ok(Some(row))
    }
}

/// The rows that are not blank, from the thread.
struct SheetRows {
    batches: Receiver<Batch>,
    batch: std::vec::IntoIter<SheetRow>,
}

impl SheetRows {
    fn new(source: &Source, sheet: Option<String>) -> Result<Self, InputError> {
        let (sender, batches) = sync_channel(2);
        let reader = source.reader();
        thread::Builder::new()
            .name("idcard-sheet".to_owned())
            .spawn(move || {
                let mut batcher = Batcher {
                    sender,
                    batch: Vec::new(),
                    weight: 0,
                };
                let last = read(reader, sheet.as_deref(), &mut batcher);
                if batcher.flush() {
                    // Nobody waits for it any more, if this fails.
                    let _ = batcher.sender.send(last.map(|()| Vec::new()));
                }
            })?;
        Ok(Self {
            batches,
            batch: Vec::new().into_iter(),
        })
    }

    fn next(&mut self) -> Result<Option<SheetRow>, InputError> {
        if let Some(row) = self.batch.next() {
            return Ok(Some(row));
        }
        // A thread that ends without a word has panicked.
        let batch = self.batches.recv();
        self.batch = batch
            .unwrap_or(Err(InputError::DamagedWorkbook("")))?
            .into_iter();
        Ok(self.batch.next())
    }
}

/// Hands over rows, some at a time.
struct Batcher {
    sender: SyncSender<Batch>,
    batch: Vec<SheetRow>,
    /// How much memory they take, about.
    weight: usize,
}

impl Batcher {
    /// Takes a row that is complete. False when nobody wants more.
    fn push(&mut self, row: SheetRow, size: usize) -> bool {
        if row.cells.iter().all(Cell::is_blank) {
            return true;
        }
        self.weight += row.cells.len() + size;
        self.batch.push(row);
        self.batch.len() < BATCH && self.weight < MAX_ROW || self.flush()
    }

    fn flush(&mut self) -> bool {
        self.weight = 0;
        let batch = std::mem::take(&mut self.batch);
        batch.is_empty() || self.sender.send(Ok(batch)).is_ok()
    }
}

/// Reads a sheet to its end, or until nobody wants more of it.
fn read(
    reader: SourceReader,
    named: Option<&str>,
    batcher: &mut Batcher,
) -> Result<(), InputError> {
    // An archive is read in small pieces.
    let reader = std::io::BufReader::with_capacity(super::source::BUFFER, reader);
    let mut workbook = Xlsx::new(reader).map_err(damaged)?;
    let name = sheet_of(&workbook, named)?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
    let (mut row, mut size) = (SheetRow::default(), 0);
    while let Some(next) = cells.next_cell().map_err(damaged)? {
        let (line, column) = next.get_position();
        let line = u64::from(line) + 1;
        if line != row.line {
            if !batcher.push(std::mem::take(&mut row), size) {
                return Ok(());
            }
            (row.line, size) = (line, 0);
        }
        let cell = Cell::of(next.get_value());
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MAX_COLUMNS {
            return Err(InputError::DamagedWorkbook(""));
        }
        size += cell.size();
        if size > MAX_ROW {
            return Err(InputError::RowTooLong { line });
        }
        // A cell that is only formatted makes the row no longer.
        if !matches!(cell, Cell::Empty) {
            if row.cells.len() <= column {
                row.cells.resize_with(column + 1, Cell::default);
            }
            row.cells[column] = cell;
        }
    }
    batcher.push(row, size);
    Ok(())
}

/// The name of the sheet to read: the first one that a user sees, if none is named.
fn sheet_of<R>(workbook: &Xlsx<R>, named: Option<&str>) -> Result<String, InputError>
where
    R: std::io::Read + std::io::Seek,
{
    let all = workbook.sheets_metadata();
    let sheets = all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let found = match named {
        Some(named) => sheets.clone().find(|sheet| sheet.name == named),
        None => {
            let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
            sheets
                .clone()
                .find(visible)
                .or_else(|| sheets.clone().next())
        }
    };
    match (found, named) {
        (Some(sheet), _) => Ok(sheet.name.clone()),
        (None, None) => Err(InputError::Empty),
        (None, Some(named)) => Err(InputError::NoSuchSheet {
            named: named.to_owned(),
            sheets: sheets.map(|sheet| sheet.name.clone()).collect(),
        }),
    }
}

/// An error of the workbook, without its text, which may quote a cell.
fn damaged(error: XlsxError) -> InputError {
    match error {
        XlsxError::Io(error) => InputError::Read(error.kind().into()),
        XlsxError::Password => InputError::OldWorkbook,
        XlsxError::Zip(_) => InputError::DamagedWorkbook(": it cannot be unpacked"),
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => {
            InputError::DamagedWorkbook(": a part of it is not there")
        }
        _ => InputError::DamagedWorkbook(""),
    }
}
