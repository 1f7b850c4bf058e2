//! `bulk plan`: what a run would come to.

use super::arguments::Plan as Arguments;
use super::setup;
use super::units::{Price, counted, number, span};
use crate::exit;
use crate::failure::Failure;
use crate::output::{Output, columns, shown};
use idcard_bulk::{Bulk, Plan};
use idcard_verification::Site;
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) fn run(arguments: &Arguments) -> Result<Output, Failure> {
    let read = &arguments.read;
    let place = &arguments.place;
    // There need be no place for a journal.
    let mut options = if setup::is_stream(&read.input) && place.journal.is_none() {
        idcard_bulk::BulkOptions::new("")
    } else {
        setup::options(read, place, arguments.sandbox)?
    };
    options.allow_rounded = read.allow_rounded;
    options.site = arguments
        .site
        .or_else(|| setup::site_of(&options.journal))
        .or_else(|| {
            arguments
                .known
                .first()
                .and_then(|known| setup::site_of(known))
        })
        .unwrap_or(Site::International);
    options.known.clone_from(&arguments.known);
    options.max_charges = arguments.max_charges;
    options.retry_unknown = arguments.retry_unknown;
    let input = setup::input(read, false)?;
    let plan = Bulk::plan(&input, &options)
        .map_err(|error| Failure::from_bulk(&error, Some(&read.input)))?;
    if arguments.json {
        return Ok(Output::json(exit::OK, &as_json(&plan, arguments.price)));
    }
    let encoding = input
        .encoding()
        .map_or_else(String::new, |encoding| format!(", {}", encoding.as_str()));
    let format = input.format().as_str();
    let heading = format!("plan for {} ({format}{encoding})\n", read.input.display());
    Ok(Output::text(
        shown(&heading) + &in_words(&plan, arguments.price),
    ))
}

/// The plan with stable names.
pub(super) fn as_json(plan: &Plan, price: Option<Price>) -> Value {
    let survey = &plan.survey;
    let problem = |(kind, rows, line): &(String, u64, u64)| json!({"problem": kind, "rows": rows, "first_line": line});
    let most = plan.charged.saturating_add(plan.most_charges);
    json!({
        "rows": survey.rows,
        "malformed": survey.malformed,
        "damaged": survey.damaged,
        "duplicates": survey.duplicates,
        "noted": survey.noted,
        "answered": plan.answered,
        "known": plan.remembered,
        "unknown": plan.unknown,
        "to_ask": plan.to_ask,
        "least_charges": plan.charged,
        "most_charges": most,
        "most_new_charges": plan.most_charges,
        "least_cost": price.map(|price| price.of(plan.charged)),
        "most_cost": price.map(|price| price.of(most)),
        "most_new_cost": price.map(|price| price.of(plan.most_charges)),
        "least_seconds": plan.least_time.as_secs(),
        "problems": survey.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

/// The plan for people.
pub(super) fn in_words(plan: &Plan, price: Option<Price>) -> String {
    let survey = &plan.survey;
    let mut rows = vec![("rows", number(survey.rows))];
    let more = [
        ("malformed", survey.malformed, "not asked"),
        ("damaged", survey.damaged, "by a spreadsheet, not asked"),
        ("duplicates", survey.duplicates, "asked once"),
        (
            "noted",
            survey.noted,
            "mended, or with private-use characters",
        ),
        ("answered", plan.answered, "not asked again"),
        ("known", plan.remembered, "from earlier journals, not asked"),
        (
            "unknown",
            plan.unknown,
            "may have been charged; asked again with --retry-unknown",
        ),
    ];
    for (name, count, why) in more {
        if count > 0 {
            rows.push((name, format!("{} ({why})", number(count))));
        }
    }
    rows.push(("to ask", number(plan.to_ask)));
    let (most, so_far) = (plan.most_charges, plan.charged);
    rows.push(("charges", between(so_far, so_far + most, number)));
    if let Some(price) = price {
        rows.push((
            "cost",
            between(so_far, so_far + most, |count| price.shown(count)),
        ));
    }
    let time = span(plan.least_time.as_secs());
    rows.push(("time", format!("{time} at least, at 100 requests a second")));
    let mut text = columns(rows);
    let problems = &survey.problems;
    if !problems.is_empty() {
        text.push_str("problems\n");
    }
    let width = problems
        .iter()
        .map(|(kind, _, _)| kind.len())
        .max()
        .unwrap_or(0);
    for (kind, rows, line) in problems {
        let _ = writeln!(
            text,
            "  {kind:width$}  {}, the first in line {line}",
            counted(*rows, "row")
        );
    }
    text
}

/// What it may come to, with what was spent before.
fn between(least: u64, most: u64, told: impl Fn(u64) -> String) -> String {
    match (least, least == most) {
        (0, true) => told(0),
        (_, true) => format!("{}, all of them spent", told(least)),
        (0, false) => format!("{} to {}", told(0), told(most)),
        (_, false) => format!(
            "{} (spent, or of unknown charge) to {}",
            told(least),
            told(most)
        ),
    }
}
