//! The vendor's definition file, as far as it is read.

use crate::fault::{Collector, Faults};
use crate::model::Type;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A definition file of a service. It is read once, for as many actions as it has.
#[derive(Debug)]
pub struct Definition {
    pub(super) file: String,
    raw: Raw,
}

#[derive(Debug, Deserialize)]
struct Raw {
    metadata: Metadata,
    actions: BTreeMap<String, ActionDefinition>,
    objects: BTreeMap<String, ObjectDefinition>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    api_version: String,
}

/// An action. Its `name` and `document` are prose.
#[derive(Debug, Deserialize)]
pub(super) struct ActionDefinition {
    pub(super) input: String,
    pub(super) output: String,
    #[serde(default)]
    pub(super) status: Option<String>,
}

/// An object.
#[derive(Debug, Deserialize)]
pub(super) struct ObjectDefinition {
    #[serde(default)]
    pub(super) members: Vec<MemberDefinition>,
}

/// A member. Its `document` and `example` are prose.
#[derive(Debug, Deserialize)]
pub(super) struct MemberDefinition {
    pub(super) name: String,
    #[serde(rename = "type")]
    kind: String,
    member: String,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) disabled: bool,
    #[serde(default)]
    pub(super) output_required: bool,
    #[serde(default)]
    pub(super) value_allowed_null: bool,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// Keys that are known to be prose.
const PROSE: [&str; 2] = ["document", "example"];

impl Definition {
    /// Reads a definition file; faults call it `file`.
    ///
    /// # Errors
    /// Faults of its form.
    pub fn read(file: &str, text: &str) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let mut parser = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, Raw>(&mut parser) {
            Ok(raw) => Ok(Self {
                file: file.to_owned(),
                raw,
            }),
            Err(error) => {
                let path = error.path().to_string();
                Collector::new(file, &mut faults).add(
                    if path == "." { String::new() } else { path },
                    error.inner().to_string(),
                    "Take the vendor's definition file (api.json) as it is.",
                );
                Err(Faults(faults))
            }
        }
    }

    pub(super) fn version(&self) -> &str {
        &self.raw.metadata.api_version
    }

    /// Names of all actions, sorted.
    pub fn actions(&self) -> Vec<String> {
        self.raw.actions.keys().cloned().collect()
    }

    pub(super) fn action(&self, name: &str) -> Result<&ActionDefinition, Faults> {
        self.raw.actions.get(name).ok_or_else(|| {
            self.fault(
                "actions".to_owned(),
                format!("there is no action `{name}`"),
                &format!("Name one of these: {}.", self.actions().join(", ")),
            )
        })
    }

    /// An object that something refers to.
    pub(super) fn object(&self, name: &str, from: &str) -> Result<&ObjectDefinition, Faults> {
        self.raw.objects.get(name).ok_or_else(|| {
            self.fault(
                from.to_owned(),
                format!("there is no object `{name}`"),
                "Take a definition file that is complete.",
            )
        })
    }

    /// Type of a member; an object is named as the definition names it.
    pub(super) fn member_type(
        &self,
        member: &MemberDefinition,
        path: &str,
    ) -> Result<Type, Faults> {
        let named = |name: &str| {
            self.object(name, &format!("{path}.member"))
                .map(|_| Type::Object(name.to_owned()))
        };
        let scalar = |name: &str| match name {
            "string" => Some(Type::String),
            "int64" => Some(Type::Int64),
            "uint64" => Some(Type::Uint64),
            "float" => Some(Type::Float),
            "bool" => Some(Type::Bool),
            "binary" => Some(Type::Binary),
            "date" => Some(Type::Date),
            "datetime" => Some(Type::Datetime),
            "datetime_iso" => Some(Type::DatetimeIso),
            _ => None,
        };
        let item = member.member.as_str();
        match (member.kind.as_str(), scalar(item)) {
            (
                "string",
                Some(ty @ (Type::String | Type::Date | Type::Datetime | Type::DatetimeIso)),
            )
            | ("int", Some(ty @ (Type::Int64 | Type::Uint64)))
            | ("float", Some(ty @ Type::Float))
            | ("bool", Some(ty @ Type::Bool))
            | ("binary", Some(ty @ Type::Binary)) => Ok(ty),
            ("list", Some(ty)) => Ok(Type::List(Box::new(ty))),
            ("object", None) => named(item),
            ("list", None) => named(item).map(|ty| Type::List(Box::new(ty))),
            (kind, _) => Err(self.fault(
                path.to_owned(),
                format!("the type `{kind}` of `{item}` is not known"),
                "Teach it to `spec/src/import/definition.rs`, and to the model if it is new.",
            )),
        }
    }

    /// Keys of members that nobody has told this of.
    pub(super) fn unknown_keys(members: &[MemberDefinition]) -> BTreeSet<&str> {
        let keys = members.iter().flat_map(|member| member.others.keys());
        keys.map(String::as_str)
            .filter(|key| !PROSE.contains(key))
            .collect()
    }

    pub(super) fn fault(&self, path: String, problem: String, remedy: &str) -> Faults {
        let mut faults = Vec::new();
        Collector::new(&self.file, &mut faults).add(path, problem, remedy);
        Faults(faults)
    }
}
