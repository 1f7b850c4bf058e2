//! What is written of each row, in three formats, and what stands in its place when it cannot be.

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use idcard_bulk::output::{Output, OutputError, OutputFormat, OutputOptions, OutputRow};
use proptest::prelude::*;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const COLUMNS: [&str; 10] = [
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
const KEPT_HEADINGS: [&str; 3] = ["number", "note", "id"];
const KEPT: [&str; 3] = ["000000197001010003", "say \"林\",\nand more", "=1+1"];

/// A row with everything.
fn full() -> OutputRow<'static> {
    OutputRow {
        row: 1,
        id: Some("a,\"b\"\r\nc"),
        status: "done",
        verdict: Some("match"),
        result: Some("0"),
        charge: Some("charged"),
        request_id: Some("3f-1"),
        attempts: Some(2),
        duplicate_of: None,
        problem: None,
        kept: &KEPT,
    }
}

/// A row with little, and fewer kept columns than headings.
fn bare() -> OutputRow<'static> {
    OutputRow {
        row: 2,
        id: None,
        status: "skipped",
        verdict: None,
        result: None,
        charge: None,
        request_id: None,
        attempts: None,
        duplicate_of: Some(1),
        problem: Some("duplicate"),
        kept: &KEPT[..1],
    }
}

/// What the columns of the two rows are.
const FULL: [&str; 13] = [
    "1",
    "a,\"b\"\r\nc",
    "done",
    "match",
    "0",
    "charged",
    "3f-1",
    "2",
    "",
    "",
    KEPT[0],
    KEPT[1],
    KEPT[2],
];
const BARE: [&str; 13] = [
    "2",
    "",
    "skipped",
    "",
    "",
    "",
    "",
    "",
    "1",
    "duplicate",
    KEPT[0],
    "",
    "",
];

fn headings() -> Vec<&'static str> {
    let mut headings = COLUMNS.to_vec();
    headings.extend(["number", "note", "id (2)"]);
    headings
}

fn options(format: OutputFormat, bom: bool) -> OutputOptions {
    OutputOptions {
        format: Some(format),
        bom,
    }
}

/// Writes rows to a new file.
fn write(path: &Path, rows: &[OutputRow<'_>]) -> Result<(), OutputError> {
    let mut output = Output::create(path, &OutputOptions::default(), &KEPT_HEADINGS, false)?;
    for row in rows {
        output.write(row)?;
    }
    output.finish()
}

/// A stream whose bytes can be read while it is written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("a lock").clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a lock").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn streamed(options: &OutputOptions, headings: &[&str], rows: &[OutputRow<'_>]) -> Vec<u8> {
    let shared = Shared::default();
    let stream = Box::new(shared.clone());
    let mut output = Output::to_writer(stream, options, headings).expect("an output");
    for row in rows {
        output.write(row).expect("a row");
    }
    output.finish().expect("an end");
    shared.bytes()
}

fn records(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv);
    let record = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|read| record(read.expect("a record")))
        .collect()
}

fn cells(path: &Path) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(path).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet");
    let sheet = sheet.expect("a range");
    sheet.rows().map(<[Data]>::to_vec).collect()
}

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().to_owned();
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

#[test]
fn csv_comes_back() {
    let (_folder, folder) = folder();
    let path = folder.join("out.csv");
    write(&path, &[full(), bare()]).expect("an output");
    let bytes = fs::read(&path).expect("a file");
    assert_eq!(records(&bytes), [headings(), FULL.to_vec(), BARE.to_vec()]);
    assert!(bytes.starts_with(b"row,id,"), "no byte order mark");
    let first = bytes.split(|&byte| byte == b'\n').next();
    assert!(first.is_some_and(|line| !line.ends_with(b"\r")));
    assert_eq!(names(&folder), ["out.csv"]);
}

