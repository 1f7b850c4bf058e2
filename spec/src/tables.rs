//! Tables of the spec for documents: Markdown between `<!-- spec:NAME -->` and `<!-- /spec -->`.

use crate::Ir;
use crate::model::{Charge, Retry, Type};
use std::fmt::Write as _;

const END: &str = "<!-- /spec -->";

/// Fills every marked place of a document with its table.
///
/// # Errors
/// A sentence that says which marker is unknown or has no end.
pub fn fill(document: &str, ir: &Ir) -> Result<String, String> {
    let mut filled = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(start) = rest.find("<!-- spec:") {
        let (before, marked) = rest.split_at(start);
        let (marker, after) = marked.split_once("-->").ok_or("a marker has no end")?;
        let name = marker.trim_start_matches("<!-- spec:").trim();
        let table = table(name, ir).ok_or_else(|| format!("there is no table `{name}`"))?;
        let end = after
            .find(END)
            .ok_or_else(|| format!("the table `{name}` has no `{END}`"))?;
        let _ = write!(filled, "{before}{marker}-->\n{table}{END}");
        rest = &after[end + END.len()..];
    }
    filled.push_str(rest);
    Ok(filled)
}

fn table(name: &str, ir: &Ir) -> Option<String> {
    match name {
        "results" => Some(results(ir)),
        "own-errors" => Some(errors(ir, true)),
        "common-errors" => Some(errors(ir, false)),
        "error-kinds" => Some(error_kinds(ir)),
        "parameters" => Some(parameters(ir)),
        "sites" => Some(sites(ir)),
        _ => None,
    }
}

fn results(ir: &Ir) -> String {
    let mut text = String::from(
        "| code | name | meaning | verdict | charge | try again |\n|---|---|---|---|---|---|\n",
    );
    for code in ir
        .actions
        .iter()
        .filter_map(|action| action.result_codes.as_ref())
        .flat_map(|codes| &codes.codes)
    {
        let verdict = format!("{:?}", code.verdict).to_lowercase();
        let (charge, retry) = (charge(code.charge), retry(code.retry));
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {verdict} | {charge} | {retry} |",
            code.wire, code.variant, code.meaning
        );
    }
    text
}

fn errors(ir: &Ir, own: bool) -> String {
    let mut text =
        String::from("| code | kind | meaning | charge | try again |\n|---|---|---|---|---|\n");
    let is_own = |wire: &String| {
        ir.actions
            .iter()
            .any(|action| action.own_error_codes.contains(wire))
    };
    for code in ir
        .error_codes
        .iter()
        .filter(|code| code.variant.is_some() && is_own(&code.wire) == own)
    {
        let (charge, retry) = (charge(code.charge), retry(code.retry));
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {charge} | {retry} |",
            code.wire, code.kind, code.meaning
        );
    }
    text
}

fn error_kinds(ir: &Ir) -> String {
    let mut text = String::from("| kind | meaning |\n|---|---|\n");
    for kind in &ir.error_kinds {
        let _ = writeln!(text, "| `{}` | {} |", kind.ident, kind.docs);
    }
    text
}

fn parameters(ir: &Ir) -> String {
    let mut text = String::from(
        "| parameter | on the wire | type | required | meaning |\n|---|---|---|---|---|\n",
    );
    for member in ir.actions.iter().flat_map(|action| &action.request.members) {
        let required = if member.required { "yes" } else { "no" };
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {required} | {} |",
            member.ident,
            member.wire,
            ty(&member.ty),
            member.docs
        );
    }
    text
}

fn sites(ir: &Ir) -> String {
    let mut text = String::from("| site | host | for |\n|---|---|---|\n");
    for site in &ir.sites {
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} |",
            site.ident, site.host, site.docs
        );
    }
    text
}

fn ty(ty: &Type) -> String {
    match ty {
        Type::Object(name) => name.clone(),
        Type::List(inner) => format!("list of {}", self::ty(inner)),
        other => format!("{other:?}").to_lowercase(),
    }
}

const fn charge(charge: Charge) -> &'static str {
    match charge {
        Charge::Charged => "**charged**",
        Charge::NotCharged => "free",
        Charge::Unknown => "unknown",
    }
}

const fn retry(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "",
        Retry::Backoff => "after a short wait",
        Retry::CorrectClock => "with a corrected clock",
        Retry::RefreshCredentials => "with fresh credentials",
        Retry::NextDay => "the next day in Beijing",
    }
}
