//! `bulk`, as somebody uses it who has a file of people from Excel.

use crate::{NAME, command, number_of, run};
use assert_cmd::Command;
use idcard_conformance::find_leak;
use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with a file of people in it.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// People by their numbers, as Excel in China writes CSV.
    pub(crate) fn new(numbers: &[String]) -> Self {
        let desk = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        desk.people(numbers);
        desk
    }

    /// The test identities of these names.
    pub(crate) fn of(keys: &[&str]) -> Self {
        let numbers: Vec<String> = keys.iter().map(|key| number_of(key)).collect();
        Self::new(&numbers)
    }

    pub(crate) fn people(&self, numbers: &[String]) {
        let mut text = String::from("序号,姓名,身份证号码\r\n");
        for (place, number) in numbers.iter().enumerate() {
            text.push_str(&format!("a{},{NAME},{number}\r\n", place + 1));
        }
        let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
        std::fs::write(self.path("people.csv"), bytes).expect("a file");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file of text")
    }

    /// A command in the folder.
    pub(crate) fn bulk(&self, arguments: &[&str]) -> Command {
        let mut command = command();
        command.arg("bulk").args(arguments);
        command.current_dir(self.folder.path());
        command
    }

    /// Runs a command that asks an account of a sandbox.
    pub(crate) fn with_account(
        &self,
        sandbox: &BlockingSandbox,
        arguments: &[&str],
    ) -> (i32, String, String) {
        let site = ["--site", "international", "--endpoint", sandbox.url()];
        let mut command = self.bulk(arguments);
        command.args(site).envs(keys());
        run(&mut command)
    }

    pub(crate) fn said(&self, arguments: &[&str]) -> (i32, String, String) {
        run(&mut self.bulk(arguments))
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let (_, stdout, stderr) = self.said(arguments);
        serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"))
    }
}

pub(crate) fn keys() -> [(&'static str, &'static str); 2] {
    [
        ("TENCENTCLOUD_SECRET_ID", SECRET_ID),
        ("TENCENTCLOUD_SECRET_KEY", SECRET_KEY),
    ]
}

pub(crate) fn sandbox() -> BlockingSandbox {
    BlockingSandbox::start(Options::default()).expect("a sandbox")
}

/// Well-formed numbers of nobody, whom the register does not have.
pub(crate) fn strangers(count: usize) -> Vec<String> {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let number = |place: usize| {
        let day = place / 900 + 1;
        let digits = format!("001000198801{day:02}{:03}", place % 900 + 1);
        let sum: usize = digits
            .bytes()
            .zip(weights)
            .map(|(digit, weight)| usize::from(digit - b'0') * weight)
            .sum();
        let check = b"10X98765432"[sum % 11] as char;
        format!("{digits}{check}")
    };
    (0..count).map(number).collect()
}