#[test]
fn jsonl_comes_back() {
    let (_folder, folder) = folder();
    let path = folder.join("out.jsonl");
    write(&path, &[full(), bare()]).expect("an output");
    let text = fs::read_to_string(&path).expect("a file");
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let expected = [
        serde_json::json!({
            "row": 1, "id": FULL[1], "status": "done", "verdict": "match", "result": "0",
            "charge": "charged", "request_id": "3f-1", "attempts": 2,
            "input": {"number": KEPT[0], "note": KEPT[1], "id (2)": KEPT[2]},
        }),
        serde_json::json!({
            "row": 2, "status": "skipped", "duplicate_of": 1, "problem": "duplicate",
            "input": {"number": KEPT[0]},
        }),
    ];
    assert_eq!(lines, expected);
    let order: Vec<_> = COLUMNS[..8]
        .iter()
        .map(|column| text.find(&format!("\"{column}\":")))
        .collect();
    assert!(order.is_sorted() && order[0].is_some(), "{order:?}");
}

/// A row without kept columns.
fn bare_alone() -> OutputRow<'static> {
    OutputRow {
        kept: &[],
        ..bare()
    }
}

#[test]
fn without_kept_columns_there_is_no_input() {
    let jsonl = streamed(&options(OutputFormat::Jsonl, true), &[], &[bare_alone()]);
    let expected =
        "{\"row\":2,\"status\":\"skipped\",\"duplicate_of\":1,\"problem\":\"duplicate\"}\n";
    assert_eq!(String::from_utf8(jsonl).expect("UTF-8"), expected);
    let csv = streamed(&options(OutputFormat::Csv, false), &[], &[bare_alone()]);
    assert_eq!(records(&csv), [COLUMNS.to_vec(), BARE[..10].to_vec()]);
}

#[test]
fn xlsx_comes_back() {
    let (_folder, folder) = folder();
    let path = folder.join("out.XLSX");
    write(&path, &[full(), bare()]).expect("an output");
    let rows = cells(&path);
    assert_eq!(rows.len(), 3);
    let is_number = |column: usize| [0, 7, 8].contains(&column);
    for (row, expected) in rows.iter().zip([headings(), FULL.to_vec(), BARE.to_vec()]) {
        for (column, (cell, expected)) in row.iter().zip(&expected).enumerate() {
            // The reader leaves Excel's word for a carriage return as it is.
            let expected = expected.replace('\r', "_x000D_");
            let found = match cell {
                Data::String(text) => text.clone(),
                Data::Float(number) => number.to_string(),
                Data::Empty => String::new(),
                other => panic!("{other:?}"),
            };
            assert_eq!(found.replace('\r', "_x000D_"), expected);
            let text = !is_number(column) || expected == headings()[column];
            assert!(matches!(cell, Data::Empty) || matches!(cell, Data::String(_)) == text);
        }
        assert_eq!(row.len(), expected.len());
    }
    let mut book: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let name = book.sheet_names()[0].clone();
    let formulas = book.worksheet_formula(&name).expect("formulas");
    assert!(formulas.is_empty(), "{formulas:?}");
    assert_eq!(names(&folder), ["out.XLSX"]);
}

#[test]
fn no_rows_leave_the_headings() {
    let (_folder, folder) = folder();
    let path = |name: &str| folder.join(name);
    for name in ["out.csv", "out.jsonl", "out.xlsx"] {
        write(&path(name), &[]).expect("an output");
    }
    let csv = fs::read(path("out.csv")).expect("a file");
    assert_eq!(records(&csv), [headings()]);
    assert_eq!(fs::read(path("out.jsonl")).expect("a file"), b"");
    let expected: Vec<_> = headings().into_iter().map(Data::from).collect();
    assert_eq!(cells(&path("out.xlsx")), [expected]);
}

#[test]
fn the_extension_says_the_format() {
    let format = |name: &str| OutputFormat::from_extension(Path::new(name));
    assert_eq!(format("a.csv"), Some(OutputFormat::Csv));
    assert_eq!(format("a.b.JSONL"), Some(OutputFormat::Jsonl));
    assert_eq!(format("a.ndjson"), Some(OutputFormat::Jsonl));
    assert_eq!(format("a.xlsx"), Some(OutputFormat::Xlsx));
    assert_eq!(format("a.xls"), None);
    assert_eq!(format("csv"), None);
    let (_folder, folder) = folder();
    let path = folder.join("out");
    write(&path, &[]).expect("an output");
    assert!(fs::read(&path).expect("a file").starts_with(b"row,"));
    let path = folder.join("out.csv");
    let jsonl = options(OutputFormat::Jsonl, false);
    let output = Output::create(&path, &jsonl, &[], false).expect("an output");
    output.finish().expect("an end");
    assert_eq!(fs::read(&path).expect("a file"), b"");
}

