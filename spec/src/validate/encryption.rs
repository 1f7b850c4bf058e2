//! Faults of what a spec says of encrypted members.

use crate::fault::Collector;
use crate::model::{ActionSpec, Encryption, Member, Object, Type};
use std::collections::BTreeMap;

pub(super) fn validate(
    spec: &ActionSpec,
    types: &BTreeMap<&str, &Object>,
    out: &mut Collector<'_>,
) {
    let Some(encryption) = &spec.encryption else {
        for (index, member) in spec.request.members.iter().enumerate() {
            if member.encryptable {
                out.add(
                    format!("request.members[{index}].encryptable"),
                    "the action does not say where encrypted members are listed",
                    "Add `encryption`, or take this out.",
                );
            }
        }
        return;
    };
    let object = spec
        .request
        .members
        .iter()
        .find(|member| member.wire == encryption.member && !member.required);
    let Some(object) = object.and_then(|member| match &member.ty {
        Type::Object(name) => types.get(name.as_str()),
        _ => None,
    }) else {
        out.add(
            "encryption.member",
            "the request has no such optional object",
            "Name one by its wire name.",
        );
        return;
    };
    roles(encryption, object, out);
}

/// Whether each member of the object has the role that the spec gives it.
fn roles(encryption: &Encryption, object: &Object, out: &mut Collector<'_>) {
    let texts = Type::List(Box::new(Type::String));
    let roles = [
        (
            "fields",
            &encryption.fields,
            true,
            &texts,
            "required list of strings",
        ),
        (
            "key",
            &encryption.key,
            true,
            &Type::String,
            "required string",
        ),
        ("iv", &encryption.iv, true, &Type::String, "required string"),
        (
            "algorithm",
            &encryption.algorithm,
            false,
            &Type::String,
            "optional string",
        ),
        (
            "tags",
            &encryption.tags,
            false,
            &texts,
            "optional list of strings",
        ),
    ];
    for (role, wire, required, ty, words) in roles {
        let fits = |member: &Member| {
            member.wire == *wire && member.required == required && member.ty == *ty
        };
        if !object.members.iter().any(fits) {
            out.add(
                format!("encryption.{role}"),
                format!("the object has no such {words}"),
                "Name one by its wire name.",
            );
        }
    }
    for member in &object.members {
        if !roles.iter().any(|(_, wire, ..)| **wire == member.wire) {
            out.add(
                "encryption",
                format!("`{}` of the object has no role", member.wire),
                "An object with more members cannot be filled in; take `encryption` out.",
            );
        }
    }
}
