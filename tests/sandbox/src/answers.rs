//! Good answers of any action, made from its spec.

use crate::spec;
use idcard_spec::ir::{Action, Object, ResultCode};
use idcard_spec::model::{Charge, Type};
use serde_json::{Map, Value, json};

/// How far objects inside objects are filled; optional ones and lists end there.
const MAX_DEPTH: usize = 3;
/// Numbers that do not survive as floating-point ones.
const INT64: i64 = -9_007_199_254_740_993;
const UINT64: u64 = 18_446_744_073_709_551_615;

/// Members of a good answer, with a result code where the action has such codes.
pub(crate) fn members(action: &Action, code: &str, request_id: &str) -> Value {
    let codes = action.result_codes.as_ref();
    let documented = action.examples.iter().find(|example| {
        codes.is_none_or(|codes| example.response.get(&codes.member) == Some(&json!(code)))
    });
    let mut members = Map::new();
    for member in &action.response.members {
        let value = if member.wire == spec::ir().answer.request_id {
            json!(request_id)
        } else if codes.is_some_and(|codes| codes.member == member.wire) {
            json!(code)
        } else if let (Some(codes), Type::String) = (codes, &member.ty) {
            let known = codes.codes.iter().find(|known| known.wire == code);
            json!(known.map_or("A result that is not in the spec.", |known| &known.meaning))
        } else if let Some(value) = documented.and_then(|e| e.response.get(&member.wire)) {
            value.clone()
        } else {
            value(action, &member.ty, &member.values, 0)
        };
        members.insert(member.wire.clone(), value);
    }
    Value::Object(members)
}

/// The code of an ordinary answer, where the action has such codes: the first that is charged.
pub(crate) fn usual_code(action: &Action) -> Option<&ResultCode> {
    let codes = &action.result_codes.as_ref()?.codes;
    let charged = codes.iter().find(|code| code.charge == Charge::Charged);
    charged.or(codes.first())
}

fn object(action: &Action, definition: &Object, depth: usize) -> Value {
    let kept = definition
        .members
        .iter()
        .filter(|member| member.required || depth < MAX_DEPTH);
    let members = kept.map(|member| {
        let value = value(action, &member.ty, &member.values, depth);
        (member.wire.clone(), value)
    });
    Value::Object(members.collect())
}

fn value(action: &Action, ty: &Type, known: &[String], depth: usize) -> Value {
    match ty {
        Type::String => json!(known.first().map_or("sandbox", String::as_str)),
        Type::Int64 => json!(INT64),
        Type::Uint64 => json!(UINT64),
        Type::Float => json!(0.5),
        Type::Bool => json!(true),
        Type::Binary => json!("c2FuZGJveA=="),
        Type::Date => json!("2000-01-31"),
        Type::Datetime => json!("2000-01-31 23:59:59"),
        Type::DatetimeIso => json!("2000-01-31T23:59:59+08:00"),
        Type::List(_) if depth == MAX_DEPTH => json!([]),
        Type::List(item) => json!([value(action, item, known, depth)]),
        Type::Object(ident) => {
            let definition = action.types.iter().find(|ty| ty.ident == *ident);
            definition.map_or(Value::Null, |definition| {
                object(action, definition, depth + 1)
            })
        }
    }
}
