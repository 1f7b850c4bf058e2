//! `check`: many lines, what is not UTF-8, and errors as JSON.

use crate::{command, json, run};
use idcard_conformance::find_leak;
use serde_json::{Value, json};

const LINES: &str = "\u{feff}姓名,备注,身份证号\r\n\
    林小满,,001000199001010019\r\n\
    \"李 明\",\"a, b\",001000199001010019\r\n\
    林小满,,001000900101001\r\n\
    林\u{2f45}满,,4.4E+17\r\n\
    阿布都•热合曼,,'00100019900101006x\r\n\
    林\u{e863},,001000199001010019\r\n\
    林小满\r\n\
    \r\n\
    林 1,,001000199001010019\r\n";

fn lines_of_json(stdout: &str) -> Vec<Value> {
    let lines = stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn each_line_says_what_is_wrong_and_what_mending_would_do() {
    let (exit, stdout, stderr) = run(command().args(["check", "--csv"]).write_stdin(LINES));
    assert_eq!(exit, 3);
    assert_eq!(
        stdout,
        "line 3: name: character 2 is U+0020, which does not belong there (--normalize: removed spaces or \
         invisible characters; then it is well-formed)\n\
         line 4: id_number: has 15 digits, a form out of use since 2013; confirm the number of 18 digits \
         that follows from it\n\
         line 5: id_number: was rounded by a spreadsheet or a program, its last digits are lost; take it \
         from its source\n\
         line 5: name: character 2 is U+2F45, which does not belong there; U+65B9 was probably meant \
         (--normalize: replaced a radical or a compatibility ideograph by its ideograph; then it is \
         well-formed)\n\
         line 6: id_number: length is 19, expected 18 (--normalize: removed what a spreadsheet put around \
         it, wrote the check digit x as X; then it is well-formed)\n\
         line 6: name: character 4 is U+2022, where the registry writes the middle dot U+00B7 \
         (--normalize: replaced a look-alike of the middle dot; then it is well-formed)\n\
         line 7: note: name: character 2 is the private-use U+E863, which is U+4DAE today; the card \
         decides\n\
         line 8: line: is not a pair of number and name\n\
         line 10: name: character 3 is U+0031, which does not belong there\n"
    );
    assert_eq!(
        stderr,
        "8 lines: 2 well-formed, 6 malformed, of which --normalize mends 2\n"
    );
}

#[test]
fn mended_lines_are_judged_as_they_would_be_sent() {
    let (exit, stdout, stderr) = run(command()
        .args(["check", "--csv", "--normalize"])
        .write_stdin(LINES));
    assert_eq!(exit, 3);
    assert_eq!(stderr, "8 lines: 4 well-formed, 4 malformed\n");
    assert!(stdout.contains("line 6: note: name: replaced a look-alike of the middle dot\n"));
    let (exit, stdout, stderr) = run(command()
        .args(["check", "--csv", "--normalize"])
        .write_stdin("'001000199001010000\t 林小满 \n"));
    assert_eq!(exit, 0, "{stdout}");
    assert_eq!(stderr, "1 lines: 1 well-formed, 0 malformed\n");
}

#[test]
fn each_line_is_json_when_asked_for() {
    let (exit, stdout, stderr) = run(command()
        .args(["check", "--csv", "--json"])
        .write_stdin(LINES));
    assert_eq!((exit, stderr.as_str()), (3, ""));
    let lines = lines_of_json(&stdout);
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[0], json!({"line": 2, "ok": true}));
    assert_eq!(
        lines[7],
        json!({"line": 10, "ok": false, "problems": [{
            "field": "name",
            "kind": "name-character",
            "detail": "character 3 is U+0031, which does not belong there",
        }]})
    );
    let canaries = [
        "001000199001010000",
        "00100019900101006",
        "001000190001010010",
        "热合曼",
    ];
    assert_eq!(
        find_leak(&stdout, &canaries.map(str::to_owned)),
        None,
        "{stdout}"
    );
}

#[test]
fn nothing_to_check_is_no_success() {
    for empty in ["", "\u{feff}", "number,name\n", ",,\n\u{1a}\n"] {
        let (exit, stdout, stderr) = run(command().args(["check", "--csv"]).write_stdin(empty));
        assert_eq!((exit, stdout.as_str()), (64, ""));
        assert!(stderr.contains("nobody to check"), "{stderr}");
    }
    let with_person = run(command()
        .args(["check", "--csv", "1", "a"])
        .write_stdin("1,a\n"));
    assert_eq!(with_person.0, 64);
}

#[test]
fn csv_is_read_as_spreadsheets_write_it() {
    let good = "001000199001010000";
    for text in [
        format!("sep=;\n姓名;身份证号\n林小满;{good}\n"),
        format!("*姓名\t身份证号(必填)\n林小满\t{good}\n"),
        format!("ID|name\n{good}|林小满\n"),
        format!("number,name\r{good},林小满\r"),
        format!("\n\n证件号,姓 名\n{good},\"林小满\"\n,,\n"),
        format!("name,remark,id number\n林小满,\"two\nlines, \"\"quoted\"\"\",{good}\n"),
    ] {
        let (exit, stdout, stderr) = run(command()
            .args(["check", "--csv"])
            .write_stdin(text.as_str()));
        assert_eq!((exit, stdout.as_str()), (0, ""), "{text}");
        assert_eq!(stderr, "1 lines: 1 well-formed, 0 malformed\n", "{text}");
    }
    let (exit, stdout, _) = run(command()
        .args(["check", "--csv"])
        .write_stdin(format!("number,name\r{good},林小满\r1,林小满\r")));
    assert!(
        exit == 3 && stdout.starts_with("line 3: id_number"),
        "{stdout}"
    );
}

