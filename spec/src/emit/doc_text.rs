//! What is said of a thing in code: its words in the spec, or its name on the wire when nobody has
//! written any, and what is known of it beside.

use crate::ir::{Action, Member, Object};
use crate::model::Type;

const DEPRECATED: &str = " Deprecated: the service takes it away.";

/// What an action does.
pub(crate) fn action(action: &Action) -> String {
    let mut words = or_name(&action.docs, &action.name);
    if action.deprecated {
        words.push_str(DEPRECATED);
    }
    words
}

/// What an object is.
pub(crate) fn object(object: &Object) -> String {
    or_name(&object.docs, &object.ident)
}

/// What a member is, with what its type in code does not say.
pub(crate) fn member(member: &Member) -> String {
    let mut words = or_name(&member.docs, &member.wire);
    words.push_str(match member.ty.innermost() {
        Type::Binary => " In base64.",
        Type::Date => " A day: `YYYY-MM-DD`.",
        Type::Datetime => " A time: `YYYY-MM-DD hh:mm:ss`.",
        Type::DatetimeIso => " A time of ISO 8601.",
        _ => "",
    });
    if member.deprecated {
        words.push_str(DEPRECATED);
    }
    words
}

fn or_name(docs: &str, name: &str) -> String {
    match docs {
        "" => format!("`{name}` of the service."),
        docs => docs.to_owned(),
    }
}
