//! Checks a request's body against the spec: form, unknown, missing and mistyped parameters; and
//! decrypts what is encrypted.

use crate::field_encryption;
use crate::replies::Refusal;
use idcard_spec::ir::{Action, Object};
use idcard_spec::model::Type;
use serde_json::{Map, Value};

/// The parameters, if they are as the action defines them.
pub(crate) fn check(action: &Action, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let Ok(Value::Object(mut parameters)) = serde_json::from_slice(body) else {
        return Err(Refusal::code("InvalidRequest"));
    };
    object(action, &action.request, &parameters)?;
    field_encryption::open(action, &mut parameters)?;
    Ok(parameters)
}

fn object(
    action: &Action,
    definition: &Object,
    values: &Map<String, Value>,
) -> Result<(), Refusal> {
    for name in values.keys() {
        if !definition.members.iter().any(|member| member.wire == *name) {
            return Err(Refusal::named("UnknownParameter", name));
        }
    }
    for member in &definition.members {
        match values.get(&member.wire) {
            None | Some(Value::Null) if member.required => {
                return Err(Refusal::named("MissingParameter", &member.wire));
            }
            None | Some(Value::Null) => {}
            Some(value) => {
                typed(action, &member.ty, &member.wire, value)?;
                let known = member.values.is_empty()
                    || value
                        .as_str()
                        .is_some_and(|v| member.values.iter().any(|k| k == v));
                if !known {
                    return Err(Refusal::named("InvalidParameterValue", &member.wire));
                }
            }
        }
    }
    Ok(())
}

fn typed(action: &Action, ty: &Type, name: &str, value: &Value) -> Result<(), Refusal> {
    let right = match ty {
        Type::String | Type::Binary | Type::Date | Type::Datetime | Type::DatetimeIso => {
            value.is_string()
        }
        Type::Int64 => value.is_i64(),
        Type::Uint64 => value.is_u64(),
        Type::Float => value.is_number(),
        Type::Bool => value.is_boolean(),
        Type::List(inner) => match value.as_array() {
            Some(items) => {
                return items
                    .iter()
                    .try_for_each(|item| typed(action, inner, name, item));
            }
            None => false,
        },
        Type::Object(ident) => match (
            value.as_object(),
            action.types.iter().find(|ty| ty.ident == *ident),
        ) {
            (Some(values), Some(definition)) => return object(action, definition, values),
            _ => false,
        },
    };
    if right {
        Ok(())
    } else {
        Err(Refusal::named("InvalidParameter", name))
    }
}
