//! The command `idcard-verify`, as a function.
//!
//! Exit codes: 0 match, 10 mismatch, 11 inconclusive, 3 bad input, 4 credentials, 5 network,
//! 6 error of the service, 7 unreadable answer, 64 wrong usage, 70 a fault of the program, 74 the
//! output could not be written, 130 interrupted. Those of `bulk` are in `bulk/end.rs`.

mod arguments;
mod bulk;
mod check;
mod codes;
mod exit;
mod failure;
mod input;
mod output;
mod person;
mod sandbox;
mod service;
mod sign;
mod verify;

use arguments::{Arguments, Command};
use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, Parser};
use failure::Failure;
use output::Output;
use std::ffi::OsString;

/// Runs the command and gives back its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return not_understood(&error, json).print(),
    };
    let output = match arguments.command {
        Command::Verify(verify) => verify::run(&verify),
        Command::Bulk(bulk) => return bulk::run(&bulk),
        Command::Check(check) => check::run(&check),
        Command::Sandbox(sandbox) => return sandbox::run(&sandbox),
        Command::Codes(codes) => codes::run(&codes),
        Command::Sign(sign) => sign::run(&sign),
        Command::Completions { shell } => completions(shell),
        Command::Man => man(),
    };
    output.print()
}

/// Help, or what is wrong with the arguments. The parser quotes what it does not understand, which may be a
/// part of a name that was not put in quotation marks.
fn not_understood(error: &clap::Error, json: bool) -> Output {
    let given = [
        ContextKind::InvalidArg,
        ContextKind::InvalidValue,
        ContextKind::InvalidSubcommand,
    ];
    let given = given.into_iter().filter_map(|kind| error.get(kind));
    let given: Vec<String> = given.map(ToString::to_string).collect();
    let is_word = given.iter().any(|given| !given.starts_with('-'));
    let text = if error.kind() == ErrorKind::UnknownArgument && is_word {
        "error: there is an argument too many; put a name with a space into quotation marks\n"
            .to_owned()
    } else {
        let private = given
            .iter()
            .filter(|given| !is_option(given) && !given.is_empty());
        let text = error.render().to_string();
        output::shown(&private.fold(text, |text, given| text.replace(given.as_str(), "...")))
    };
    if !error.use_stderr() {
        return Output::text(text);
    }
    if json {
        let detail = text.strip_prefix("error: ").unwrap_or(&text);
        return Failure::usage(detail.trim_end().to_owned()).output(true);
    }
    Output::failure(exit::USAGE, text)
}

/// Whether a text is the name of an option, such as `--site <SITE>`, and so nobody's name or number.
fn is_option(text: &str) -> bool {
    let name = text.split([' ', '=']).next().unwrap_or_default();
    name.starts_with('-') && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

fn completions(shell: clap_complete::Shell) -> Output {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut script);
    Output::text(String::from_utf8_lossy(&script).into_owned())
}

fn man() -> Output {
    let mut page = Vec::new();
    match clap_mangen::Man::new(Arguments::command()).render(&mut page) {
        Ok(()) => Output::text(String::from_utf8_lossy(&page).into_owned()),
        Err(error) => Output::failure(
            exit::USAGE,
            format!("error: the page cannot be made: {error}\n"),
        ),
    }
}
