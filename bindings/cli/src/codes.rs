//! `codes`: the facts of the spec, as tables.

use crate::arguments::Codes;
use crate::exit;
use crate::output::Output;
use idcard_verification::{ErrorCode, ErrorFacts, ResultCode};
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Debug, Serialize)]
struct Tables {
    results: Vec<ResultRow>,
    errors: Vec<ErrorRow>,
}

#[derive(Debug, Serialize)]
struct ResultRow {
    code: &'static str,
    /// Name in code, in PascalCase.
    name: String,
    verdict: &'static str,
    charge: &'static str,
    retry: &'static str,
    meaning: &'static str,
}

#[derive(Debug, Serialize)]
struct ErrorRow {
    code: &'static str,
    /// Name in code, in PascalCase.
    name: String,
    kind: &'static str,
    charge: &'static str,
    retry: &'static str,
    meaning: &'static str,
}

pub(crate) fn run(arguments: &Codes) -> Output {
    let tables = Tables {
        results: ResultCode::KNOWN
            .iter()
            .map(|code| ResultRow {
                code: code.as_str(),
                name: format!("{code:?}"),
                verdict: code.verdict().as_str(),
                charge: code.facts().charge.as_str(),
                retry: code.facts().retry.as_str(),
                meaning: code.meaning(),
            })
            .collect(),
        errors: ErrorCode::KNOWN
            .iter()
            .map(|code| {
                let facts = ErrorFacts::of(code.as_str());
                ErrorRow {
                    code: code.as_str(),
                    name: format!("{code:?}"),
                    kind: facts.kind.as_str(),
                    charge: facts.charge.as_str(),
                    retry: facts.retry.as_str(),
                    meaning: facts.meaning,
                }
            })
            .collect(),
    };
    if arguments.json {
        Output::json(exit::OK, &tables)
    } else {
        Output::text(tables.in_words())
    }
}

impl Tables {
    fn in_words(&self) -> String {
        let mut text = String::from("RESULT  VERDICT       CHARGE       RETRY     MEANING\n");
        for row in &self.results {
            let _ = writeln!(
                text,
                "{:6}  {:12}  {:11}  {:8}  {}",
                row.code, row.verdict, row.charge, row.retry, row.meaning
            );
        }
        let width = self
            .errors
            .iter()
            .map(|row| row.code.len())
            .max()
            .unwrap_or(0);
        let _ = writeln!(
            text,
            "\n{:width$}  KIND             CHARGE       RETRY                MEANING",
            "ERROR"
        );
        for row in &self.errors {
            let _ = writeln!(
                text,
                "{:width$}  {:15}  {:11}  {:19}  {}",
                row.code, row.kind, row.charge, row.retry, row.meaning
            );
        }
        text
    }
}
