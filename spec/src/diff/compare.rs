//! Walks two specs side by side and names what differs.

use super::{Change, Rule};
use crate::Ir;
use crate::ir::{Action, Direction, ErrorCode, Member, Object, ResultCode};
use std::fmt::Debug;

pub(super) fn all(old: &Ir, new: &Ir) -> Vec<Change> {
    let mut out = Changes(Vec::new());
    service(old, new, &mut out);
    let names = |ir: &Ir| {
        ir.error_kinds
            .iter()
            .map(|kind| kind.ident.clone())
            .collect::<Vec<_>>()
    };
    set(&names(old), &names(new), "kind", "ErrorKind", &mut out);
    match_by_name(
        &old.error_codes,
        &new.error_codes,
        |code| &code.wire,
        |old, new| match (old, new) {
            (Some(old), Some(new)) => error_code(old, new, &mut out),
            (Some(old), None) => out.add("error-removed", &old.wire, ""),
            (None, Some(new)) => out.add("error-added", &new.wire, ""),
            (None, None) => {}
        },
    );
    match_by_name(
        &old.actions,
        &new.actions,
        |action| &action.name,
        |old, new| match (old, new) {
            (Some(old), Some(new)) => action(old, new, &mut out),
            (Some(old), None) => out.add("action-removed", &old.name, ""),
            (None, Some(new)) => out.add("action-added", &new.name, ""),
            (None, None) => {}
        },
    );
    out.0
}

struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, rule: &str, place: &str, detail: &str) {
        self.0.push(Change {
            place: place.to_owned(),
            detail: detail.to_owned(),
            rule: Rule::of(rule),
        });
    }

    /// A change if two values differ, with both.
    fn differ<T: PartialEq + Debug>(&mut self, rule: &str, place: &str, old: &T, new: &T) {
        if old != new {
            self.add(rule, place, &format!("{old:?} is now {new:?}"));
        }
    }

    /// A change if two texts differ, without them: they are long.
    fn words(&mut self, rule: &str, place: &str, old: &str, new: &str) {
        if old != new {
            self.add(rule, place, "");
        }
    }
}

/// Pairs two lists by a name: first what is in the old one, then what only the new one has.
fn match_by_name<'a, T>(
    old: &'a [T],
    new: &'a [T],
    name: impl Fn(&T) -> &String,
    mut each: impl FnMut(Option<&'a T>, Option<&'a T>),
) {
    for before in old {
        each(
            Some(before),
            new.iter().find(|after| name(after) == name(before)),
        );
    }
    for after in new {
        if !old.iter().any(|before| name(before) == name(after)) {
            each(None, Some(after));
        }
    }
}

fn set(old: &[String], new: &[String], rule: &str, place: &str, out: &mut Changes) {
    match_by_name(
        old,
        new,
        |name| name,
        |old, new| match (old, new) {
            (Some(name), None) => {
                out.add(&format!("{rule}-removed"), &format!("{place}.{name}"), "")
            }
            (None, Some(name)) => out.add(&format!("{rule}-added"), &format!("{place}.{name}"), ""),
            _ => {}
        },
    );
}

fn service(old: &Ir, new: &Ir, out: &mut Changes) {
    match_by_name(
        &old.sites,
        &new.sites,
        |site| &site.ident,
        |old, new| match (old, new) {
            (Some(old), Some(new)) => {
                let place = format!("Site.{}", new.ident);
                out.differ("site-host", &place, &old.host, &new.host);
                out.words("docs", &place, &old.docs, &new.docs);
            }
            (Some(old), None) => out.add("site-removed", &format!("Site.{}", old.ident), ""),
            (None, Some(new)) => out.add("site-added", &format!("Site.{}", new.ident), ""),
            (None, None) => {}
        },
    );
    match_by_name(
        &old.languages,
        &new.languages,
        |language| &language.ident,
        |old, new| match (old, new) {
            (Some(old), Some(new)) => {
                let place = format!("Language.{}", new.ident);
                out.differ("language-wire", &place, &old.wire, &new.wire);
                out.words("docs", &place, &old.docs, &new.docs);
            }
            (Some(old), None) => {
                out.add("language-removed", &format!("Language.{}", old.ident), "")
            }
            (None, Some(new)) => out.add("language-added", &format!("Language.{}", new.ident), ""),
            (None, None) => {}
        },
    );
    out.differ("signature", "service", &old.service, &new.service);
    out.differ("signature", "signature", &old.signature, &new.signature);
    out.differ("envelope", "answer", &old.answer, &new.answer);
    let keys = |ir: &Ir| -> Vec<(String, String)> {
        let keys = ir.encryption_keys.iter();
        keys.map(|key| (key.algorithm.clone(), key.public_key.clone()))
            .collect()
    };
    out.differ("encryption-key", "encryption_keys", &keys(old), &keys(new));
}