#[test]
fn the_walk_of_a_newcomer() {
    let desk = Desk::of(&["result:0", "result:-1", "result:-5", "result:0"]);
    let (exit, stdout, stderr) = desk.said(&["plan", "people.csv", "--price", "0.55"]);
    assert_eq!((exit, stderr.as_str()), (0, ""));
    assert_eq!(
        stdout,
        "plan for people.csv (csv, gb18030)\n\
         \x20 rows        4\n\
         \x20 duplicates  1 (asked once)\n\
         \x20 to ask      3\n\
         \x20 charges     0 to 3\n\
         \x20 cost        0.00 to 1.65\n\
         \x20 time        1 s at least, at 100 requests a second\n"
    );
    let files = std::fs::read_dir(desk.path(".")).expect("a folder").count();
    assert_eq!(files, 1, "a plan writes nothing");
    let (exit, stdout, stderr) = desk.said(&["run", "people.csv", "--sandbox", "-o", "out.csv"]);
    assert_eq!(exit, 0, "{stderr}");
    for line in [
        "complete\n  rows          4\n  match         1\n  mismatch      1\n  inconclusive  1\n",
        "    1  -5: The identity library has no such identity.\n  duplicates    1\n  charged  2\n",
        "  output   out.csv\n  journal  people.csv.sandbox.journal\n",
    ] {
        assert!(stdout.contains(line), "{stdout}");
    }
    let out = desk.text("out.csv");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 5);
    assert!(
        lines[1].starts_with("1,a1,answered,match,0,charged,"),
        "{out}"
    );
    assert!(
        lines[4].starts_with("4,a4,duplicate,match,0,not-charged,"),
        "{out}"
    );
    for (output, begin) in [
        ("out.xlsx", b"PK".as_slice()),
        ("out.jsonl", b"{\"row\":1,"),
    ] {
        let (exit, _, stderr) = desk.said(&[
            "report",
            "people.csv",
            "--sandbox",
            "-o",
            output,
            "--keep-columns",
        ]);
        assert_eq!((exit, stderr.as_str()), (0, ""));
        let bytes = std::fs::read(desk.path(output)).expect("an output");
        assert!(bytes.starts_with(begin), "{output}");
    }
    assert!(desk.text("out.jsonl").contains("\"序号\":\"a4\""));
    let (exit, _, stderr) = desk.said(&["resume", "people.csv", "--sandbox"]);
    assert_eq!(exit, 0, "{stderr}");
    assert!(
        stderr.contains("goes on with people.csv.sandbox.journal\n"),
        "{stderr}"
    );
    assert!(stderr.contains("there is nobody to ask\n"), "{stderr}");
    let (exit, stdout, _) = desk.said(&["status", "people.csv", "--sandbox"]);
    assert_eq!(exit, 0);
    assert!(
        stdout.contains("running    no\n  answered   3\n  charged    2\n"),
        "{stdout}"
    );
}

