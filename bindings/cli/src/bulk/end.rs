//! How a run has ended, as an exit code and in words.

use super::units;
use crate::exit;
use idcard_bulk::{End, Report};

/// The exit code: what is worst of what has happened.
pub(super) fn code(end: Option<&End>, report: &Report) -> u8 {
    match end {
        Some(End::Interrupted { .. }) => return exit::INTERRUPTED,
        Some(End::Journal { .. }) => return exit::OUTPUT,
        Some(End::Refused { .. }) => return exit::REFUSED,
        Some(End::InputChanged) => return exit::BAD_INPUT,
        Some(End::MaxCharges { .. } | End::MaxErrors { .. }) => return exit::LIMIT,
        _ => {}
    }
    let without_answer = report.malformed
        + report.damaged
        + report.failed
        + report.elsewhere
        + report.settled
        + report.not_asked;
    if report.parked > 0 {
        exit::LIMIT
    } else if report.unknown > 0 || report.charges.unknown > 0 {
        exit::UNKNOWN
    } else if without_answer > 0 {
        exit::NO_ANSWER
    } else {
        exit::OK
    }
}

/// Why it ended, in words.
pub(super) fn in_words(end: &End) -> String {
    match end {
        End::Complete => "complete".to_owned(),
        End::MaxCharges { limit } => format!("stopped: --max-charges {limit} is reached"),
        End::MaxErrors { limit, last } => {
            format!(
                "stopped: {} failed (--max-errors); the last: {last}",
                units::counted(*limit, "row")
            )
        }
        End::Refused { error } => format!("stopped: {error}"),
        End::Interrupted { aborted: false } => "interrupted".to_owned(),
        End::Interrupted { aborted: true } => {
            "interrupted, and calls under way given up".to_owned()
        }
        End::Journal { reason } => format!("stopped: {reason}"),
        End::InputChanged => "stopped: the input has changed since the run began".to_owned(),
        _ => "stopped".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(set: impl FnOnce(&mut Report)) -> Report {
        let mut report = Report::default();
        set(&mut report);
        report
    }

    #[test]
    fn the_worst_counts() {
        let clean = Report::default();
        let dirty = report(|report| {
            report.malformed = 1;
            report.unknown = 1;
        });
        let parked = report(|report| {
            report.parked = 1;
            report.unknown = 1;
        });
        let limit = End::MaxCharges { limit: 1 };
        let refused = End::Refused {
            error: String::new(),
        };
        let full = End::Journal {
            reason: String::new(),
        };
        let ended = End::Interrupted { aborted: true };
        for (end, report, expected) in [
            (Some(&End::Complete), &clean, 0),
            (None, &report(|report| report.not_asked = 1), 10),
            (None, &report(|report| report.damaged = 1), 10),
            (Some(&End::Complete), &dirty, 12),
            (Some(&End::Complete), &parked, 11),
            (Some(&limit), &dirty, 11),
            (Some(&End::InputChanged), &parked, 3),
            (Some(&refused), &parked, 13),
            (Some(&full), &dirty, 74),
            (Some(&ended), &parked, 130),
        ] {
            assert_eq!(code(end, report), expected, "{end:?} {report:?}");
        }
    }
}
