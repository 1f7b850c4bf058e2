//! Faults of an object and its members.

use super::{pascal, unique};
use crate::fault::Collector;
use crate::ident;
use crate::model::{Check, Member, Object, Type};
use std::collections::BTreeMap;

pub(super) fn object(
    path: &str,
    object: &Object,
    taken: &[&str],
    types: &BTreeMap<&str, &Object>,
    out: &mut Collector<'_>,
) {
    pascal(&format!("{path}.ident"), &object.ident, out);
    if ident::reserved_type(&object.ident) {
        out.add(
            format!("{path}.ident"),
            format!(
                "`{}` is taken by the library or by a language",
                object.ident
            ),
            "Choose another `ident`.",
        );
    }
    let idents: Vec<String> = object.members.iter().map(Member::ident).collect();
    for (index, (member, name)) in object.members.iter().zip(&idents).enumerate() {
        member_faults(
            &format!("{path}.members[{index}]"),
            member,
            name,
            taken,
            types,
            out,
        );
    }
    let wires = object
        .members
        .iter()
        .enumerate()
        .map(|(i, m)| (format!("{path}.members[{i}].wire"), m.wire.as_str()));
    unique("the wire name", wires, "Keep one of them.", out);
    // Two names may be one in Kotlin and Swift: `a_1` and `a1` are both `a1`.
    let foreign: Vec<String> = idents
        .iter()
        .map(|name| ident::foreign_value(name))
        .collect();
    let names = foreign
        .iter()
        .enumerate()
        .map(|(i, name)| (format!("{path}.members[{i}].ident"), name.as_str()));
    unique("the name", names, "Give one of them another `ident`.", out);
}

fn member_faults(
    path: &str,
    member: &Member,
    name: &str,
    taken: &[&str],
    types: &BTreeMap<&str, &Object>,
    out: &mut Collector<'_>,
) {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    if member.wire.is_empty() || !member.wire.chars().all(is_name) {
        out.add(
            format!("{path}.wire"),
            "the wire name is not one of letters and digits",
            "Copy it from the service.",
        );
    }
    for (index, value) in member.values.iter().enumerate() {
        if !is_value(value) {
            out.add(
                format!("{path}.values[{index}]"),
                "the value is empty, or has a character that ends a quotation",
                "Copy it from the service; leave out what is no value.",
            );
        }
    }
    if !ident::is_snake_case(name) {
        out.add(
            format!("{path}.ident"),
            format!("`{name}` is not snake_case"),
            "Give an `ident` like `id_number`.",
        );
    }
    if let Some(reason) = ident::reserved_value(name) {
        out.add(
            format!("{path}.ident"),
            format!("`{name}` is {reason}"),
            "Choose another `ident`.",
        );
    }
    if taken.contains(&name) {
        out.add(
            format!("{path}.ident"),
            format!("the generated code has `{name}` here already"),
            "Choose another `ident`.",
        );
    }
    if let Some(dangling) = member
        .ty
        .object_name()
        .filter(|name| !types.contains_key(name))
    {
        out.add(
            format!("{path}.type"),
            format!("there is no type `{dangling}`"),
            "Add it to `types`, or mend the name.",
        );
    }
    rule_faults(path, member, out);
}

/// Rules that only a member of some type can have.
fn rule_faults(path: &str, member: &Member, out: &mut Collector<'_>) {
    let is_required_string = is_required_string(member);
    if member.encryptable && !is_required_string {
        out.add(
            format!("{path}.encryptable"),
            "only a required string can be encrypted",
            "Take it out.",
        );
    }
    match member.check {
        Some(Check::IdNumber | Check::Name) if !is_required_string => {
            out.add(
                format!("{path}.check"),
                "only a required string can be checked",
                "Take it out.",
            );
        }
        _ => {}
    }
    if !member.values.is_empty() && member.ty != Type::String {
        out.add(
            format!("{path}.values"),
            "only a string can have known values",
            "Take them out.",
        );
    }
}

/// Values stand between backticks in documents and between quotes in programs, in columns of tables.
pub(super) fn is_value(value: &str) -> bool {
    !value.is_empty() && !value.contains(['`', '"', '\'', '|', '$', '<', '>'])
}

pub(super) fn is_required_string(member: &Member) -> bool {
    member.ty == Type::String && member.required
}
