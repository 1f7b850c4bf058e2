//! Reads JSON, and says where it is not what it should be: by path and type, never by value,
//! because a value may be somebody's name.

use serde_json::Value as Json;

/// Where an answer differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path} is {found}, expected {expected}")]
pub(crate) struct Malformed {
    path: String,
    expected: &'static str,
    found: &'static str,
}

/// A value that can be read.
pub(crate) trait Decode: Sized {
    /// Reads the value.
    fn decode(value: Value<'_>) -> Result<Self, Malformed>;
}

/// JSON at a path.
pub(crate) struct Value<'a> {
    json: &'a Json,
    path: Path<'a>,
}

/// An object at a path.
pub(crate) struct Object<'a> {
    members: &'a serde_json::Map<String, Json>,
    path: Path<'a>,
}

/// A path is only written out when something is wrong, so it is kept as a list of its parts.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root(&'a str),
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl<'a> Value<'a> {
    /// The value that everything is read from.
    pub(crate) const fn new(json: &'a Json, name: &'a str) -> Self {
        Self {
            json,
            path: Path::Root(name),
        }
    }

    /// Reads an object.
    pub(crate) fn object(self) -> Result<Object<'a>, Malformed> {
        match self.json {
            Json::Object(members) => Ok(Object {
                members,
                path: self.path,
            }),
            _ => Err(self.not("an object")),
        }
    }

    fn not(&self, expected: &'static str) -> Malformed {
        let found = match self.json {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        Malformed {
            path: self.path.to_string(),
            expected,
            found,
        }
    }
}

impl Object<'_> {
    /// Reads a member that must be there.
    pub(crate) fn member<T: Decode>(&self, name: &str) -> Result<T, Malformed> {
        match self.members.get(name) {
            Some(json) => T::decode(Value {
                json,
                path: Path::Member(&self.path, name),
            }),
            None => Err(self.missing(name)),
        }
    }

    /// Reads a member that may be absent or null.
    pub(crate) fn optional<T: Decode>(&self, name: &str) -> Result<Option<T>, Malformed> {
        match self.members.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(json) => T::decode(Value {
                json,
                path: Path::Member(&self.path, name),
            })
            .map(Some),
        }
    }

    /// Reads a text that must be there, without copying it.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Malformed> {
        match self.members.get(name) {
            Some(Json::String(text)) => Ok(text),
            Some(json) => Err(Value {
                json,
                path: Path::Member(&self.path, name),
            }
            .not("a string")),
            None => Err(self.missing(name)),
        }
    }

    /// Whether there is such a member that is not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|json| !json.is_null())
    }

    /// Reads an object that must be there.
    pub(crate) fn object<'b>(&'b self, name: &'b str) -> Result<Object<'b>, Malformed> {
        match self.members.get(name) {
            Some(json) => Value {
                json,
                path: Path::Member(&self.path, name),
            }
            .object(),
            None => Err(self.missing(name)),
        }
    }

    fn missing(&self, name: &str) -> Malformed {
        Malformed {
            path: Path::Member(&self.path, name).to_string(),
            expected: "a value",
            found: "missing",
        }
    }
}

macro_rules! scalars {
    ($($ty:ty, $read:expr, $expected:literal;)*) => {$(
        impl Decode for $ty {
            fn decode(value: Value<'_>) -> Result<Self, Malformed> {
                let read: fn(&Json) -> Option<$ty> = $read;
                read(value.json).ok_or_else(|| value.not($expected))
            }
        }
    )*};
}

scalars! {
    String, |json| json.as_str().map(str::to_owned), "a string";
    i64, Json::as_i64, "a whole number";
    u64, Json::as_u64, "a whole number from 0";
    f64, Json::as_f64, "a number";
    bool, Json::as_bool, "a boolean";
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(value: Value<'_>) -> Result<Self, Malformed> {
        let Json::Array(items) = value.json else {
            return Err(value.not("a list"));
        };
        items
            .iter()
            .enumerate()
            .map(|(index, json)| {
                T::decode(Value {
                    json,
                    path: Path::Item(&value.path, index),
                })
            })
            .collect()
    }
}
