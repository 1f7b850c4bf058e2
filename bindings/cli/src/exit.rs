//! Exit codes. None that means something is one that a shell, Python or a panic of Rust uses itself
//! (1, 2, 101, 126, 127, from 128 on for signals): what fails before it begins is no mismatch.

use idcard_verification::{Error, Verdict};

pub(crate) const OK: u8 = 0;
pub(crate) const MISMATCH: u8 = 10;
pub(crate) const INCONCLUSIVE: u8 = 11;
pub(crate) const BAD_INPUT: u8 = 3;
/// Of a file: done, but some rows have no answer.
pub(crate) const NO_ANSWER: u8 = 10;
/// Of a file: stopped by a limit.
pub(crate) const LIMIT: u8 = 11;
/// Of a file: there are rows of unknown charge.
pub(crate) const UNKNOWN: u8 = 12;
/// Of a file: the account, its keys or a setting was refused.
pub(crate) const REFUSED: u8 = 13;
pub(crate) const CREDENTIALS: u8 = 4;
pub(crate) const NETWORK: u8 = 5;
pub(crate) const SERVICE: u8 = 6;
pub(crate) const UNREADABLE: u8 = 7;
pub(crate) const USAGE: u8 = 64;
/// A fault of the program, as `sysexits.h` has it.
pub(crate) const PANIC: u8 = 70;
/// What there is to say could not be written, as `sysexits.h` has it.
pub(crate) const OUTPUT: u8 = 74;
/// Ended by SIGINT, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

pub(crate) const fn of_verdict(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Match => OK,
        Verdict::Mismatch => MISMATCH,
        _ => INCONCLUSIVE,
    }
}

pub(crate) const fn of_error(error: &Error) -> u8 {
    match error {
        Error::InvalidInput { .. } => BAD_INPUT,
        Error::Credentials { .. } => CREDENTIALS,
        Error::Network { .. } => NETWORK,
        // Nothing but Ctrl-C cancels here.
        Error::Cancelled { .. } => INTERRUPTED,
        Error::Service { .. } => SERVICE,
        Error::UnreadableAnswer { .. } => UNREADABLE,
        Error::Panic { .. } => PANIC,
        _ => USAGE,
    }
}
