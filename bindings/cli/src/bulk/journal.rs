//! `bulk status`, `bulk unknown` and `bulk purge`: what is done with a journal after its run, or during it.

use super::arguments::{Purge, Status as OfStatus, Unknown};
use super::command;
use super::setup;
use super::units::{counted, number, rfc3339};
use crate::exit;
use crate::failure::Failure;
use crate::output::{Output, columns, shown};
use idcard_bulk::{Bulk, BulkError, BulkOptions, Reader, Status, UnknownRow};
use idcard_verification::Site;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{BufRead as _, ErrorKind, IsTerminal as _, Write as _};
use std::path::Path;

pub(super) fn status(arguments: &OfStatus) -> Result<Output, Failure> {
    let journal = setup::journal(
        arguments.input.as_deref(),
        arguments.journal.as_deref(),
        arguments.sandbox,
    )?;
    setup::require(&journal, arguments.input.as_deref())?;
    let status = read(&journal)?;
    let charged = status.totals.charged;
    let unknown = status.totals.unknown + status.totals.open;
    let latest = status.latest.map(rfc3339);
    if arguments.json {
        let cost = |count: u64| arguments.price.map(|price| price.of(count));
        let value = json!({
            "journal": journal.to_string_lossy(),
            "running": status.is_running,
            "site": status.site,
            "answered": status.answered,
            "failed": status.failed,
            "parked": status.parked,
            "unknown": status.unknown,
            "settled": status.settled,
            "under_way": status.open,
            "charges": {"charged": charged, "unknown": unknown},
            "cost": {"charged": cost(charged), "unknown": cost(unknown)},
            "latest": latest,
        });
        return Ok(Output::json(exit::OK, &value));
    }
    let running = if status.is_running { "yes" } else { "no" };
    let mut rows = vec![
        ("running", running.to_owned()),
        ("answered", number(status.answered)),
    ];
    let more = [
        ("failed", status.failed),
        ("for another day", status.parked),
        ("unknown charge", status.unknown),
        ("settled", status.settled),
        ("under way", status.open),
    ];
    let more = more.into_iter().filter(|(_, count)| *count > 0);
    rows.extend(more.map(|(name, count)| (name, number(count))));
    let told = |count: u64| match arguments.price {
        Some(price) => format!("{}, cost {}", number(count), price.shown(count)),
        None => number(count),
    };
    rows.push(("charged", told(charged)));
    if unknown > 0 {
        rows.push(("maybe charged", told(unknown)));
    }
    rows.extend(latest.map(|latest| ("last line", latest)));
    rows.push(("journal", shown(&journal.display().to_string())));
    Ok(Output::text(columns(rows)))
}

fn read(journal: &Path) -> Result<Status, Failure> {
    let status = idcard_bulk::status(journal);
    let mut status = status.map_err(|error| Failure::from_bulk(&error, None))?;
    if !status.is_running {
        // Whoever was asking has ended without a word.
        status.unknown += std::mem::take(&mut status.open);
    }
    Ok(status)
}

pub(super) fn unknown(arguments: &Unknown) -> Result<Output, Failure> {
    let (input, place, sandbox) = (&arguments.read, &arguments.place, arguments.sandbox);
    let mut options = setup::options(input, place, sandbox)?;
    setup::require(&options.journal, Some(&input.input))?;
    options.site = setup::site_of(&options.journal).unwrap_or(Site::International);
    let failed = |error: BulkError| Failure::from_bulk(&error, Some(&input.input));
    let reader = Reader::open(setup::input(input, false)?, &options).map_err(failed)?;
    let rows = reader.unknown().map_err(failed)?;
    let text = as_csv(&rows).map_err(|error| {
        Failure::input(exit::OUTPUT, format!("the list cannot be made: {error}"))
    })?;
    let file = arguments
        .output
        .as_deref()
        .filter(|path| !setup::is_stream(path));
    let printed = match file {
        Some(file) => {
            save(file, &text, arguments.force)?;
            Output::text(String::new())
        }
        None => Output::text(text),
    };
    let note = if rows.is_empty() {
        "no row is of unknown charge\n".to_owned()
    } else {
        let settle = command::settle(input, place, sandbox, file);
        let count = counted(rows.len() as u64, "row");
        format!(
            "{count} of unknown charge: look for the request ids in the bill, write yes or no under `charged`, \
             and take it by: {settle}\n"
        )
    };
    Ok(printed.note(&shown(&note)))
}

fn as_csv(rows: &[UnknownRow]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["row", "id", "key", "time", "request_id", "error", "charged"])?;
    for row in rows {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        writer.write_record([
            row.row.to_string(),
            text(&row.id),
            row.key.clone(),
            rfc3339(row.time),
            text(&row.request_id),
            text(&row.error),
            String::new(),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Nobody else reads it: it may call people by what they are called elsewhere.
fn save(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create_new(!force)
        .create(true)
        .truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    let path = path.display();
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!(
            "{path} exists already: overwrite it by --force, or name another file"
        )),
        kind => Failure::input(exit::OUTPUT, format!("{path} cannot be written: {kind}")),
    })
}

pub(super) fn purge(arguments: &Purge) -> Result<Output, Failure> {
    let place = &arguments.place;
    let input = arguments.input.as_deref();
    let journal = setup::journal(input, place.journal.as_deref(), arguments.sandbox)?;
    let mut options = BulkOptions::new(journal);
    if let Some(key) = &place.key_file {
        options.key.clone_from(key);
    }
    setup::require(&options.journal, input)?;
    let status = read(&options.journal)?;
    let path = options.journal.display();
    if status.is_running {
        return Err(Failure::usage(format!(
            "a run writes {path} now: stop it first"
        )));
    }
    if !arguments.yes {
        let unknown = status.unknown + status.open;
        let unknown = match unknown {
            0 => String::new(),
            count => format!(
                " {} of unknown charge can then not be settled.",
                counted(count, "row")
            ),
        };
        agree(&format!(
            "Destroy the key of {path}? Nobody can tell then whom it is about, resume it or make its report.{unknown}"
        ))?;
    }
    Bulk::purge(&options).map_err(|error| Failure::from_bulk(&error, input))?;
    let told = format!("the key is destroyed: {path} is numbers alone now\n");
    Ok(Output::failure(exit::OK, shown(&told)))
}

/// Asks on a terminal.
fn agree(question: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(
            "this cannot be taken back: add --yes".to_owned(),
        ));
    }
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{} [y/N] ", shown(question));
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::usage("the key was left as it is".to_owned()))
}
