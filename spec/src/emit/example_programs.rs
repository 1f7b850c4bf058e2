//! Prints a program that calls every action, with every parameter, against the sandbox: the proof
//! that a spec works in a language, and the first call of whoever begins.

mod kotlin;
mod python;
mod rust;
mod swift;

use crate::ir::{Action, Ir, Member, Object};
use crate::model::Type;

/// A language that the library is used from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Language {
    /// Rust.
    Rust,
    /// Kotlin.
    Kotlin,
    /// Swift.
    Swift,
    /// Python.
    Python,
}

/// The program. It prints a line for each action: its name, and `ok` when the answer has a request
/// id and says what it cost.
#[must_use]
pub fn program(ir: &Ir, language: Language) -> String {
    match language {
        Language::Rust => rust::program(ir),
        Language::Kotlin => kotlin::program(ir),
        Language::Swift => swift::program(ir),
        Language::Python => python::program(ir),
    }
}

/// How far objects inside objects are filled.
const MAX_DEPTH: usize = 2;

/// A value of a parameter.
enum Value<'a> {
    Text(String),
    Int64(i64),
    Uint64(u64),
    Float(f64),
    Bool(bool),
    List(Vec<Value<'a>>),
    Object(&'a Object, Vec<(&'a Member, Value<'a>)>),
}

/// Parameters of an action with a value each: those of an example, and made ones.
fn arguments(action: &Action) -> Vec<(&Member, Value<'_>)> {
    // What describes encrypted fields belongs to fields that are.
    let encryption_member = action
        .encryption
        .as_ref()
        .map(|encryption| &encryption.member);
    let members = action.request.members.iter();
    members
        .filter(|member| Some(&member.wire) != encryption_member)
        .map(|member| {
            let mut examples = action.examples.iter().filter(|e| e.passes_local_check);
            let given = examples.find_map(|example| example.request.get(&member.wire)?.as_str());
            let value = match given {
                Some(text) => Value::Text(text.to_owned()),
                None => value(action, member, &member.ty, 0),
            };
            (member, value)
        })
        .collect()
}

fn value<'a>(action: &'a Action, member: &Member, ty: &Type, depth: usize) -> Value<'a> {
    match ty {
        Type::String => {
            let known = member.values.first().map(String::as_str);
            Value::Text(known.unwrap_or("quote \" dollar $ 中文").to_owned())
        }
        Type::Binary => Value::Text("c2FuZGJveA==".to_owned()),
        Type::Date => Value::Text("2000-01-31".to_owned()),
        Type::Datetime => Value::Text("2000-01-31 23:59:59".to_owned()),
        Type::DatetimeIso => Value::Text("2000-01-31T23:59:59+08:00".to_owned()),
        Type::Int64 => Value::Int64(-9_007_199_254_740_993),
        Type::Uint64 => Value::Uint64(u64::MAX),
        Type::Float => Value::Float(0.5),
        Type::Bool => Value::Bool(true),
        Type::List(_) if depth == MAX_DEPTH => Value::List(Vec::new()),
        Type::List(item) => Value::List(vec![value(action, member, item, depth)]),
        Type::Object(ident) => {
            let mut types = action.types.iter();
            let object = types
                .find(|ty| ty.ident == *ident)
                .unwrap_or(&action.request);
            let kept = object
                .members
                .iter()
                .filter(|member| member.required || depth < MAX_DEPTH);
            let members = kept.map(|member| (member, value(action, member, &member.ty, depth + 1)));
            Value::Object(object, members.collect())
        }
    }
}

/// Name in code of the answer's request id.
fn request_id(ir: &Ir, action: &Action) -> String {
    let mut members = action.response.members.iter();
    let member = members.find(|member| member.wire == ir.answer.request_id);
    member.map_or_else(|| "request_id".to_owned(), |member| member.ident.clone())
}

/// Every item by a function, with a comma between.
fn list<T>(items: &[T], print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(", ")
}
