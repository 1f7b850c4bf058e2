//! What changed between two specs, and for whom: the wire, Rust, and the foreign languages, whose
//! compilers demand that every case is handled.
//!
//! The rules stand in one table, [`RULES`]; a comparison only names the rule that applies.

mod compare;
mod rules;

pub use rules::{Bump, Class, Effect, RULES, Rule};

use crate::Ir;
use serde::Serialize;
use std::fmt::Write as _;

/// One difference.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// Where: action or file, and the name inside it.
    pub place: String,
    /// What was there and what is there now, where there is something to show.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What it means.
    #[serde(flatten)]
    pub rule: &'static Rule,
}

impl Change {
    /// Name of the change, by which `CHANGES.md` acknowledges it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.rule.id, self.place)
    }
}

/// Every difference, the gravest first.
#[must_use]
pub fn diff(old: &Ir, new: &Ir) -> Vec<Change> {
    let mut changes = compare::all(old, new);
    changes.sort_by(|a, b| {
        b.rule
            .class
            .cmp(&a.rule.class)
            .then_with(|| a.place.cmp(&b.place))
    });
    changes
}

/// The gravest class there is.
#[must_use]
pub fn class(changes: &[Change]) -> Option<Class> {
    changes.iter().map(|change| change.rule.class).max()
}

/// Dangerous changes that a text does not acknowledge: none of its lines has their key.
#[must_use]
pub fn unacknowledged<'a>(changes: &'a [Change], text: &str) -> Vec<&'a Change> {
    let is_open = |change: &&Change| {
        let key = format!("`{}`", change.key());
        change.rule.class == Class::Dangerous && !text.lines().any(|line| line.contains(&key))
    };
    changes.iter().filter(is_open).collect()
}

/// The changes as a Markdown table.
#[must_use]
pub fn table(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing has changed\n".to_owned();
    }
    let mut text = String::from(
        "| class | change | place | wire | Rust | Kotlin, Swift, Python | version |\n|---|---|---|---|---|---|---|\n",
    );
    for change in changes {
        let rule = change.rule;
        let what = if change.detail.is_empty() {
            rule.what.to_owned()
        } else {
            format!("{} ({})", rule.what, change.detail)
        };
        let _ = writeln!(
            text,
            "| {} | {what} | `{}` | {} | {} | {} | {} |",
            rule.class.as_str(),
            change.place,
            rule.wire.as_str(),
            rule.rust.as_str(),
            rule.foreign.as_str(),
            rule.bump.as_str()
        );
    }
    text
}