#[test]
fn excel_calculates_nothing() {
    let kept = [
        "=HYPERLINK(\"x\")",
        "+1",
        "-1",
        "@A1",
        "\t=1",
        "\r=1",
        "a=1",
    ];
    let row = OutputRow {
        id: Some("-7"),
        kept: &kept,
        ..bare()
    };
    let headings = ["=a", "b", "c", "d", "e", "f", "g"];
    let for_excel = streamed(&options(OutputFormat::Csv, true), &headings, &[row]);
    let bytes = for_excel
        .strip_prefix("\u{feff}".as_bytes())
        .expect("a mark");
    let read = records(bytes);
    assert_eq!(read[0][10], "'=a");
    assert_eq!(read[1][0], "2");
    assert_eq!(read[1][1], "'-7");
    for (found, text) in read[1][10..16].iter().zip(kept) {
        assert_eq!(*found, format!("'{text}"));
    }
    assert_eq!(read[1][16], "a=1");
    // A program gets what was there.
    let verbatim = records(&streamed(
        &options(OutputFormat::Csv, false),
        &headings,
        &[row],
    ));
    assert_eq!(verbatim[0][10], "=a");
    assert_eq!(verbatim[1][1], "-7");
    assert_eq!(verbatim[1][10..], kept);
}

#[test]
fn a_stream_has_each_row_at_once_and_a_workbook_at_the_end() {
    for format in [OutputFormat::Csv, OutputFormat::Jsonl] {
        let shared = Shared::default();
        let stream = Box::new(shared.clone());
        let mut output = Output::to_writer(stream, &options(format, false), &[]).expect("one");
        let before = shared.bytes().len();
        output.write(&bare_alone()).expect("a row");
        let bytes = shared.bytes();
        assert!(bytes.len() > before && bytes.ends_with(b"\n"), "{format:?}");
    }
    let xlsx = options(OutputFormat::Xlsx, false);
    let bytes = streamed(&xlsx, &KEPT_HEADINGS, &[full(), bare()]);
    let (_folder, folder) = folder();
    let path = folder.join("streamed.xlsx");
    fs::write(&path, bytes).expect("a file");
    assert_eq!(cells(&path).len(), 3);
}

#[test]
fn a_target_is_untouched_until_the_end() {
    let (_folder, folder) = folder();
    for name in ["out.csv", "out.jsonl", "out.xlsx"] {
        let path = folder.join(name);
        fs::write(&path, "old").expect("a file");
        let options = OutputOptions::default();
        let begin = || Output::create(&path, &options, &KEPT_HEADINGS, true).expect("an output");
        let mut output = begin();
        output.write(&full()).expect("a row");
        drop(output);
        assert_eq!(fs::read(&path).expect("a file"), b"old");
        begin().finish().expect("an end");
        assert_ne!(fs::read(&path).expect("a file"), b"old");
    }
    assert_eq!(names(&folder), ["out.csv", "out.jsonl", "out.xlsx"]);
}

#[test]
fn a_file_that_is_there_stays() {
    let (_folder, folder) = folder();
    let path = folder.join("out.csv");
    let exists = OutputError::Exists {
        path: Some(path.clone()),
    };
    let options = OutputOptions::default();
    // It comes after the output has begun.
    let output = Output::create(&path, &options, &[], false).expect("an output");
    fs::write(&path, "old").expect("a file");
    assert_eq!(output.finish(), Err(exists.clone()));
    let error = Output::create(&path, &options, &[], false).expect_err("it exists");
    assert_eq!(error, exists);
    assert_eq!(
        error.to_string(),
        format!("{} exists already", path.display())
    );
    assert_eq!(fs::read(&path).expect("a file"), b"old");
    assert_eq!(names(&folder), ["out.csv"]);
}

fn refused(path: &Path) -> OutputError {
    let options = OutputOptions::default();
    Output::create(path, &options, &[], true).expect_err("an error")
}

