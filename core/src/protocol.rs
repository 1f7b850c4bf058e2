//! The wire: what a request's body looks like and how an answer is told from an error.

mod answer;
#[allow(
    dead_code,
    reason = "which types and optional members there are is up to the spec"
)]
mod decode;
#[allow(
    dead_code,
    reason = "which types and optional members there are is up to the spec"
)]
mod encode;

pub(crate) use answer::{error_shape, read};
#[allow(
    unused_imports,
    reason = "only a spec with objects in its answer decodes them"
)]
pub(crate) use decode::Decode;
pub(crate) use decode::{Malformed, Object, Shape, Value};
pub(crate) use encode::{Encode, Writer};

use crate::field_encryption::FieldEncryptor;
use crate::outcome::Cost;
use crate::{Error, InvalidInput, Retry};

/// What the generator knows of an action; its request implements it.
pub(crate) trait Action: Encode + Sized {
    /// What the service answers.
    type Answer: Answer;
    /// Name, version and limits.
    const INFO: ActionInfo;
    /// What is read of whatever the service answers.
    const ENVELOPE: Shape;

    /// Checks the parameters without asking anyone. `now` is the service's Unix time, as far as it is
    /// known.
    fn check(&self, now: u64) -> Result<(), InvalidInput>;

    /// Values of the parameters that may be sent only so often a day.
    fn daily_values(&self) -> Vec<&str>;

    /// The request with its fields encrypted; none when there is nothing to encrypt, or when the
    /// caller did it.
    fn encrypt_fields(&self, _: &FieldEncryptor) -> Result<Option<Self>, Error> {
        Ok(None)
    }

    /// Reads a successful answer.
    fn answer(object: &Object<'_>) -> Result<Self::Answer, Malformed>;

    /// Makes an answer again of its code and its request id; none where it says more than that.
    fn recalled(_code: &str, _request_id: &str) -> Option<Self::Answer> {
        None
    }
}

/// Name, version and limits of an action.
#[derive(Debug)]
pub(crate) struct ActionInfo {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) requests_per_second: Option<u32>,
    pub(crate) request_bytes: Option<u64>,
}

/// A successful answer, with what it cost.
pub(crate) trait Answer: Clone + Send + Sync + 'static {
    /// What it cost.
    fn cost(&self) -> Cost;

    /// When the same call may be made again.
    fn retry(&self) -> Retry;

    /// Identifier of the request; empty where the service gave none.
    fn request_id(&self) -> &str;

    /// Code of the result, exactly as the service sent it; none where answers have none.
    fn result_code(&self) -> Option<&str> {
        None
    }

    /// Says what it cost the call that gives it back.
    fn report(&mut self, cost: Cost);
}

/// A request's body.
pub(crate) fn encode(request: &impl Encode) -> Vec<u8> {
    let mut writer = Writer::default();
    request.encode(&mut writer);
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Encryption, VerifyRequest};
    use proptest::prelude::*;

    const ENCRYPTION: Shape = Shape::Object(&[
        ("EncryptList", <Vec<String>>::shape),
        ("TagList", <Vec<String>>::shape),
        ("Algorithm", String::shape),
    ]);

    /// Text from every plane of Unicode, controls and quotes included.
    fn any_text() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            prop::char::range('\0', '\u{ffff}'),
            prop::char::range('\u{10000}', '\u{10ffff}'),
            (0_u32..17).prop_flat_map(|plane| prop::char::range(
                char::from_u32(plane << 16).unwrap_or(' '),
                char::from_u32((plane << 16) | 0xd7ff).unwrap_or(' ')
            )),
            prop::sample::select(vec!['"', '\\', '/', '\n', '\u{7f}', '\u{2028}', '😀', '𠮷']),
        ];
        prop::collection::vec(character, 0..20).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn a_request_survives_the_round_trip(number in any_text(), name in any_text(), fields in prop::collection::vec(any_text(), 0..4), tags in prop::option::of(prop::collection::vec(any_text(), 0..3))) {
            let mut request = VerifyRequest::new(number.clone(), name.clone());
            let mut encryption = Encryption::new(fields.clone(), "blob", "iv");
            encryption.tag_list = tags.clone();
            request.encryption = Some(encryption);
            let json: serde_json::Value = serde_json::from_slice(&encode(&request)).expect("JSON");
            prop_assert_eq!(json["IdCard"].as_str(), Some(number.as_str()));
            prop_assert_eq!(json["Name"].as_str(), Some(name.as_str()));
            let text = json["Encryption"].to_string();
            let encryption = decode::parse(text.as_bytes(), ENCRYPTION).expect("JSON");
            let encryption = Value::new(&encryption, "Encryption").object().expect("an object");
            prop_assert_eq!(encryption.member::<Vec<String>>("EncryptList").ok(), Some(fields));
            prop_assert_eq!(encryption.optional::<Vec<String>>("TagList").ok(), Some(tags));
            prop_assert_eq!(encryption.optional::<String>("Algorithm").ok(), Some(None));
        }
    }

    #[test]
    fn a_plain_request_has_only_the_two_members() {
        let body = encode(&VerifyRequest::new("440305199505132561", "Liu Yang"));
        assert_eq!(
            body,
            br#"{"IdCard":"440305199505132561","Name":"Liu Yang"}"#
        );
    }
}
