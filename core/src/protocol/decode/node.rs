//! JSON in memory: as much of it as a shape asks for.

use super::shape::{Field, Shape};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The kind of a member that is there twice.
pub(crate) const TWICE: &str = "there twice";

/// A parsed value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Vec<(&'static str, Self)>),
    /// A value of another type than the one that is read, or a member that is there twice.
    Skipped(&'static str),
}

/// A parsed number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl Number {
    pub(crate) fn as_i64(self) -> Option<i64> {
        match self {
            Self::Unsigned(number) => i64::try_from(number).ok(),
            Self::Signed(number) => Some(number),
            Self::Float(_) => None,
        }
    }

    pub(crate) fn as_u64(self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(number),
            Self::Signed(number) => u64::try_from(number).ok(),
            Self::Float(_) => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the service wrote a number")]
    pub(crate) const fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(number) => number as f64,
            Self::Signed(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

impl Node<'_> {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Skipped(kind) => kind,
        }
    }

    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone().into_owned()),
            _ => None,
        }
    }

    pub(super) const fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) const fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The member of an object that is there once.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let found = members.iter_mut().find(|(known, _)| *known == name);
        found.map(|(_, node)| node)
    }
}

/// Parses what a shape asks for.
pub(crate) fn parse<'a>(bytes: &'a [u8], shape: Shape) -> Result<Node<'a>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let node = Seed(shape).deserialize(&mut json)?;
    json.end()?;
    Ok(node)
}

struct Seed(Shape);

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Node<'de>, D::Error> {
        from.deserialize_any(self)
    }
}

impl Seed {
    const fn number<'a>(&self, number: Number) -> Node<'a> {
        match self.0 {
            Shape::Number => Node::Number(number),
            _ => Node::Skipped("a number"),
        }
    }

    fn text<'a>(&self, text: impl Into<Cow<'a, str>>) -> Node<'a> {
        match self.0 {
            Shape::Text => Node::Text(text.into()),
            _ => Node::Skipped("a string"),
        }
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(match self.0 {
            Shape::Bool => Node::Bool(value),
            _ => Node::Skipped("a boolean"),
        })
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node<'de>, E> {
        Ok(self.number(Number::Unsigned(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node<'de>, E> {
        Ok(self.number(Number::Signed(number)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node<'de>, E> {
        Ok(self.number(Number::Float(number)))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(self.text(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(self.text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let Shape::List(inner) = self.0 else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Node::Skipped("a list"));
        };
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed(inner()))? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let Shape::Object(fields) = self.0 else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Node::Skipped("an object"));
        };
        let mut members: Vec<(&'static str, Node<'de>)> = Vec::with_capacity(fields.len());
        while let Some(field) = map.next_key_seed(Name(fields))? {
            let Some((name, shape)) = field else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let node = map.next_value_seed(Seed(shape()))?;
            match members.iter_mut().find(|(known, _)| *known == name) {
                Some((_, there)) => *there = Node::Skipped(TWICE),
                None => members.push((name, node)),
            }
        }
        Ok(Node::Object(members))
    }
}

/// The field of a name, if it is known.
struct Name(&'static [Field]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<Field>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<Field>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<Field>, E> {
        Ok(self.0.iter().find(|(known, _)| *known == name).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHAPE: Shape = Shape::Object(&[
        ("Text", Shape::text),
        ("Texts", || Shape::List(Shape::text)),
        ("Inner", || Shape::Object(&[("Number", || Shape::Number)])),
    ]);

    fn parsed(json: &str) -> Node<'_> {
        parse(json.as_bytes(), SHAPE).expect("JSON")
    }

    #[test]
    fn a_member_that_is_there_twice_is_neither() {
        for json in [
            r#"{"Text":"a","Text":"b"}"#,
            r#"{"Text":"a","Text":null}"#,
            r#"{"Text":"a","Te\u0078t":"a"}"#,
            r#"{"Text":"a","Text":"b","Text":"c"}"#,
        ] {
            assert_eq!(
                parsed(json),
                Node::Object(vec![("Text", Node::Skipped(TWICE))])
            );
        }
        // Of members that nobody reads it does not matter.
        assert_eq!(parsed(r#"{"New":1,"New":2}"#), Node::Object(Vec::new()));
    }

    #[test]
    fn what_is_not_asked_for_is_skipped() {
        let json = r#"{"New":[{"Text":"a"}],"Inner":{"Number":1,"New":{}},"Text":[["a"]],"Texts":["b",1]}"#;
        let expected = Node::Object(vec![
            (
                "Inner",
                Node::Object(vec![("Number", Node::Number(Number::Unsigned(1)))]),
            ),
            ("Text", Node::Skipped("a list")),
            (
                "Texts",
                Node::List(vec![Node::Text("b".into()), Node::Skipped("a number")]),
            ),
        ]);
        assert_eq!(parsed(json), expected);
    }

    proptest! {
        #[test]
        fn it_takes_what_serde_takes(bytes in prop::collection::vec(any::<u8>(), 0..60), json in "[\\[\\]{}:,\"a1.e\\\\u -]{0,40}") {
            for bytes in [bytes.as_slice(), json.as_bytes()] {
                let ours = parse(bytes, SHAPE).is_ok();
                let theirs = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
                // A number that no type holds and a text that is no UTF-8 do no harm where nobody reads them.
                prop_assert!(ours || !theirs);
            }
        }
    }
}
