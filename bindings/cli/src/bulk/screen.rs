//! The line of progress: a bar that never wraps, and the words of it.

use super::units::{Price, counted, number, span};
use idcard_bulk::Progress;

/// Columns of a terminal that does not tell.
const USUAL: usize = 80;
/// The bar itself, within its brackets.
const SHORTEST: usize = 5;
const LONGEST: usize = 40;
/// Columns below which there are words alone.
const NARROW: usize = 50;

/// Columns of the terminal behind standard error.
pub(super) fn width() -> usize {
    let told = std::env::var("COLUMNS").ok();
    let told = told.and_then(|columns| columns.parse().ok());
    asked()
        .or(told)
        .filter(|columns| *columns > 0)
        .unwrap_or(USUAL)
}

#[cfg(unix)]
fn asked() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok()?;
    (size.ws_col > 0).then(|| usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn asked() -> Option<usize> {
    None
}

fn percent(progress: &Progress) -> u64 {
    let done = progress.done.min(progress.rows);
    (done * 100).checked_div(progress.rows).unwrap_or(100)
}

/// What there is to say, the most important first.
fn words(progress: &Progress, price: Option<Price>) -> Vec<String> {
    let mut words = vec![
        format!("{:>3}%", percent(progress)),
        format!("{}/{}", number(progress.done), number(progress.rows)),
        format!("{} charged", number(progress.totals.charged)),
    ];
    if progress.waits {
        words.push("waits for midnight in Beijing".to_owned());
    } else if let Some(left) = progress.left {
        words.push(format!("{} left", span(left.as_secs())));
    }
    if progress.totals.unknown > 0 {
        words.push(format!("{} unknown", number(progress.totals.unknown)));
    }
    if progress.failed > 0 {
        words.push(format!("{} failed", number(progress.failed)));
    }
    words.push(format!("{}/s", number(progress.rate)));
    if let Some(price) = price {
        words.push(format!("cost {}", price.shown(progress.totals.charged)));
    }
    if progress.parked > 0 {
        words.push(format!("{} for another day", number(progress.parked)));
    }
    words
}

/// One line for a terminal of so many columns. The last column stays free: some terminals wrap behind it.
pub(super) fn bar(progress: &Progress, price: Option<Price>, columns: usize) -> String {
    let whole = columns.saturating_sub(1);
    // Brackets, a gap, and the shortest bar.
    let room = if whole < NARROW {
        whole
    } else {
        whole - SHORTEST - 3
    };
    let mut line = String::new();
    for word in words(progress, price) {
        let gap = if line.is_empty() { "" } else { "  " };
        if line.len() + gap.len() + word.len() > room {
            break;
        }
        line.push_str(gap);
        line.push_str(&word);
    }
    let bar = whole.saturating_sub(line.len() + 3).min(LONGEST);
    if bar >= SHORTEST {
        let done = usize::try_from(percent(progress)).unwrap_or(0) * bar / 100;
        let (done, left) = ("#".repeat(done), ".".repeat(bar - done));
        line.insert_str(0, &format!("[{done}{left}] "));
    }
    line
}

/// One line where nobody watches.
pub(super) fn line(progress: &Progress, price: Option<Price>) -> String {
    let time = span(progress.elapsed.as_secs());
    let words = words(progress, price).join(", ");
    let under_way = counted(progress.in_flight, "call");
    format!("{time}: {}, {under_way} under way\n", words.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn busy() -> Progress {
        let mut progress = Progress::default();
        progress.rows = 1_000_000;
        progress.done = 456_789;
        progress.totals.charged = 440_000;
        progress.totals.unknown = 12;
        progress.failed = 345;
        progress.rate = 98;
        progress.left = Some(Duration::from_secs(5_600));
        progress.elapsed = Duration::from_secs(4_600);
        progress.in_flight = 42;
        progress
    }

    #[test]
    fn the_bar_has_its_place_at_each_width() {
        let price = "0.55".parse().ok();
        let words =
            " 45%  456,789/1,000,000  440,000 charged  1 h 33 min left  12 unknown  345 failed";
        assert_eq!(
            bar(&busy(), price, 80),
            "[###....]  45%  456,789/1,000,000  440,000 charged  1 h 33 min left  12 unknown"
        );
        assert_eq!(
            bar(&busy(), price, 200),
            format!(
                "[{}{}] {words}  98/s  cost 242,000.00",
                "#".repeat(18),
                ".".repeat(22)
            )
        );
        for columns in 0..220 {
            let bar = bar(&busy(), price, columns);
            assert!(bar.len() < columns.max(1), "{columns}: {bar}");
            assert!(bar.is_ascii());
        }
    }

    #[test]
    fn a_small_file_has_a_bar_at_80() {
        let mut progress = Progress::default();
        (progress.rows, progress.done, progress.totals.charged) = (200, 50, 48);
        progress.rate = 97;
        progress.left = Some(Duration::from_secs(2));
        assert_eq!(
            bar(&progress, None, 80),
            "[#########...........................]  25%  50/200  48 charged  2 s left  97/s"
        );
        assert_eq!(bar(&Progress::default(), None, 80).len(), 68);
    }

    #[test]
    fn a_line_says_the_same() {
        assert_eq!(
            line(&busy(), None),
            "1 h 16 min: 45%, 456,789/1,000,000, 440,000 charged, 1 h 33 min left, 12 unknown, 345 failed, \
             98/s, 42 calls under way\n"
        );
    }
}