#[test]
fn a_folder_that_is_none_is_said() {
    let (_folder, folder) = folder();
    let missing = folder.join("none").join("out.csv");
    let error = refused(&missing);
    assert_eq!(error.kind(), Some(ErrorKind::NotFound));
    let expected = "cannot be written: there is no such folder";
    assert_eq!(
        error.to_string(),
        format!("{} {expected}", missing.display())
    );
    assert_eq!(refused(&folder).kind(), Some(ErrorKind::IsADirectory));
}

#[test]
fn a_row_with_more_columns_than_headings_closes_the_output() {
    let (_folder, folder) = folder();
    let path = folder.join("out.csv");
    let options = OutputOptions::default();
    let mut output = Output::create(&path, &options, &[], false).expect("an output");
    assert_eq!(
        output.write(&full()),
        Err(OutputError::NoHeading { row: 1 })
    );
    assert_eq!(output.write(&bare_alone()), Err(OutputError::Closed));
    assert_eq!(output.finish(), Err(OutputError::Closed));
    assert!(names(&folder).is_empty());
}

#[test]
fn a_workbook_says_what_it_has_no_place_for() {
    let xlsx = options(OutputFormat::Xlsx, false);
    let begin = |headings: &[&str]| Output::to_writer(Box::new(io::sink()), &xlsx, headings);
    let error = begin(&vec!["a"; 16_375]).expect_err("too many");
    assert_eq!(error, OutputError::TooManyColumns { limit: 16_384 });
    let long = "林".repeat(32_768);
    let error = begin(&[&long]).expect_err("too long");
    assert_eq!(error, OutputError::HeadingTooLong);
    let mut output = begin(&["a"]).expect("an output");
    let row = OutputRow {
        kept: &[&long],
        ..bare()
    };
    assert_eq!(output.write(&row), Err(OutputError::TextTooLong { row: 2 }));
}

#[test]
fn nothing_of_a_person_is_printed() {
    let text = format!("{:?}", full());
    assert!(!text.contains(KEPT[0]) && !text.contains("a,"), "{text}");
    assert!(
        text.contains("[redacted]") && text.contains("3f-1"),
        "{text}"
    );
    let output = Output::to_writer(Box::new(io::sink()), &OutputOptions::default(), &["林"]);
    let text = format!("{output:?}");
    assert!(!text.contains('林'), "{text}");
}

