//! `bulk report`, and what is told when a run has ended.

use super::arguments::Report as Arguments;
use super::end;
use super::outlet::Outlet;
use super::setup;
use super::units::{Price, counted, in_beijing, number, span};
use crate::exit;
use crate::failure::Failure;
use crate::output::{Output, columns, shown};
use idcard_bulk::{BulkError, Reader, Report, Run};
use idcard_verification::{Charge, ResultCode, ResultFacts, Retry, Site, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn run(arguments: &Arguments) -> Result<Output, Failure> {
    let read = &arguments.read;
    let mut options = setup::options(read, &arguments.place, arguments.sandbox)?;
    setup::require(&options.journal, Some(&read.input))?;
    options.site = setup::site_of(&options.journal).unwrap_or(Site::International);
    let input = setup::input(read, arguments.written.keep_columns)?;
    let failed = |error: BulkError| Failure::from_bulk(&error, Some(&read.input));
    let outlet = Outlet::new(
        &arguments.written,
        &input,
        &[&read.input, &options.journal, &options.key],
    )
    .map_err(failed)?;
    let reader = Reader::open(input, &options).map_err(failed)?;
    outlet.check(reader.survey().rows).map_err(failed)?;
    let report = outlet
        .write(|output| reader.report(output))
        .map_err(failed)?;
    let told = Told {
        report: &report,
        run: None,
        price: arguments.price,
        output: outlet.path(),
        journal: &options.journal,
        resume: None,
        exit: end::code(None, &report),
    };
    Ok(told.print(arguments.json))
}

/// A kind of rows, how many they are, and why they are.
type Group = (&'static str, u64, Vec<(String, u64)>);

/// What is told of a report.
pub(super) struct Told<'a> {
    pub(super) report: &'a Report,
    pub(super) run: Option<&'a Run>,
    pub(super) price: Option<Price>,
    pub(super) output: Option<&'a Path>,
    pub(super) journal: &'a Path,
    pub(super) resume: Option<&'a str>,
    pub(super) exit: u8,
}

impl Told<'_> {
    /// On standard output, unless the rows are there.
    pub(super) fn print(&self, json: bool) -> Output {
        let printed = if json {
            Output::json(self.exit, &self.as_json())
        } else {
            Output::new(self.exit, self.in_words())
        };
        if self.output.is_some_and(setup::is_stream) {
            printed.on_stderr()
        } else {
            printed
        }
    }

    fn as_json(&self) -> Value {
        let mut value = json!(self.report);
        let charges = self.report.charges;
        let cost = |count: u64| self.price.map(|price| price.of(count));
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let run = self.run.map(|run| {
            let progress = &run.progress;
            json!({
                "seconds": progress.elapsed.as_secs_f64(),
                "calls": progress.asked,
                "retries": progress.retries,
                "unwritten": run.unwritten,
                "resume_after": run.resume_after,
            })
        });
        let more = json!({
            "end": self.run.map(|run| &run.end),
            "exit": self.exit,
            "cost": {"charged": cost(charges.charged), "unknown": cost(charges.unknown)},
            "run": run,
            "output": self.output.map(path),
            "journal": path(self.journal),
            "resume": self.resume,
        });
        if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
            value.extend(more);
        }
        value
    }

    fn in_words(&self) -> String {
        let report = self.report;
        let mut text = String::new();
        if let Some(run) = self.run {
            text.push_str(&shown(&end::in_words(&run.end)));
            text.push('\n');
        }
        let groups = self.groups();
        let label = groups.iter().map(|group| group.0.len()).max().unwrap_or(0);
        let width = number(report.rows).len();
        for (name, count, why) in groups {
            let count = number(count);
            text.push_str(&format!("  {name:label$}  {count:>width$}\n"));
            for (reason, count) in why {
                let count = number(count);
                text.push_str(&format!("    {count:>width$}  {}\n", shown(&reason)));
            }
        }
        let mut more = vec![];
        self.money(&mut more);
        self.pace(&mut more);
        if let Some(output) = self.output.filter(|output| !setup::is_stream(output)) {
            more.push(("output", shown(&output.display().to_string())));
        }
        more.push(("journal", shown(&self.journal.display().to_string())));
        text + &columns(more)
    }

    /// Rows by what came of them, and why.
    fn groups(&self) -> Vec<Group> {
        let report = self.report;
        let codes = |is_of: fn(&ResultFacts) -> bool| {
            let codes = report.results.iter();
            let known = codes.map(|(code, rows)| (ResultCode::from_wire(code), code, rows));
            let of = known.filter(|(result, _, _)| {
                let has_verdict = matches!(result.verdict(), Verdict::Match | Verdict::Mismatch);
                !has_verdict && is_of(&result.facts())
            });
            of.map(|(result, code, rows)| (format!("{code}: {}", result.meaning()), *rows))
                .collect::<Vec<_>>()
        };
        let listed = |map: &BTreeMap<String, u64>| {
            let all = map.iter();
            all.map(|(name, rows)| (name.clone(), *rows))
                .collect::<Vec<_>>()
        };
        let is_final =
            |facts: &ResultFacts| facts.retry == Retry::Never && facts.charge != Charge::Unknown;
        let mut failed = codes(|facts| {
            facts.charge != Charge::Unknown && !matches!(facts.retry, Retry::Never | Retry::NextDay)
        });
        let mut unknown = codes(|facts| facts.charge == Charge::Unknown);
        // An error is told where there are such rows.
        if report.failed > 0 {
            failed.extend(listed(&report.errors));
        } else {
            unknown.extend(listed(&report.errors));
        }
        let groups = [
            ("rows", report.rows, vec![]),
            ("match", report.matches, vec![]),
            ("mismatch", report.mismatches, vec![]),
            ("inconclusive", report.inconclusive, codes(is_final)),
            ("duplicates", report.duplicates, vec![]),
            ("malformed", report.malformed, vec![]),
            ("damaged", report.damaged, listed(&report.problems)),
            ("unknown charge", report.unknown, unknown),
            ("failed", report.failed, failed),
            ("unknown in an earlier journal", report.elsewhere, vec![]),
            ("settled, answer lost", report.settled, vec![]),
            ("for another day", report.parked, vec![]),
            ("not asked", report.not_asked, vec![]),
        ];
        let is_told =
            |group: &Group| group.1 > 0 || matches!(group.0, "rows" | "match" | "mismatch");
        let mut groups: Vec<Group> = groups.into_iter().filter(is_told).collect();
        // What is wrong with rows is told once, where the last of the two is.
        if report.damaged == 0
            && let Some(malformed) = groups.iter_mut().find(|group| group.0 == "malformed")
        {
            malformed.2 = listed(&report.problems);
        }
        groups
    }

    fn money(&self, more: &mut Vec<(&'static str, String)>) {
        let charges = self.report.charges;
        let told = |count: u64| match self.price {
            Some(price) => format!("{}, cost {}", number(count), price.shown(count)),
            None => number(count),
        };
        more.push(("charged", told(charges.charged)));
        if charges.unknown > 0 {
            more.push(("maybe charged", told(charges.unknown)));
        }
    }

    fn pace(&self, more: &mut Vec<(&'static str, String)>) {
        let Some(run) = self.run else { return };
        let progress = &run.progress;
        let seconds = progress.elapsed.as_secs();
        let rate = u128::from(progress.asked) * 1_000 / progress.elapsed.as_millis().max(1);
        let repeated = number(progress.retries);
        let calls = counted(progress.asked, "call");
        let pace = format!("{}, {calls}, {rate}/s, {repeated} repeated", span(seconds));
        more.push(("time", pace));
        if let Some(after) = run.resume_after {
            more.push(("another day", format!("from {}", in_beijing(after))));
        }
        for id in &run.unwritten {
            let id = id.as_deref().unwrap_or("without a request id");
            more.push(("not written", shown(id)));
        }
    }
}

/// What is left when the report of a run cannot be made: the run was paid for all the same.
pub(super) fn without_report(run: &Run, price: Option<Price>) -> String {
    let totals = run.progress.totals;
    let cost = price.map_or_else(String::new, |price| {
        format!(", cost {}", price.shown(totals.charged))
    });
    let unknown = number(totals.unknown + totals.open);
    let charged = number(totals.charged);
    let end = shown(&end::in_words(&run.end));
    format!(
        "{end}; {charged} charged{cost}, {unknown} of unknown charge; all of it is in the journal\n"
    )
}

/// The exit code of a report that could not be made.
pub(super) fn code_without_report(run: &Run) -> u8 {
    match end::code(Some(&run.end), &Report::default()) {
        exit::INTERRUPTED => exit::INTERRUPTED,
        _ => exit::OUTPUT,
    }
}
