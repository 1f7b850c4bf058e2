//! Faults of an action's file.

use super::{CrossFileNames, check_retry_charge, error_codes, pascal, unique, variant};
use super::{encryption, members};
use crate::fault::Collector;
use crate::ident;
use crate::model::{ActionSpec, CommonSpec, Member, Object, Retry, Type};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn validate(
    spec: &ActionSpec,
    common: &CommonSpec,
    across: &mut CrossFileNames,
    out: &mut Collector<'_>,
) {
    action(spec, across, out);
    let types: BTreeMap<&str, &Object> = spec
        .types
        .iter()
        .map(|ty| (ty.ident.as_str(), ty))
        .collect();
    members::object(
        "request",
        &spec.request,
        ident::METHOD_ARGUMENTS,
        &types,
        out,
    );
    members::object(
        "response",
        &spec.response,
        ident::ANSWER_FIELDS,
        &types,
        out,
    );
    for (index, ty) in spec.types.iter().enumerate() {
        members::object(&format!("types[{index}]"), ty, &[], &types, out);
    }
    request_id(spec, common, out);
    encryption::validate(spec, &types, out);
    endless(spec, &types, out);
    type_names(spec, across, out);
    result_codes(spec, out);
    own_errors(spec, common, across, out);
    limits(spec, out);
    examples(spec, out);
}

/// Every answer has the request id, for the vendor's support; the client takes it from a header when
/// the body lacks it.
fn request_id(spec: &ActionSpec, common: &CommonSpec, out: &mut Collector<'_>) {
    let name = &common.answer.request_id;
    let mut members = spec.response.members.iter();
    if !members.any(|member| member.wire == *name && members::is_required_string(member)) {
        out.add(
            "response.members",
            format!("there is no required string `{name}`"),
            "Add it: every answer of the service has it.",
        );
    }
}

fn action(spec: &ActionSpec, across: &mut CrossFileNames, out: &mut Collector<'_>) {
    let action = &spec.action;
    if !ident::is_pascal_case(&action.name) {
        out.add(
            "action.name",
            format!("`{}` is not an action's name", action.name),
            "Copy it from the service.",
        );
    }
    if !ident::is_snake_case(&action.method) || ident::reserved_value(&action.method).is_some() {
        out.add(
            "action.method",
            format!("`{}` cannot be a method's name", action.method),
            "Choose a snake_case name that no language reserves.",
        );
    }
    if !across.methods.insert(action.method.clone()) {
        out.add(
            "action.method",
            format!("another action has the method `{}`", action.method),
            "Choose another name.",
        );
    }
    let is_version = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if action.version.len() != 10 || !action.version.bytes().enumerate().all(is_version) {
        out.add(
            "action.version",
            format!("`{}` is not a version", action.version),
            "Write it as `YYYY-MM-DD`.",
        );
    }
}

/// An object that must hold itself, without a list between, is endless. One that is left is done with,
/// so each is entered once.
fn endless(spec: &ActionSpec, types: &BTreeMap<&str, &Object>, out: &mut Collector<'_>) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in &spec.types {
        if done.contains(start.ident.as_str()) {
            continue;
        }
        // Objects on the way here, each with the members that are still to be looked at.
        let mut way = vec![(start.ident.as_str(), start.members.iter())];
        let mut on_the_way = BTreeSet::from([start.ident.as_str()]);
        while let Some((object, members)) = way.last_mut() {
            let Some(member) = members.next() else {
                done.insert(object);
                on_the_way.remove(object);
                way.pop();
                continue;
            };
            let Type::Object(name) = &member.ty else {
                continue;
            };
            if !member.required {
                continue;
            }
            if on_the_way.contains(name.as_str()) {
                let index = spec.types.iter().position(|ty| ty.ident == *name);
                out.add(
                    format!("types[{}]", index.unwrap_or_default()),
                    format!("`{name}` must hold itself, directly or through other objects"),
                    "Make a member on the way optional, or put a list between.",
                );
                return;
            }
            if let Some(next) = types.get(name.as_str())
                && !done.contains(name.as_str())
            {
                on_the_way.insert(&next.ident);
                way.push((&next.ident, next.members.iter()));
            }
        }
    }
}

fn type_names(spec: &ActionSpec, across: &mut CrossFileNames, out: &mut Collector<'_>) {
    let mut names = vec![
        ("request".to_owned(), &spec.request.ident),
        ("response".to_owned(), &spec.response.ident),
    ];
    names.extend(
        spec.types
            .iter()
            .enumerate()
            .map(|(index, ty)| (format!("types[{index}]"), &ty.ident)),
    );
    if let Some(codes) = &spec.result_codes {
        names.push(("result_codes".to_owned(), &codes.ident));
    }
    for (path, name) in names {
        let place = format!("{} of {}", path, spec.action.name);
        // Two names may be one in the foreign languages: `HKCard` and `HkCard` are both `HkCard`.
        if let Some(first) = across.types.insert(ident::foreign_type(name), place) {
            out.add(
                format!("{path}.ident"),
                format!("the type `{name}` is there already: {first}"),
                "Choose another `ident`.",
            );
        }
    }
}