#[test]
fn an_output_may_be_sent_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Output>();
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn its_owner_alone_reads_it() {
        let (_folder, folder) = folder();
        for name in ["out.csv", "out.jsonl", "out.xlsx"] {
            let path = folder.join(name);
            fs::write(&path, "old").expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
            let options = OutputOptions::default();
            let output = Output::create(&path, &options, &[], true).expect("an output");
            for name in names(&folder).iter().filter(|name| name.starts_with('.')) {
                assert_eq!(mode(&folder.join(name)), 0o600, "while it is written");
            }
            output.finish().expect("an end");
            assert_eq!(mode(&path), 0o600);
        }
    }

    #[test]
    fn of_a_link_the_file_is_written() {
        let (_folder, folder) = folder();
        let (file, link) = (folder.join("file.csv"), folder.join("link.csv"));
        fs::write(&file, "old").expect("a file");
        symlink("file.csv", &link).expect("a link");
        let exists = OutputError::Exists {
            path: Some(link.clone()),
        };
        assert_eq!(write(&link, &[]), Err(exists));
        let options = OutputOptions::default();
        let output = Output::create(&link, &options, &[], true).expect("an output");
        output.finish().expect("an end");
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert!(fs::read(&file).expect("a file").starts_with(b"row,"));
    }

    #[test]
    fn a_device_stays_a_device() {
        write(Path::new("/dev/null"), &[full()]).expect("an output");
        let found = fs::metadata("/dev/null").expect("a device");
        assert!(!found.is_file());
    }

    #[test]
    fn a_pipe_is_written_as_the_rows_come() {
        let (_folder, folder) = folder();
        let pipe = folder.join("pipe.csv");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).expect("bytes")
        });
        write(&pipe, &[full()]).expect("an output");
        let bytes = reader.join().expect("a reader");
        assert_eq!(records(&bytes), [headings(), FULL.to_vec()]);
        assert_eq!(names(&folder), ["pipe.csv"]);
    }

    #[test]
    fn a_link_to_nothing_is_not_followed() {
        let (_folder, folder) = folder();
        let link = folder.join("link.csv");
        symlink("nothing.csv", &link).expect("a link");
        let error = write(&link, &[]).expect_err("it exists");
        assert_eq!(error.kind(), Some(ErrorKind::AlreadyExists));
        let options = OutputOptions::default();
        let output = Output::create(&link, &options, &[], true).expect("an output");
        output.finish().expect("an end");
        assert_eq!(names(&folder), ["link.csv"]);
        assert!(!fs::symlink_metadata(&link).expect("a file").is_symlink());
    }

    #[test]
    fn a_file_is_no_folder() {
        let (_folder, folder) = folder();
        let file = folder.join("file");
        fs::write(&file, "").expect("a file");
        let error = refused(&file.join("out.csv"));
        assert_eq!(error.kind(), Some(ErrorKind::NotADirectory));
    }

    /// A folder in which not even root makes a file.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_may_not_be_written_is_said() {
        let (_folder, own) = folder();
        fs::set_permissions(&own, fs::Permissions::from_mode(0o500)).expect("a mode");
        let is_root = fs::write(own.join("try"), "").is_ok();
        let folder = if is_root {
            Path::new("/sys/kernel")
        } else {
            &own
        };
        let error = refused(&folder.join("out.csv"));
        let kinds = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
        assert!(
            error.kind().is_some_and(|kind| kinds.contains(&kind)),
            "{error:?}"
        );
        let _ = fs::set_permissions(&own, fs::Permissions::from_mode(0o700));
    }

    /// As `/dev/full` is.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_said() {
        for format in [OutputFormat::Csv, OutputFormat::Jsonl, OutputFormat::Xlsx] {
            let options = options(format, false);
            let run = |output: Result<Output, OutputError>| {
                let mut output = output?;
                output.write(&bare_alone())?;
                output.finish()
            };
            let device = Path::new("/dev/full");
            let named = run(Output::create(device, &options, &[], false)).expect_err("full");
            let file = fs::OpenOptions::new()
                .write(true)
                .open(device)
                .expect("a device");
            let stream = run(Output::to_writer(Box::new(file), &options, &[]));
            let stream = stream.expect_err("full");
            assert_eq!(named.kind(), Some(ErrorKind::StorageFull), "{format:?}");
            assert_eq!(stream.kind(), Some(ErrorKind::StorageFull), "{format:?}");
            let expected = "cannot be written: the disk is full";
            assert_eq!(named.to_string(), format!("/dev/full {expected}"));
            assert_eq!(stream.to_string(), format!("the output {expected}"));
        }
    }
}

proptest! {
    #[test]
    fn any_text_comes_back(
        id in any::<Option<String>>(),
        problem in any::<String>(),
        kept in prop::collection::vec(any::<String>(), 0..4),
    ) {
        let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
        let headings = &["x", "y", "z"][..kept.len()];
        let row = OutputRow {
            id: id.as_deref(),
            problem: Some(&problem),
            kept: &kept,
            ..bare()
        };
        let read = records(&streamed(&options(OutputFormat::Csv, false), headings, &[row, row]));
        prop_assert_eq!(read.len(), 3);
        for record in &read[1..] {
            prop_assert_eq!(&record[1], id.as_deref().unwrap_or_default());
            prop_assert_eq!(&record[9], &problem);
            prop_assert_eq!(&record[10..], &kept);
        }
        let jsonl = streamed(&options(OutputFormat::Jsonl, false), headings, &[row, row]);
        let lines: Vec<&[u8]> = jsonl.split(|&byte| byte == b'\n').collect();
        prop_assert_eq!((lines.len(), lines[2]), (3, &b""[..]));
        let read: serde_json::Value = serde_json::from_slice(lines[1]).expect("an object");
        prop_assert_eq!(read["id"].as_str(), id.as_deref());
        prop_assert_eq!(read["problem"].as_str(), Some(problem.as_str()));
        for (heading, text) in headings.iter().zip(&kept) {
            prop_assert_eq!(read["input"][heading].as_str(), Some(*text));
        }
    }
}