fn action(old: &Action, new: &Action, out: &mut Changes) {
    let place = &new.name;
    out.differ("action-version", place, &old.version, &new.version);
    out.differ("deprecated", place, &old.deprecated, &new.deprecated);
    out.differ("method-renamed", place, &old.method, &new.method);
    out.words("docs", place, &old.docs, &new.docs);
    out.differ("limit", place, &old.limits, &new.limits);
    out.differ("encryption", place, &old.encryption, &new.encryption);
    object(&old.request, &new.request, place, out);
    object(&old.response, &new.response, place, out);
    match_by_name(
        &old.types,
        &new.types,
        |ty| &ty.ident,
        |old, new| match (old, new) {
            (Some(before), Some(after)) => object(before, after, place, out),
            (Some(before), None) => {
                out.add("type-removed", &format!("{place}.{}", before.ident), "")
            }
            (None, Some(after)) => out.add("type-added", &format!("{place}.{}", after.ident), ""),
            (None, None) => {}
        },
    );
    let coded = |action: &Action| {
        let codes = action.result_codes.as_ref();
        codes.map(|codes| (codes.ident.clone(), codes.member.clone()))
    };
    if let (Some((before, old_member)), Some((after, new_member))) = (coded(old), coded(new)) {
        out.differ("type-renamed", place, &before, &after);
        out.differ("result-member", place, &old_member, &new_member);
    }
    let codes = |action: &Action| {
        action
            .result_codes
            .as_ref()
            .map_or(vec![], |codes| codes.codes.clone())
    };
    let (before, after) = (codes(old), codes(new));
    match_by_name(
        &before,
        &after,
        |code| &code.wire,
        |old, new| match (old, new) {
            (Some(old), Some(new)) => result_code(old, new, place, out),
            (Some(old), None) => out.add("result-removed", &format!("{place} {}", old.wire), ""),
            (None, Some(new)) => out.add("result-added", &format!("{place} {}", new.wire), ""),
            (None, None) => {}
        },
    );
}

/// What differs in an object, by the rules of each way that it goes.
fn object(old: &Object, new: &Object, action: &str, out: &mut Changes) {
    let place = format!("{action}.{}", new.ident);
    out.words("docs", &place, &old.docs, &new.docs);
    if old.ident != new.ident {
        out.differ("type-renamed", &place, &old.ident, &new.ident);
    }
    match_by_name(
        &old.members,
        &new.members,
        |member| &member.wire,
        |old, new| {
            if let (Some(before), Some(after)) = (old, new) {
                member(before, after, &format!("{place}.{}", after.wire), out);
            }
        },
    );
    for direction in old.directions.union(&new.directions) {
        match_by_name(
            &old.members,
            &new.members,
            |member| &member.wire,
            |old, new| presence(old, new, *direction, &place, out),
        );
        if *direction == Direction::Request {
            order(old, new, &place, out);
        }
    }
}

/// Whether a member is there, and whether it must be.
fn presence(
    old: Option<&Member>,
    new: Option<&Member>,
    direction: Direction,
    place: &str,
    out: &mut Changes,
) {
    let Some(member) = new.or(old) else {
        return;
    };
    let required = |member: Option<&Member>| member.map(|member| member.required);
    let rule = match (direction, required(old), required(new)) {
        (Direction::Request, Some(_), None) => "parameter-removed",
        (Direction::Request, None, Some(true)) => "parameter-added-required",
        (Direction::Request, None, Some(false)) => "parameter-added-optional",
        (Direction::Request, Some(false), Some(true)) => "parameter-became-required",
        (Direction::Request, Some(true), Some(false)) => "parameter-became-optional",
        (Direction::Response, Some(_), None) => "field-removed",
        (Direction::Response, None, Some(_)) => "field-added",
        (Direction::Response, Some(false), Some(true)) => "field-became-required",
        (Direction::Response, Some(true), Some(false)) => "field-became-optional",
        _ => return,
    };
    out.add(rule, &format!("{place}.{}", member.wire), "");
}

/// Callers give parameters by their place.
fn order(old: &Object, new: &Object, place: &str, out: &mut Changes) {
    let kept = |object: &Object, other: &Object| -> Vec<String> {
        let is_kept = |member: &&Member| other.members.iter().any(|m| m.wire == member.wire);
        object
            .members
            .iter()
            .filter(is_kept)
            .map(|member| member.wire.clone())
            .collect()
    };
    let (before, after) = (kept(old, new), kept(new, old));
    // What is new belongs at the end; in between it moves what follows.
    let is_appended = new
        .members
        .iter()
        .take(after.len())
        .map(|m| &m.wire)
        .eq(&after);
    if before != after || !is_appended {
        out.add("parameter-moved", place, &after.join(", "));
    }
}

fn member(old: &Member, new: &Member, place: &str, out: &mut Changes) {
    out.differ("member-type", place, &old.ty, &new.ty);
    out.differ("member-renamed", place, &old.ident, &new.ident);
    match (old.sensitive, new.sensitive) {
        (false, true) => out.add("sensitive-on", place, ""),
        (true, false) => out.add("sensitive-off", place, ""),
        _ => {}
    }
    out.differ("deprecated", place, &old.deprecated, &new.deprecated);
    out.differ("check", place, &old.check, &new.check);
    out.differ("encryptable", place, &old.encryptable, &new.encryptable);
    out.differ("values", place, &old.values, &new.values);
    out.words("docs", place, &old.docs, &new.docs);
}

fn result_code(old: &ResultCode, new: &ResultCode, action: &str, out: &mut Changes) {
    let place = &format!("{action} {}", new.wire);
    out.differ("result-renamed", place, &old.variant, &new.variant);
    out.differ("result-verdict", place, &old.verdict, &new.verdict);
    out.differ("result-charge", place, &old.charge, &new.charge);
    out.differ("result-retry", place, &old.retry, &new.retry);
    out.words("result-meaning", place, &old.meaning, &new.meaning);
    out.differ("docs", place, &old.since, &new.since);
}

fn error_code(old: &ErrorCode, new: &ErrorCode, out: &mut Changes) {
    let place = &new.wire;
    out.differ("error-renamed", place, &old.variant, &new.variant);
    out.differ("error-kind", place, &old.kind, &new.kind);
    out.differ("error-charge", place, &old.charge, &new.charge);
    out.differ("error-retry", place, &old.retry, &new.retry);
    out.words("error-meaning", place, &old.meaning, &new.meaning);
}
