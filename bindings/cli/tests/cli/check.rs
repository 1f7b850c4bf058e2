//! `check`: many lines, what is not UTF-8, and errors as JSON.

use crate::{command, json, run};
use idcard_conformance::find_leak;
use serde_json::{Value, json};

const LINES: &str = "\u{feff}姓名,备注,身份证号\r\n\
    林小满,,001000199001010000\r\n\
    \"李 明\",\"a, b\",001000199001010000\r\n\
    林小满,,001000900101001\r\n\
    林\u{2f45}满,,4.4E+17\r\n\
    阿布都•热合曼,,'00100019900101006x\r\n\
    林\u{e863},,001000199001010000\r\n\
    林小满\r\n\
    \r\n\
    林 1,,001000199001010000\r\n";

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
         line 10: name: character 2 is U+0020, which does not belong there (--normalize: removed spaces or \
         invisible characters; then character 2 is U+0031, which does not belong there)\n"
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
            "detail": "character 2 is U+0020, which does not belong there",
            "mending": {
                "ok": false,
                "changes": ["space-removed"],
                "problem": "character 2 is U+0031, which does not belong there",
            },
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
fn nothing_to_check_is_well_formed() {
    for empty in ["", "\u{feff}", "number,name\n"] {
        let (exit, _, stderr) = run(command().args(["check", "--csv"]).write_stdin(empty));
        assert_eq!(
            (exit, stderr.as_str()),
            (0, "0 lines: 0 well-formed, 0 malformed\n")
        );
    }
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
            assert_eq!(
                stderr,
                format!(
                    "error: standard input is not utf-8; it seems to be {encoding}: add --encoding \
                     {encoding}\n"
                )
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
