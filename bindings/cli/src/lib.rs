//! The command `idcard-verify`, as a function.
//!
//! Exit codes: 0 match, 10 mismatch, 11 inconclusive, 3 bad input, 4 credentials, 5 network,
//! 6 error of the service, 7 unreadable answer, 64 wrong usage, 70 a fault of the program, 74 the
//! output could not be written, 130 interrupted.

mod arguments;
mod codes;
mod exit;
mod output;
mod sandbox;
mod sign;
mod verify;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use output::Output;
use std::ffi::OsString;

/// Runs the command and gives back its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // It quotes what it does not understand.
            let text = output::shown(&error.render().to_string());
            let output = if error.use_stderr() {
                Output::failure(exit::USAGE, text)
            } else {
                Output::text(text)
            };
            return output.print();
        }
    };
    let output = match arguments.command {
        Command::Verify(verify) => verify::verify(&verify),
        Command::Check(check) => verify::check(&check),
        Command::Sandbox(sandbox) => return sandbox::run(&sandbox),
        Command::Codes(codes) => codes::run(&codes),
        Command::Sign(sign) => sign::run(&sign),
        Command::Completions { shell } => completions(shell),
        Command::Man => man(),
    };
    output.print()
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
