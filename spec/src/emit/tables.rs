//! Tables of the spec for documents: Markdown between `<!-- spec:NAME -->` and `<!-- /spec -->`.

use super::doc_text;
use crate::ir::Action;
use crate::model::{Charge, Retry, Type};
use crate::{Ir, ident};
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

/// How a language writes names.
#[derive(Clone, Copy)]
enum Case {
    /// As Rust does.
    Rust,
    /// `ResultCode.MATCH`, `ErrorKind.INVALID_REQUEST`, `idNumber`.
    Kotlin,
    /// `.match`, `.invalidRequest`, `idNumber`.
    Swift,
    /// `ResultCode.MATCH`, `ErrorKind.INVALID_REQUEST`, `id_number`.
    Python,
}

impl Case {
    fn of(language: &str) -> Option<Self> {
        match language {
            "" => Some(Self::Rust),
            "kotlin" => Some(Self::Kotlin),
            "swift" => Some(Self::Swift),
            "python" => Some(Self::Python),
            _ => None,
        }
    }

    /// A variant, with its type where a language writes that.
    fn variant(self, ty: &str, ident: &str) -> String {
        let ty = ident::foreign_type(ty);
        match self {
            Self::Rust => ident.to_owned(),
            Self::Swift => format!(".{}", ident::foreign_value(ident)),
            Self::Kotlin | Self::Python => format!("{ty}.{}", ident::constant(ident)),
        }
    }

    fn kind(self, ident: &str) -> String {
        match self {
            Self::Rust => ident.to_owned(),
            Self::Swift => format!(".{}", ident::foreign_value(ident)),
            Self::Kotlin | Self::Python => ident::constant(ident),
        }
    }

    fn value(self, ident: &str) -> String {
        match self {
            Self::Rust | Self::Python => ident.to_owned(),
            Self::Kotlin | Self::Swift => ident::foreign_value(ident),
        }
    }
}

/// A table by its marker: a name and, for a language that writes names differently, the language.
fn table(marker: &str, ir: &Ir) -> Option<String> {
    let (name, language) = marker.split_once(' ').unwrap_or((marker, ""));
    let case = Case::of(language)?;
    match name {
        "results" => Some(results(ir, case)),
        "own-errors" => Some(errors(ir, true, case)),
        "common-errors" => Some(errors(ir, false, case)),
        "error-kinds" => Some(error_kinds(ir, case)),
        "parameters" => Some(parameters(ir, case)),
        "sites" => Some(sites(ir, case)),
        _ => None,
    }
}

/// A part for each action, under its name where there are several.
fn by_action(ir: &Ir, part: impl Fn(&Action) -> Option<String>) -> String {
    let mut text = String::new();
    for action in &ir.actions {
        let Some(part) = part(action) else { continue };
        if ir.actions.len() > 1 {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = write!(text, "{gap}`{}`, {}\n\n", action.method, action.name);
        }
        text.push_str(&part);
    }
    text
}

fn results(ir: &Ir, case: Case) -> String {
    by_action(ir, |action| {
        let codes = action.result_codes.as_ref()?;
        let mut text = String::from(
            "| code | name | meaning | verdict | charge | try again |\n|---|---|---|---|---|---|\n",
        );
        for code in &codes.codes {
            let verdict = format!("{:?}", code.verdict).to_lowercase();
            let (charge, retry) = (charge(code.charge), retry(code.retry));
            let _ = writeln!(
                text,
                "| `{}` | `{}` | {} | {verdict} | {charge} | {retry} |",
                code.wire,
                case.variant(&codes.ident, &code.variant),
                code.meaning
            );
        }
        Some(text)
    })
}

fn errors(ir: &Ir, own: bool, case: Case) -> String {
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
            code.wire,
            case.kind(&code.kind),
            code.meaning
        );
    }
    text
}

fn error_kinds(ir: &Ir, case: Case) -> String {
    let mut text = String::from("| kind | meaning |\n|---|---|\n");
    for kind in &ir.error_kinds {
        let _ = writeln!(text, "| `{}` | {} |", case.kind(&kind.ident), kind.docs);
    }
    text
}

fn parameters(ir: &Ir, case: Case) -> String {
    by_action(ir, |action| {
        let mut text = String::from(
            "| parameter | on the wire | type | required | meaning |\n|---|---|---|---|---|\n",
        );
        for member in &action.request.members {
            let required = if member.required { "yes" } else { "no" };
            let _ = writeln!(
                text,
                "| `{}` | `{}` | {} | {required} | {} |",
                case.value(&member.ident),
                member.wire,
                ty(&member.ty),
                doc_text::member(member)
            );
        }
        Some(text)
    })
}

fn sites(ir: &Ir, case: Case) -> String {
    let mut text = String::from("| site | host | for |\n|---|---|---|\n");
    for site in &ir.sites {
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} |",
            case.kind(&site.ident),
            site.host,
            site.docs
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
