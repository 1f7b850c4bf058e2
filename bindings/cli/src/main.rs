//! The command `idcard-verify`; everything it does is in the library, which other packages
//! install under the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(idcard_cli::run(std::env::args_os()))
}