fn result_codes(spec: &ActionSpec, out: &mut Collector<'_>) {
    let Some(codes) = &spec.result_codes else {
        return;
    };
    pascal("result_codes.ident", &codes.ident, out);
    match spec
        .response
        .members
        .iter()
        .find(|member| member.wire == codes.member)
    {
        Some(member) if member.ty == Type::String && member.required => {}
        Some(_) => out.add(
            "result_codes.member",
            "the member is not a required string",
            "Name the member with the code.",
        ),
        None => out.add(
            "result_codes.member",
            format!("the response has no member `{}`", codes.member),
            "Name the member with the code, by its wire name.",
        ),
    }
    for (index, code) in codes.codes.iter().enumerate() {
        let path = format!("result_codes.codes[{index}]");
        pascal(&format!("{path}.ident"), &code.ident, out);
        if !members::is_value(&code.code) {
            out.add(
                format!("{path}.code"),
                "the code is empty, or has a character that ends a quotation",
                "Copy it from the service.",
            );
        }
        if code.ident == "Unknown" {
            out.add(
                format!("{path}.ident"),
                "`Unknown` stands for codes that are not in the spec",
                "Choose another `ident`.",
            );
        }
        if matches!(code.retry, Retry::CorrectClock | Retry::RefreshCredentials) {
            out.add(
                format!("{path}.retry"),
                "this class is for error codes",
                "Use `never`, `backoff` or `next_day`.",
            );
        }
        check_retry_charge(&path, code.charge, code.retry, out);
    }
    let list = || codes.codes.iter().enumerate();
    let wire = list().map(|(i, c)| (format!("result_codes.codes[{i}].code"), c.code.as_str()));
    unique("result code", wire, "Keep one of them.", out);
    let foreign: Vec<String> = list().map(|(_, c)| ident::foreign_type(&c.ident)).collect();
    let names = foreign
        .iter()
        .enumerate()
        .map(|(i, name)| (format!("result_codes.codes[{i}].ident"), name.as_str()));
    unique("the name", names, "Give one of them another `ident`.", out);
}

fn own_errors(
    spec: &ActionSpec,
    common: &CommonSpec,
    across: &mut CrossFileNames,
    out: &mut Collector<'_>,
) {
    error_codes(&spec.error_codes, common, out);
    for (index, code) in spec.error_codes.iter().enumerate() {
        let path = format!("error_codes[{index}]");
        if !across.error_codes.insert(code.code.clone()) {
            out.add(
                format!("{path}.code"),
                format!("error code `{}` is there already", code.code),
                "Keep one; name a code of common.json in `common_error_codes` instead.",
            );
        } else if let Some(first) = across
            .error_variants
            .insert(variant(code), code.code.clone())
        {
            out.add(
                format!("{path}.ident"),
                format!("`{}` and `{first}` have the same name in code", code.code),
                "Give one of them another `ident`.",
            );
        }
    }
    for (index, name) in spec.common_error_codes.iter().enumerate() {
        if !common.error_codes.iter().any(|code| code.code == *name) {
            out.add(
                format!("common_error_codes[{index}]"),
                format!("common.json has no error code `{name}`"),
                "Put it into `error_codes` with its facts.",
            );
        }
    }
}

fn limits(spec: &ActionSpec, out: &mut Collector<'_>) {
    if spec.limits.requests_per_second == Some(0) {
        out.add(
            "limits.requests_per_second",
            "a limit of zero allows no call",
            "Leave it out when there is none.",
        );
    }
    for (index, daily) in spec.limits.daily.iter().enumerate() {
        let mut members = spec.request.members.iter();
        let is_counted =
            |member: &Member| member.wire == daily.member && members::is_required_string(member);
        if !members.any(is_counted) {
            out.add(
                format!("limits.daily[{index}].member"),
                format!("the request has no required string `{}`", daily.member),
                "Name a parameter by its wire name.",
            );
        }
    }
}

fn examples(spec: &ActionSpec, out: &mut Collector<'_>) {
    for (index, example) in spec.examples.iter().enumerate() {
        let path = format!("examples[{index}]");
        for (part, values, object) in [
            ("request", &example.request, &spec.request),
            ("response", &example.response, &spec.response),
        ] {
            for wire in values.keys() {
                if !object.members.iter().any(|member| member.wire == *wire) {
                    out.add(
                        format!("{path}.{part}.{wire}"),
                        format!("the {part} has no member `{wire}`"),
                        "Mend the name, or add the member.",
                    );
                }
            }
        }
        for member in spec.request.members.iter().filter(|member| member.required) {
            if !example.request.contains_key(&member.wire) {
                out.add(
                    format!("{path}.request"),
                    format!("`{}` is required and missing", member.wire),
                    "Add it.",
                );
            }
        }
    }
}
