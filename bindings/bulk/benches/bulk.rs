//! What a file costs in time and memory, beside bare calls of the same client in the same run. The sandbox and each
//! measured run are processes of their own.
//!
//! `BULK_ROWS` (100,000 by itself) and `BULK_QUOTA_SECONDS` (10) say how much; the figures are of 1,000,000 rows
//! and 60 s.

#![expect(clippy::print_stdout, reason = "it reports")]

use futures_util::stream::{self, StreamExt as _};
use idcard_bulk::input::{Input, InputOptions};
use idcard_bulk::journal::Durability;
use idcard_bulk::{Bulk, BulkOptions, Control, End};
use idcard_sandbox::{Options, SECRET_ID, SECRET_KEY, Sandbox};
use idcard_verification::{
    CallOptions, Client, ClientConfig, Credentials, Site, VerifyRequest, id_number,
};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SERVE: &str = "--serve";
const CHILD: &str = "--child";
const NAME: &str = "林小满";

fn number_of(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|given| given.parse().ok()).unwrap_or(usual)
}

/// Number of somebody of the sandbox's crowd.
fn number(person: u64) -> String {
    let (day, sequence) = (person / 1_000, person % 1_000);
    let (year, month, day) = (1950 + day / 336 % 60, day / 28 % 12 + 1, day % 28 + 1);
    let first_17 = format!("009000{year}{month:02}{day:02}{sequence:03}");
    let check_digit = id_number::expected_check_digit(&first_17).expect("17 digits");
    format!("{first_17}{check_digit}")
}

fn write_people(path: &Path, rows: u64) {
    let mut file = BufWriter::new(File::create(path).expect("writable"));
    writeln!(file, "工号,身份证号,姓名,部门").expect("written");
    for row in 0..rows {
        writeln!(file, "A{row},{},{NAME},财务部", number(row)).expect("written");
    }
    file.flush().expect("written");
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == SERVE) {
        return runtime.block_on(serve());
    }
    if let Some(place) = arguments.iter().position(|argument| argument == CHILD) {
        return runtime.block_on(child(&arguments[place + 1..]));
    }
    let (mut server, url) = start_sandbox();
    let folder = tempfile::tempdir().expect("a folder");
    let rows = number_of("BULK_ROWS", 100_000);
    let input = folder.path().join("people.csv");
    write_people(&input, rows);
    measure(&["plan"], &input, &url);
    let few = folder.path().join("few.csv");
    write_people(&few, rows.min(50_000));
    measure(&["bare"], &few, &url);
    measure(&["run", "process"], &few, &url);
    remove_journal(&few);
    measure(&["run", "power"], &few, &url);
    remove_journal(&few);
    let seconds = number_of("BULK_QUOTA_SECONDS", 10);
    let quota = folder.path().join("quota.csv");
    write_people(&quota, seconds * 100);
    measure(&["quota"], &quota, &url);
    if rows > 50_000 {
        measure(&["run", "process"], &input, &url);
        measure(&["report"], &input, &url);
    }
    server.kill().expect("the sandbox is there");
    server.wait().expect("the sandbox ends");
}

fn remove_journal(input: &Path) {
    for end in ["journal", "journal.key"] {
        let mut path = input.as_os_str().to_owned();
        path.push(format!(".{end}"));
        std::fs::remove_file(path).expect("it is there");
    }
}

fn start_sandbox() -> (Child, String) {
    let mut server = Command::new(std::env::current_exe().expect("this file"))
        .arg(SERVE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the sandbox starts");
    let mut url = String::new();
    BufReader::new(server.stdout.take().expect("its output"))
        .read_line(&mut url)
        .expect("a URL");
    (server, url.trim().to_owned())
}

async fn serve() {
    // Each account has a limit of its own: one has that of the service.
    let options = Options {
        requests_per_second: None,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    println!("{}", sandbox.url());
    sandbox.serve_until(std::future::pending()).await;
}

fn measure(what: &[&str], input: &Path, url: &str) {
    let status = Command::new(std::env::current_exe().expect("this file"))
        .arg(CHILD)
        .arg(url)
        .arg(input)
        .args(what)
        .status()
        .expect("a process");
    assert!(status.success(), "{what:?}: {status}");
}

fn client(url: &str, account: &str, rate: u32) -> Client {
    let keys = Credentials::new(account, SECRET_KEY).expect("keys");
    let config = ClientConfig::new(Site::International, keys)
        .with_endpoint(url)
        .with_requests_per_second(rate);
    Client::new(config).expect("a client")
}

async fn child(arguments: &[String]) {
    let (url, input) = (&arguments[0], Path::new(&arguments[1]));
    let what = arguments[2].as_str();
    let account = format!("{SECRET_ID}-{what}-{}", std::process::id());
    let opened = Input::open(input, InputOptions::default()).expect("readable");
    let mut options = BulkOptions::beside(input);
    let begun = Instant::now();
    match what {
        "plan" => {
            let plan = Bulk::plan(&opened, &options).expect("a plan");
            said(what, plan.survey.rows, begun);
        }
        "bare" => {
            let client = client(url, &account, 1_000_000);
            let rows = opened.rows().expect("rows");
            let calls = stream::iter(rows).map(|row| {
                let person = row.expect("a row").person.expect("somebody");
                let request = VerifyRequest::new(person.id_number, person.name);
                let options = CallOptions::default().with_fresh(true);
                let client = client.clone();
                async move { client.verify_with(request, options).await }
            });
            let mut calls = calls.buffer_unordered(100);
            let mut count = 0;
            while let Some(answer) = calls.next().await {
                answer.expect("an answer");
                count += 1;
            }
            said(what, count, begun);
        }
        "report" => {
            let reader = idcard_bulk::Reader::open(opened, &options).expect("both");
            let report = reader.report(None).expect("a report");
            said(what, report.rows, begun);
        }
        _ => {
            let rate = if what == "quota" { 100 } else { 1_000_000 };
            if arguments.get(3).map(String::as_str) == Some("process") {
                options.durability = Durability::Process;
            }
            let client = client(url, &account, rate);
            let bulk = Bulk::begin(opened, options).expect("a new run");
            let begun = Instant::now();
            let ended = bulk.run(&client, &Control::default(), |_| {}).await;
            let ended = ended.expect("it runs");
            assert_eq!(ended.end, End::Complete);
            let name = arguments[2..].join(" ");
            said(&name, ended.progress.asked, begun);
            if what == "quota" {
                let ideal = Duration::from_millis(ended.progress.asked * 10).as_secs_f64();
                let share = ideal / begun.elapsed().as_secs_f64() * 100.0;
                println!(
                    "  {share:.1} % of the quota, {} retries",
                    ended.progress.retries
                );
            }
        }
    }
}

fn said(what: &str, rows: u64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    let rate = rows as f64 / seconds;
    println!(
        "{what:12} {rows:>9} rows {seconds:>8.2} s {rate:>9.0} rows/s  peak {}",
        peak()
    );
}

/// Peak of this process's memory, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}
