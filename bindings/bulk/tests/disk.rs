//! A disk that becomes full in the middle of a run: what is under way is written, and nothing is lost.
//!
//! The run is a process of its own, this file again, with a small file system in memory that nobody else sees.

#![cfg(target_os = "linux")]

mod common;

use common::{account, charged, client, number, options, run, sandbox, set, write_people};
use idcard_bulk::input::{Input, InputOptions};
use idcard_bulk::journal::Durability;
use idcard_bulk::{Bulk, BulkError, End};
use std::process::Command;
use tempfile::TempDir;

const FOLDER: &str = "DISK_FOLDER";
const LIMITED: &str = "DISK_LIMITED";
const ROWS: u64 = 4_000;

#[test]
fn a_full_disk_loses_nothing() {
    if std::env::var(FOLDER).is_ok() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let program = std::env::current_exe().expect("this file");
    // The input has 170 kB, the reserve 1 MiB.
    let script = r#"mount -t tmpfs -o size=1700k,mode=700 none "$DISK_FOLDER" && exec "$0" --exact the_run --nocapture"#;
    let ways: [&[&str]; 3] = [
        &["unshare", "--mount"],
        &["unshare", "--map-root-user", "--mount"],
        &[
            "sudo",
            "--non-interactive",
            "--preserve-env=DISK_FOLDER",
            "unshare",
            "--mount",
        ],
    ];
    let can = |way: &&&[&str]| {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).arg("true");
        command.output().is_ok_and(|output| output.status.success())
    };
    let way = ways.iter().find(can).expect("a way to mount a file system");
    let output = Command::new(way[0])
        .args(&way[1..])
        .args(["sh", "-c", script])
        .arg(program)
        .env(FOLDER, folder.path())
        .output()
        .expect("a process");
    let (said, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("1 passed"), "{said}{errors}");
}

/// The run's process. In the usual run of the tests it does nothing.
#[tokio::test]
async fn the_run() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    for durability in [Durability::Process, Durability::Power] {
        full(&folder, durability).await;
    }
}

/// A write that fails for another reason: what is under way is lost, and told.
#[test]
fn a_journal_that_cannot_be_written_is_told_with_what_is_lost() {
    let program = std::env::current_exe().expect("this file");
    let output = Command::new("sh")
        .args([
            "-c",
            "ulimit -f 2200 && exec \"$0\" --exact the_limited_run --nocapture",
        ])
        .arg(program)
        .env(LIMITED, "yes")
        .output()
        .expect("a process");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{errors}"
    );
}

/// The run's process. In the usual run of the tests it does nothing.
#[tokio::test]
#[allow(
    unsafe_code,
    reason = "to be told of the limit by an error, and not by a signal"
)]
async fn the_limited_run() {
    if std::env::var(LIMITED).is_err() {
        return;
    }
    // SAFETY: nothing else handles it.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    for durability in [Durability::Process, Durability::Power] {
        let (sandbox, account) = (sandbox().await, account(&format!("limit-{durability:?}")));
        let mut place = common::place((0..ROWS).map(number));
        place.options.durability = durability;
        let client = client(&sandbox.url(), &account);
        let bulk = place.begin();
        let ended = run(&bulk, &client).await;
        assert!(matches!(ended.end, End::Journal { .. }), "{:?}", ended.end);
        let charges = sandbox.ledger().report(Some(&account)).sums.charged;
        let live = bulk.report(None).expect("a report");
        drop(bulk);
        let reader = idcard_bulk::Reader::open(place.open(), &place.options).expect("both");
        let read = reader.report(None).expect("a report");
        for report in [&live, &read] {
            let said = report.charges;
            assert!(said.charged <= charges, "{report:?} {charges}");
        }
        // What was paid for and could not be written is told, by its request id.
        assert!(!ended.unwritten.is_empty(), "{durability:?}");
        let said = read.charges;
        assert!(charges <= said.charged + said.unknown, "{read:?} {charges}");
        sandbox.stop().await;
    }
}

async fn full(folder: &str, durability: Durability) {
    let (sandbox, account) = (sandbox().await, account(&format!("disk-{durability:?}")));
    set(
        &sandbox.url(),
        &account,
        r#"{"requests_per_second":0}"#.to_owned(),
    )
    .await;
    let path = std::path::Path::new(folder).join(format!("{durability:?}.csv"));
    write_people(&path, (0..ROWS).map(number));
    let mut options = options(&path);
    options.durability = durability;
    let client = client(&sandbox.url(), &account);
    let input = || Input::open(&path, InputOptions::default()).expect("readable");

    let bulk = Bulk::begin(input(), options.clone()).expect("a new run");
    let ended = run(&bulk, &client).await;
    assert!(
        matches!(&ended.end, End::Journal { reason } if reason.contains("disk is full")),
        "{:?}",
        ended.end
    );
    assert!(ended.unwritten.is_empty(), "{:?}", ended.unwritten);
    let report = bulk.report(None).expect("a report");
    let charges = sandbox.ledger().report(Some(&account)).sums.charged;
    assert_eq!(
        (report.charges.charged, report.charges.unknown),
        (charges, 0)
    );
    assert!(report.matches > 100 && report.matches < ROWS, "{report:?}");
    drop(bulk);

    // Somebody takes what is left: there is not even room to begin.
    let filler = std::path::Path::new(folder).join("filler");
    let mut file = std::fs::File::create(&filler).expect("a file");
    let _ = std::io::Write::write_all(&mut file, &vec![1; 4 << 20]);
    let refused = Bulk::resume(input(), options.clone());
    assert!(matches!(refused, Err(BulkError::Journal(_))), "{refused:?}");
    drop(file);
    std::fs::remove_file(&filler).expect("it is there");

    mount(folder, "size=20m");
    let bulk = Bulk::resume(input(), options).expect("a run that was begun");
    let ended = run(&bulk, &client).await;
    assert_eq!(ended.end, End::Complete);
    let report = bulk.report(None).expect("a report");
    assert_eq!((report.matches, report.charges.unknown), (ROWS, 0));
    for row in 0..ROWS {
        assert_eq!(charged(&sandbox, &account, &number(row)), 1, "row {row}");
    }
    drop(bulk);
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        std::fs::remove_file(entry.path()).expect("a file");
    }
    mount(folder, "size=1700k");
    sandbox.stop().await;
}

fn mount(folder: &str, size: &str) {
    let status = Command::new("mount")
        .args(["-o", &format!("remount,{size}"), folder])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "it is mounted anew"
    );
}
