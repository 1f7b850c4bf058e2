//! Reads JSON, and says where it is not what it should be: by path and type, never by value,
//! because a value may be somebody's name.
//!
//! What an action does not know is skipped while it is parsed, so that an answer takes little more
//! memory than its bytes. A member that is there twice is neither: readers differ on which one counts.

mod node;
mod shape;

pub(crate) use node::{Node, TWICE, parse};
pub(crate) use shape::Shape;

use node::Number;
use std::borrow::Cow;

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
    /// What is kept of it while it is parsed.
    fn shape() -> Shape;

    /// Reads the value.
    fn decode(value: Value<'_>) -> Result<Self, Malformed>;
}

/// JSON at a path.
pub(crate) struct Value<'a> {
    node: &'a Node<'a>,
    path: Path<'a>,
}

/// An object at a path.
pub(crate) struct Object<'a> {
    members: &'a [(&'static str, Node<'a>)],
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
    pub(crate) const fn new(node: &'a Node<'a>, name: &'a str) -> Self {
        Self {
            node,
            path: Path::Root(name),
        }
    }

    /// Reads an object.
    pub(crate) fn object(self) -> Result<Object<'a>, Malformed> {
        match self.node {
            Node::Object(members) => Ok(Object {
                members,
                path: self.path,
            }),
            _ => Err(self.not("an object")),
        }
    }

    fn not(&self, expected: &'static str) -> Malformed {
        Malformed {
            path: self.path.to_string(),
            expected,
            found: self.node.kind(),
        }
    }
}

impl<'a> Object<'a> {
    fn get(&self, name: &str) -> Option<&'a Node<'a>> {
        let found = self.members.iter().find(|(known, _)| *known == name);
        found.map(|(_, node)| node)
    }

    fn at<'b>(&'b self, node: &'b Node<'b>, name: &'b str) -> Value<'b> {
        Value {
            node,
            path: Path::Member(&self.path, name),
        }
    }

    /// Reads a member that must be there.
    pub(crate) fn member<T: Decode>(&self, name: &str) -> Result<T, Malformed> {
        match self.get(name) {
            Some(node) => T::decode(self.at(node, name)),
            None => Err(self.missing(name)),
        }
    }

    /// Reads a member that may be absent or null.
    pub(crate) fn optional<T: Decode>(&self, name: &str) -> Result<Option<T>, Malformed> {
        match self.get(name) {
            None | Some(Node::Null) => Ok(None),
            Some(node) => T::decode(self.at(node, name)).map(Some),
        }
    }

    /// Reads a text that must be there, without copying it.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Malformed> {
        match self.get(name) {
            Some(Node::Text(text)) => Ok(text),
            Some(node) => Err(self.at(node, name).not("a string")),
            None => Err(self.missing(name)),
        }
    }

    /// Whether there is such a member that is not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|node| !matches!(node, Node::Null))
    }

    /// Whether there is a member that is not null and not one of these. Of members that nobody reads
    /// there are none here.
    pub(crate) fn has_other_than(&self, names: &[&str]) -> bool {
        let is_other =
            |(name, node): &(&str, Node<'_>)| !names.contains(name) && !matches!(node, Node::Null);
        self.members.iter().any(is_other)
    }

    /// Reads an object that must be there.
    pub(crate) fn object<'b>(&'b self, name: &'b str) -> Result<Object<'b>, Malformed> {
        match self.get(name) {
            Some(node) => self.at(node, name).object(),
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
    ($($ty:ty, $shape:ident, $read:expr, $expected:literal;)*) => {$(
        impl Decode for $ty {
            fn shape() -> Shape {
                Shape::$shape
            }

            fn decode(value: Value<'_>) -> Result<Self, Malformed> {
                let read: fn(&Node<'_>) -> Option<$ty> = $read;
                read(value.node).ok_or_else(|| value.not($expected))
            }
        }
    )*};
}

scalars! {
    String, Text, |node| node.text(), "a string";
    i64, Number, |node| node.number().and_then(Number::as_i64), "a whole number";
    u64, Number, |node| node.number().and_then(Number::as_u64), "a whole number from 0";
    f64, Number, |node| node.number().map(Number::as_f64), "a number";
    bool, Bool, |node| node.bool(), "a boolean";
}

impl<T: Decode> Decode for Box<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn decode(value: Value<'_>) -> Result<Self, Malformed> {
        T::decode(value).map(Self::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn shape() -> Shape {
        Shape::List(T::shape)
    }

    fn decode(value: Value<'_>) -> Result<Self, Malformed> {
        let Node::List(items) = value.node else {
            return Err(value.not("a list"));
        };
        items
            .iter()
            .enumerate()
            .map(|(index, node)| {
                T::decode(Value {
                    node,
                    path: Path::Item(&value.path, index),
                })
            })
            .collect()
    }
}

impl<'a> Node<'a> {
    /// Puts a text in the place of a member of an object, if this is one.
    pub(crate) fn put(&mut self, name: &'static str, text: &'a str) {
        if let Self::Object(members) = self {
            members.retain(|(known, _)| *known != name);
            members.push((name, Node::Text(Cow::Borrowed(text))));
        }
    }
}