#[test]
fn each_end_has_its_exit_code() {
    let sandbox = ["--sandbox", "--max-errors"];
    for (exit, keys, more) in [
        (0, &["result:0", "result:-1"][..], &[][..]),
        (11, &["result:0", "result:-1"], &["--max-charges", "1"]),
        (11, &["result:-7"], &[]),
        (11, &["error:FailedOperation"], &["--max-errors", "1"]),
        (12, &["result:-99", "result:-7x"], &[]),
        (12, &["fault:reset"], &[]),
        (13, &["error:AuthFailure.SecretIdNotFound"], &[]),
        (74, &["result:0"], &["-o", "no/such/out.csv"]),
        (74, &["result:0"], &["--journal", "no/such/journal"]),
        (64, &["result:0"], &["-o", "people.csv", "--force"]),
        (64, &["result:0"], &["-o", "people.csv"]),
        (3, &["result:0"], &["--number-column", "证件"]),
        (3, &["result:0"], &["--encoding", "utf-8"]),
    ] {
        let numbers = keys.iter().filter(|key| !key.ends_with('x'));
        let numbers: Vec<String> = numbers.map(|key| number_of(key)).collect();
        let desk = Desk::new(&numbers);
        let mut arguments = vec!["run", "people.csv", sandbox[0]];
        arguments.extend(more);
        let (actual, stdout, stderr) = desk.said(&arguments);
        assert_eq!(actual, exit, "{keys:?} {more:?}: {stdout}{stderr}");
        let was_begun = matches!(exit, 0 | 10..=13);
        assert_eq!(
            desk.path("people.csv.sandbox.journal").exists(),
            was_begun,
            "{more:?}"
        );
        let is_short = matches!(exit, 11 | 13);
        let hint = "go on by\n  idcard-verify bulk resume people.csv --sandbox";
        assert_eq!(stderr.contains(hint), is_short, "{stderr}");
    }
    let desk = Desk::new(&[number_of("result:0"), "001000199001010001".to_owned()]);
    let (exit, stdout, _) = desk.said(&["run", "people.csv", "--sandbox"]);
    assert_eq!(exit, 10);
    assert!(
        stdout.contains("  malformed  1\n    1  id_number check-digit\n"),
        "{stdout}"
    );
    let (exit, _, stderr) = desk.said(&["run", "nobody.csv", "--sandbox"]);
    assert_eq!(exit, 3);
    assert_eq!(
        stderr,
        "error: nobody.csv cannot be read: entity not found\n"
    );
    let (exit, _, stderr) = desk.said(&["run", "people.csv"]);
    assert_eq!(exit, 64);
    assert!(stderr.contains("add --site mainland"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_found_before_anything_is_paid() {
    let desk = Desk::of(&["result:0"]);
    let (exit, _, stderr) = desk.said(&["run", "people.csv", "--sandbox", "-o", "/proc/out.csv"]);
    assert_eq!(exit, 74, "{stderr}");
    assert!(
        stderr.contains("error: /proc/out.csv cannot be written"),
        "{stderr}"
    );
    assert!(!desk.path("people.csv.sandbox.journal").exists());
}

#[test]
fn a_limit_that_is_reached_is_told_with_the_next() {
    let desk = Desk::of(&["result:0", "result:-1", "result:-5"]);
    let run = [
        "run",
        "people.csv",
        "--sandbox",
        "--max-charges",
        "1",
        "--concurrency",
        "1",
    ];
    let (exit, stdout, stderr) = desk.said(&run);
    assert_eq!(exit, 11);
    assert!(
        stdout.starts_with("stopped: --max-charges 1 is reached\n"),
        "{stdout}"
    );
    assert!(
        stderr.contains("--sandbox --max-charges 3 --concurrency 1\n"),
        "{stderr}"
    );
    let (exit, _, stderr) = desk.said(&["resume", "people.csv", "--sandbox", "--max-charges", "3"]);
    assert_eq!(exit, 0, "{stderr}");
}

#[test]
fn many_charges_are_confirmed() {
    let desk = Desk::new(&strangers(1_001));
    let sandbox = sandbox();
    let (exit, stdout, stderr) =
        desk.with_account(&sandbox, &["run", "people.csv", "--price", "2"]);
    assert_eq!((exit, stdout.as_str()), (64, ""));
    let refusal = "error: this run may come to 1,001 charges, cost 2,002: limit it by --max-charges N, or \
                   allow it by --yes\n";
    assert!(stderr.ends_with(refusal), "{stderr}");
    assert!(!desk.path("people.csv.journal").exists());
    let limited = ["run", "people.csv", "--max-charges", "0"];
    assert_eq!(desk.with_account(&sandbox, &limited).0, 11);
}

#[test]
fn a_journal_is_not_begun_twice_and_belongs_to_its_file() {
    let desk = Desk::of(&["result:0", "result:-1"]);
    let sandbox = sandbox();
    assert_eq!(desk.with_account(&sandbox, &["run", "people.csv"]).0, 0);
    let (exit, _, stderr) = desk.with_account(&sandbox, &["run", "people.csv"]);
    assert_eq!(exit, 64);
    assert!(
        stderr.contains("there is a journal people.csv.journal already: go on with that run by\n"),
        "{stderr}"
    );
    let (exit, _, stderr) = desk.said(&["resume", "people.csv", "--sandbox"]);
    assert_eq!(exit, 64);
    assert!(
        stderr.contains("there is people.csv.journal: leave out --sandbox"),
        "{stderr}"
    );
    // The site is the journal's, the account another.
    let mut other = desk.bulk(&["resume", "people.csv", "--endpoint", sandbox.url()]);
    other.env("TENCENTCLOUD_SECRET_ID", "AKIDSANDBOX2");
    other.env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY);
    let (exit, _, stderr) = run(&mut other);
    assert_eq!(exit, 64);
    assert!(stderr.contains("the account is another"), "{stderr}");
    desk.people(&[number_of("result:0")]);
    for command in ["resume", "report", "unknown", "plan"] {
        let (exit, _, stderr) = desk.said(&[command, "people.csv"]);
        assert_eq!(exit, 64, "{command}");
        assert!(stderr.contains("the input has changed"), "{stderr}");
    }
}

#[test]
fn what_is_unknown_is_settled_by_the_bill() {
    let desk = Desk::of(&["result:0", "fault:reset", "result:-99"]);
    let (exit, _, stderr) = desk.said(&["run", "people.csv", "--sandbox"]);
    assert_eq!(exit, 12);
    let list = "2 rows of unknown charge; list them by\n  idcard-verify bulk unknown people.csv --sandbox -o \
                unknown.csv\n";
    assert!(stderr.contains(list), "{stderr}");
    let unknown = ["unknown", "people.csv", "--sandbox", "-o", "unknown.csv"];
    let (exit, stdout, stderr) = desk.said(&unknown);
    assert_eq!((exit, stdout.as_str()), (0, ""));
    assert!(
        stderr.ends_with("bulk resume people.csv --sandbox --settle unknown.csv\n"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1);
    assert_eq!(desk.said(&unknown).0, 64, "it is not overwritten");
    let list = desk.text("unknown.csv");
    assert!(
        list.starts_with("row,id,key,time,request_id,error,charged\n2,a2,"),
        "{list}"
    );
    let filled: Vec<String> = list.lines().map(|line| format!("{line}yes")).collect();
    let filled = filled.join("\n").replace("chargedyes", "charged");
    std::fs::write(desk.path("unknown.csv"), filled).expect("a file");
    let settle = [
        "resume",
        "people.csv",
        "--sandbox",
        "--settle",
        "unknown.csv",
    ];
    let (exit, stdout, stderr) = desk.said(&settle);
    assert_eq!(exit, 10, "{stderr}");
    assert!(
        stderr.contains("settled 2 rows by unknown.csv\n"),
        "{stderr}"
    );
    assert!(
        stdout.contains("settled, answer lost  2\n  charged  3\n"),
        "{stdout}"
    );
    let (exit, stdout, stderr) = desk.said(&["unknown", "people.csv", "--sandbox"]);
    assert_eq!(
        (exit, stderr.as_str()),
        (0, "no row is of unknown charge\n")
    );
    assert_eq!(stdout.lines().count(), 1);
    std::fs::write(desk.path("wrong.csv"), "key,charged\nx,perhaps\n").expect("a file");
    let wrong = ["resume", "people.csv", "--sandbox", "--settle", "wrong.csv"];
    let (exit, _, stderr) = desk.said(&wrong);
    assert_eq!(exit, 3);
    assert!(stderr.contains("line 2 of the charges"), "{stderr}");
}

#[test]
fn a_purged_journal_is_numbers_alone() {
    let desk = Desk::of(&["result:0"]);
    assert_eq!(desk.said(&["run", "people.csv", "--sandbox"]).0, 0);
    let (exit, _, stderr) = desk.said(&["purge", "people.csv", "--sandbox"]);
    assert_eq!(exit, 64, "nobody can be asked");
    assert!(stderr.contains("add --yes"), "{stderr}");
    let (exit, _, stderr) = desk.said(&["purge", "people.csv", "--sandbox", "--yes"]);
    assert_eq!(exit, 0, "{stderr}");
    assert!(!desk.path("people.csv.sandbox.journal.key").exists());
    for command in ["resume", "report", "unknown"] {
        let (exit, _, stderr) = desk.said(&[command, "people.csv", "--sandbox"]);
        assert_eq!(exit, 64, "{command}");
        assert!(stderr.contains("it was purged"), "{stderr}");
    }
    let status = desk.json(&[
        "status",
        "--journal",
        "people.csv.sandbox.journal",
        "--json",
    ]);
    assert_eq!(
        (&status["answered"], &status["charges"]["charged"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn standard_input_and_output_are_for_the_rows() {
    let desk = Desk::of(&["result:0", "result:-5"]);
    let people = std::fs::read(desk.path("people.csv")).expect("people");
    let with = |arguments: &[&str]| {
        let mut command = desk.bulk(arguments);
        run(command.write_stdin(people.clone()))
    };
    let (exit, _, stderr) = with(&["run", "-", "--sandbox"]);
    assert_eq!(exit, 64);
    assert!(stderr.contains("--journal FILE"), "{stderr}");
    assert_eq!(with(&["plan", "-"]).0, 0);
    let run = [
        "run",
        "-",
        "--sandbox",
        "--journal",
        "j",
        "-o",
        "-",
        "--output-format",
        "jsonl",
    ];
    let (exit, stdout, stderr) = with(&run);
    assert_eq!(exit, 0, "{stderr}");
    let rows: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!((rows.len(), &rows[0]["verdict"]), (2, &"match".into()));
    assert!(stderr.contains("complete\n  rows          2\n"), "{stderr}");
    assert_eq!(with(&["resume", "-", "--sandbox", "--journal", "j"]).0, 0);
}

#[test]
fn machines_read_json() {
    let desk = Desk::of(&["result:0", "result:-5", "result:-99", "result:-7"]);
    let (exit, stdout, stderr) = desk.said(&[
        "run",
        "people.csv",
        "--sandbox",
        "--json",
        "--progress",
        "json",
        "--price",
        "0.10",
    ]);
    assert_eq!(exit, 11);
    let report: Value = serde_json::from_str(&stdout).expect("one JSON value");
    assert_eq!(report["end"]["kind"], "complete");
    assert_eq!(report["exit"], 11);
    assert_eq!(
        (&report["matches"], &report["parked"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        report["cost"],
        serde_json::json!({"charged": "0.10", "unknown": "0.10"})
    );
    assert!(report["run"]["resume_after"].is_u64());
    let mut events = Vec::new();
    for line in stderr.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        events.push(line["event"].as_str().expect("an event").to_owned());
    }
    assert_eq!(events.first().map(String::as_str), Some("plan"));
    assert!(events.iter().any(|event| event == "progress"));
    assert_eq!(events.last().map(String::as_str), Some("resume"));
    let plan = desk.json(&["plan", "people.csv", "--sandbox", "--json"]);
    assert_eq!(
        (&plan["answered"], &plan["unknown"]),
        (&2.into(), &1.into())
    );
    let failure = desk.json(&["run", "people.csv", "--sandbox", "--json"]);
    assert_eq!(failure["error"], "usage");
    let status = desk.json(&["status", "people.csv", "--sandbox", "--json"]);
    assert_eq!(
        (&status["running"], &status["answered"]),
        (&false.into(), &2.into())
    );
}

#[test]
fn an_earlier_journal_spares_charges() {
    let desk = Desk::of(&["result:0", "result:-1"]);
    assert_eq!(desk.said(&["run", "people.csv", "--sandbox"]).0, 0);
    std::fs::copy(desk.path("people.csv"), desk.path("again.csv")).expect("a copy");
    let known = [
        "--sandbox",
        "--known",
        "people.csv.sandbox.journal",
        "--json",
    ];
    let with = |begin: &[&str]| desk.json(&[begin, &known[..]].concat());
    assert_eq!(with(&["plan", "again.csv"])["to_ask"], 0);
    let report = with(&["run", "again.csv"]);
    assert_eq!(
        (&report["matches"], &report["charges"]["charged"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn nobody_is_shown() {
    let desk = Desk::new(&[number_of("result:0"), "001000199001010001".to_owned()]);
    let canaries = [
        number_of("result:0"),
        "001000199001010001".to_owned(),
        NAME.to_owned(),
        SECRET_KEY.to_owned(),
    ];
    let sandbox = sandbox();
    let silent = |(_, stdout, stderr): (i32, String, String)| {
        let text = stdout + &stderr;
        assert_eq!(find_leak(&text, &canaries), None, "{text}");
    };
    silent(desk.said(&["plan", "people.csv"]));
    let run = [
        "run",
        "people.csv",
        "--progress",
        "json",
        "-o",
        "out.csv",
        "--keep-columns",
    ];
    silent(desk.with_account(&sandbox, &run));
    silent(desk.with_account(&sandbox, &["run", "people.csv"]));
    silent(desk.with_account(&sandbox, &["resume", "people.csv", "--json"]));
    for command in ["report", "status", "unknown"] {
        silent(desk.said(&[command, "people.csv"]));
    }
    let kept = desk.text("out.csv");
    assert!(
        kept.contains(NAME),
        "the output is for whoever has the input"
    );
    for file in ["people.csv.journal", "people.csv.journal.key"] {
        assert!(is_private(&desk.path(file)), "{file}");
    }
    assert_eq!(find_leak(&desk.text("people.csv.journal"), &canaries), None);
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let about = std::fs::metadata(file).expect("a file");
    about.permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(file: &Path) -> bool {
    file.exists()
}

#[test]
fn each_command_has_an_example() {
    let desk = Desk::of(&["result:0"]);
    for command in [
        "plan", "run", "resume", "report", "status", "unknown", "purge",
    ] {
        let (exit, stdout, _) = desk.said(&[command, "--help"]);
        assert_eq!(exit, 0);
        let example = stdout.rsplit("Example").next().unwrap_or_default();
        assert!(
            example.contains(&format!("\n  idcard-verify bulk {command} people.csv")),
            "{stdout}"
        );
    }
}

/// Whoever has set the account's site in the environment can rehearse all the same.
#[test]
fn a_sandbox_is_no_matter_of_site_and_endpoint() {
    let desk = Desk::of(&["result:0"]);
    for command in ["run", "resume", "report"] {
        let mut command = desk.bulk(&[command, "people.csv", "--sandbox"]);
        command.env("IDCARD_SITE", "mainland");
        command.env("IDCARD_ENDPOINT", "https://nowhere.invalid");
        let (exit, stdout, stderr) = run(&mut command);
        assert_eq!(exit, 0, "{stderr}");
        assert!(stdout.contains("match     1\n"), "{stdout}");
    }
}

#[test]
fn kept_columns_have_headings_even_of_a_row_with_too_many_cells() {
    let desk = Desk::of(&["result:0"]);
    let people = format!("{NAME},{0}\n{NAME},{0},b,c\n", number_of("result:0"));
    std::fs::write(desk.path("people.csv"), people).expect("a file");
    let run = [
        "run",
        "people.csv",
        "--sandbox",
        "--keep-columns",
        "-o",
        "out.csv",
    ];
    let (exit, _, stderr) = desk.said(&run);
    assert_eq!(exit, 10, "{stderr}");
    let out = desk.text("out.csv");
    let first = out.lines().next().expect("headings");
    assert!(first.ends_with(",problem,column 1,column 2"), "{out}");
    assert!(out.contains("\n2,,malformed,"), "{out}");
}

/// The day is that of Beijing, wherever this machine thinks it is.
#[test]
fn the_time_zone_of_the_machine_does_not_matter() {
    let desk = Desk::of(&["result:-7", "result:0"]);
    let mut said = Vec::new();
    for (command, zone) in [
        ("run", "Pacific/Kiritimati"),
        ("resume", "America/Los_Angeles"),
        ("resume", "UTC"),
    ] {
        let mut process = desk.bulk(&[command, "people.csv", "--sandbox", "--json"]);
        let output = process.env("TZ", zone).output().expect("it runs");
        assert_eq!(output.status.code(), Some(11), "{command} {zone}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(report["parked"], 1);
        said.push(report["run"]["resume_after"].clone());
    }
    assert!(said.iter().all(|time| time == &said[0]), "{said:?}");
}
