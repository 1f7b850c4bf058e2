//! What ends a run from outside, and how it goes on.

use crate::bulk::{Desk, keys, sandbox, strangers};
use crate::number_of;
use idcard_sandbox::BlockingSandbox;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A run of an account that goes on by itself.
fn spawn(desk: &Desk, sandbox: &BlockingSandbox, more: &[&str]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin("idcard-verify"))
        .args(["bulk", "run", "people.csv", "--site", "international"])
        .args(["--endpoint", sandbox.url()])
        .args(more)
        .current_dir(desk.path("."))
        .envs(keys())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs")
}

/// Waits until the journal says so.
fn until(desk: &Desk, field: &str, count: u64) {
    let begun = Instant::now();
    loop {
        if desk.path("people.csv.journal").exists() {
            let (exit, stdout, _) = desk.said(&["status", "people.csv", "--json"]);
            let status = serde_json::from_str::<serde_json::Value>(&stdout);
            if exit == 0 && status.is_ok_and(|status| status[field].as_u64() >= Some(count)) {
                return;
            }
        }
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "nothing is {field}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn kill(child: &Child, signal: &str) {
    let killed = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(killed.expect("kill runs").success());
}

fn ended(child: Child) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn sigterm_drains_and_the_printed_command_goes_on() {
    let desk = Desk::new(&strangers(60));
    let sandbox = sandbox();
    let more = [
        "-o",
        "it's out.csv",
        "--requests-per-second",
        "20",
        "--concurrency",
        "4",
    ];
    let child = spawn(&desk, &sandbox, &more);
    until(&desk, "answered", 3);
    // Others can look, and nobody else can write.
    let (exit, stdout, _) = desk.said(&["report", "people.csv", "--json"]);
    assert!(
        matches!(exit, 10 | 12) && stdout.contains("\"not_asked\":"),
        "{stdout}"
    );
    let (exit, _, stderr) = desk.with_account(&sandbox, &["resume", "people.csv"]);
    assert_eq!(exit, 64);
    assert!(
        stderr.contains("error: another run writes this journal"),
        "{stderr}"
    );
    let (exit, _, stderr) = desk.said(&["purge", "people.csv", "--yes"]);
    assert_eq!(exit, 64);
    assert!(
        stderr.contains("a run writes people.csv.journal now"),
        "{stderr}"
    );
    kill(&child, "-TERM");
    let (exit, stdout, stderr) = ended(child);
    assert_eq!(exit, Some(130), "{stderr}");
    assert!(stdout.starts_with("interrupted\n"), "{stdout}");
    assert!(
        stderr.contains("under way; press Ctrl-C again to give up on them\n"),
        "{stderr}"
    );
    let (_, resume) = stderr.split_once("go on by\n  ").expect("a command");
    assert!(
        resume.contains("bulk resume people.csv -o 'it'\\''s out.csv' --force "),
        "{resume}"
    );
    let binary = assert_cmd::cargo::cargo_bin("idcard-verify");
    let folder = binary.parent().expect("a folder");
    let path = std::env::var("PATH").expect("a path");
    let output = Command::new("sh")
        .args(["-c", resume.trim()])
        .current_dir(desk.path("."))
        .env("PATH", format!("{}:{path}", folder.display()))
        .envs(keys())
        .output()
        .expect("a shell");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(desk.text("it's out.csv").lines().count(), 61);
}

#[test]
fn the_second_ctrl_c_gives_up_and_says_what_became_unknown() {
    let numbers = [number_of("result:0"), number_of("fault:hang")];
    let desk = Desk::new(&numbers);
    let sandbox = sandbox();
    let child = spawn(&desk, &sandbox, &["--timeout", "60"]);
    until(&desk, "under_way", 1);
    until(&desk, "answered", 1);
    std::thread::sleep(Duration::from_millis(300));
    kill(&child, "-INT");
    std::thread::sleep(Duration::from_millis(300));
    kill(&child, "-INT");
    let (exit, stdout, stderr) = ended(child);
    assert_eq!(exit, Some(130), "{stderr}");
    for line in [
        "finishing 1 call under way; press Ctrl-C again",
        "giving up on 1 call under way\n",
        "calls were given up: now 1 row of unknown charge\n",
    ] {
        assert!(stderr.contains(line), "{stderr}");
    }
    assert!(stdout.contains("unknown charge  1\n"), "{stdout}");
    assert!(stdout.contains("maybe charged  1\n"), "{stdout}");
}

#[test]
fn a_run_that_was_killed_goes_on_and_asks_nobody_twice() {
    let numbers = [strangers(2), vec![number_of("fault:hang")]].concat();
    let desk = Desk::new(&numbers);
    let sandbox = sandbox();
    let child = spawn(&desk, &sandbox, &["--timeout", "60"]);
    until(&desk, "answered", 2);
    kill(&child, "-KILL");
    assert_eq!(ended(child).0, None);
    let status = desk.json(&["status", "people.csv", "--json"]);
    assert_eq!(
        (&status["running"], &status["unknown"], &status["under_way"]),
        (&false.into(), &1.into(), &0.into())
    );
    let (exit, stdout, stderr) = desk.with_account(&sandbox, &["resume", "people.csv"]);
    assert_eq!(exit, 12, "{stdout}{stderr}");
    assert!(stderr.contains("there is nobody to ask"), "{stderr}");
    assert!(stdout.contains("maybe charged  1\n"), "{stdout}");
}

#[test]
fn an_input_that_changes_under_a_run_ends_it_as_bad_input() {
    let desk = Desk::new(&strangers(20));
    let sandbox = sandbox();
    let child = spawn(&desk, &sandbox, &["--requests-per-second", "10"]);
    until(&desk, "answered", 1);
    let mut others = strangers(40);
    desk.people(&others.split_off(20));
    let (exit, stdout, stderr) = ended(child);
    assert_eq!(exit, Some(3), "{stdout}{stderr}");
    assert!(
        stdout.starts_with("stopped: the input has changed since the run began\n"),
        "{stdout}"
    );
    assert!(
        stderr.ends_with("or begin another run with --known JOURNAL\n"),
        "{stderr}"
    );
    desk.people(&strangers(20));
    let (exit, _, stderr) = desk.with_account(&sandbox, &["resume", "people.csv"]);
    assert_eq!(exit, 0, "{stderr}");
}