/// Everything behind an open quotation mark would be one cell, and nobody in it would be checked.
#[test]
fn a_quotation_mark_that_is_never_closed_is_an_error() {
    let text = "number,name,remark\n001000199001010000,林小满,\"ok\n1,林1,x\n";
    let (exit, stdout, stderr) = run(command().args(["check", "--csv"]).write_stdin(text));
    assert_eq!((exit, stdout.as_str()), (3, ""));
    assert!(stderr.contains("line 2: the quotation mark"), "{stderr}");
}

#[test]
fn zeros_are_doubted_where_a_spreadsheet_has_rounded() {
    let text = "001000199001010000,林小满\n001000199001010019,林小满\n4.4E+17,林小满\n";
    let (exit, stdout, stderr) = run(command().args(["check", "--csv"]).write_stdin(text));
    assert_eq!(exit, 3);
    assert!(
        stdout.contains("line 1: note: id_number: it ends in 000"),
        "{stdout}"
    );
    assert!(!stdout.contains("line 2"), "{stdout}");
    assert_eq!(stderr, "3 lines: 2 well-formed, 1 malformed\n");
}

/// Whoever forgets the subcommand, or types a person where an option stands, finds no person in a log.
#[test]
fn no_error_of_usage_shows_a_person() {
    let (number, name) = ("001000199001010019", "林小满");
    for arguments in [
        &[number, name][..],
        &["help", number],
        &["verify", "--site", number],
        &["verify", "--site", "mainland", "--language", name],
        &["check", "--encoding", name, "--stdin"],
        &["check", "--csv=林小满.csv"],
        &["check", number, "--林小满"],
        &["check", number, name, name],
    ] {
        for json in [&[][..], &["--json"]] {
            let (exit, stdout, stderr) = run(command().args(arguments).args(json));
            let said = format!("{stdout}{stderr}");
            let canaries = [number, name].map(str::to_owned);
            assert_eq!((exit, find_leak(&said, &canaries)), (64, None), "{said}");
        }
    }
}

#[test]
fn standard_input_has_two_lines() {
    let two = "001000199001010000\n林小满\n\n  \n";
    assert_eq!(
        run(command().args(["check", "--stdin"]).write_stdin(two)).0,
        0
    );
    let three = "001000199001010000\n阿布都\n热合曼\n";
    let (exit, _, stderr) = run(command()
        .args(["verify", "--sandbox", "--stdin"])
        .write_stdin(three));
    assert!(
        exit == 64 && stderr.contains("more than two lines"),
        "{stderr}"
    );
}

#[test]
fn standard_input_is_utf8_or_what_the_user_says() {
    let two_lines = "001000199001010000\r\n林小满\r\n";
    let gbk = b"001000199001010000\r\n\xc1\xd6\xd0\xa1\xc2\xfa\r\n".to_vec();
    let wide: Vec<u8> = two_lines
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = [b"\xff\xfe".to_vec(), wide.clone()].concat();
    for subcommand in [&["check"][..], &["verify", "--sandbox"]] {
        let given = |bytes: &[u8], more: &[&str]| {
            let mut command = command();
            command.args(subcommand).arg("--stdin").args(more);
            run(command.write_stdin(bytes.to_vec()))
        };
        for (bytes, encoding) in [
            (&gbk, "gb18030"),
            (&wide, "utf-16le"),
            (&marked, "utf-16le"),
        ] {
            let (exit, stdout, stderr) = given(bytes, &[]);
            assert_eq!((exit, stdout.as_str()), (3, ""));
            let expected = format!("error: standard input is not utf-8; it seems to be {encoding}");
            assert!(stderr.starts_with(&expected), "{stderr}");
            assert!(
                stderr.contains(&format!("add --encoding {encoding}")),
                "{stderr}"
            );
            let (exit, _, stderr) = given(bytes, &["--encoding", encoding]);
            assert_eq!((exit, stderr.as_str()), (0, ""));
        }
        assert_eq!(given(&gbk, &["--encoding", "gbk"]).0, 0);
        let with_mark = [b"\xef\xbb\xbf", two_lines.as_bytes()].concat();
        assert_eq!(given(&with_mark, &[]).0, 0);
    }
}

#[test]
fn errors_of_usage_are_json_too() {
    for (arguments, error, exit, detail) in [
        (
            &["check", "--json", "--nothing"][..],
            "usage",
            64,
            "--nothing",
        ),
        (
            &["check", "--json"],
            "usage",
            64,
            "a number and a name are needed",
        ),
        (&["verify", "--json", "1", "a"], "usage", 64, "--site"),
        (
            &["check", "--json", "1", "Anna", "canary"],
            "usage",
            64,
            "quotation marks",
        ),
        (
            &["check", "--json", "001000900101001", "林小满"],
            "invalid-input",
            3,
            "15 digits",
        ),
    ] {
        let (given, answer) = json(command().args(arguments));
        assert_eq!((given, answer["error"].as_str()), (exit, Some(error)));
        let said = answer["detail"].as_str().unwrap_or_default();
        assert!(said.contains(detail) && !said.contains("canary"), "{said}");
        assert_eq!(answer["charge"], "not-charged");
    }
    // A name that was not put into quotation marks is not quoted.
    let (exit, _, stderr) = run(command().args(["check", "1", "Anna", "canary"]));
    assert!(exit == 64 && !stderr.contains("canary"), "{stderr}");
    // What is too large is told before it is taken for two lines.
    let large = vec![b'a'; 1024 * 1024];
    let (exit, answer) = json(
        command()
            .args(["check", "--json", "--stdin"])
            .write_stdin(large),
    );
    assert_eq!((exit, answer["error"].as_str()), (3, Some("input")));
}
