//! Tells an answer from an error by the body alone. Status and content type decide nothing that
//! the body can decide: the service answers errors with 200 too, and writes the type in several
//! ways.

use super::decode::{Node, Shape};
use super::{Action, Malformed, Object, Value, decode};
use crate::generated::{
    ANSWER_ENVELOPE, ANSWER_ERROR, ANSWER_ERROR_CODE, ANSWER_REQUEST_ID, ErrorCode,
    REQUEST_ID_HEADER,
};
use crate::transport::HttpResponse;
use crate::{AnswerProblem, Charge, Error, error};

/// What every answer may have beside its own members.
pub(crate) const fn error_shape() -> Shape {
    Shape::Object(&[(ANSWER_ERROR_CODE, Shape::text)])
}

/// Reads the answer to a request that has been sent.
pub(crate) fn read<A: Action>(response: &HttpResponse, attempts: u32) -> Result<A::Answer, Error> {
    let unreadable = |problem, detail: String| Error::UnreadableAnswer {
        problem,
        detail,
        http_status: Some(response.status),
        request_id: header_request_id(response).map(str::to_owned),
        charge: Charge::Unknown,
        attempts,
    };
    if (300..400).contains(&response.status) {
        let detail = "the answer is a redirect, which is not followed".to_owned();
        return Err(unreadable(AnswerProblem::Redirect, detail));
    }
    if response.body.is_empty() {
        return Err(unreadable(
            AnswerProblem::Empty,
            "the body is empty".to_owned(),
        ));
    }
    let mut json = decode::parse(&response.body, A::ENVELOPE)
        .map_err(|error| unreadable(AnswerProblem::NotJson, not_json(&error)))?;
    fill_request_id(&mut json, response);
    let wrong_shape =
        |malformed: Malformed| unreadable(AnswerProblem::WrongShape, malformed.to_string());
    let root = Value::new(&json, "answer").object().map_err(wrong_shape)?;
    let object = root.object(ANSWER_ENVELOPE).map_err(wrong_shape)?;
    if !object.has(ANSWER_ERROR) {
        return A::answer(&object).map_err(wrong_shape);
    }
    // An error has no member of a result. Whether an answer can be made of it says nothing: there are
    // actions whose answers have optional members alone.
    if object.has_other_than(&[ANSWER_ERROR, ANSWER_REQUEST_ID]) {
        let detail = "the answer is a result and an error at once".to_owned();
        return Err(unreadable(AnswerProblem::WrongShape, detail));
    }
    match service_error(&object, attempts) {
        Ok(Some(error)) => Err(error),
        Ok(None) => Err(unreadable(
            AnswerProblem::WrongShape,
            "the error's code is not a code".to_owned(),
        )),
        Err(malformed) => Err(wrong_shape(malformed)),
    }
}

/// What is wrong with the JSON, by kind and place; the parser's own words may quote a value.
fn not_json(error: &serde_json::Error) -> String {
    let what = if error.is_eof() {
        "ends too early"
    } else {
        "is not JSON"
    };
    format!(
        "the body {what} at line {} column {}",
        error.line(),
        error.column()
    )
}

/// A header repeats the request id, and an answer is too dear to be lost for want of one.
fn fill_request_id<'a>(json: &mut Node<'a>, response: &'a HttpResponse) {
    let Some(object) = json.get_mut(ANSWER_ENVELOPE) else {
        return;
    };
    match object.get_mut(ANSWER_REQUEST_ID) {
        Some(Node::Text(id)) if is_token(id) => {}
        Some(Node::Skipped(decode::TWICE)) => {}
        _ => object.put(
            ANSWER_REQUEST_ID,
            header_request_id(response).unwrap_or_default(),
        ),
    }
}

fn header_request_id(response: &HttpResponse) -> Option<&str> {
    response.header(REQUEST_ID_HEADER).filter(|id| is_token(id))
}

/// Codes and request ids end up in logs, so what is kept verbatim must look like one.
fn is_token(text: &str) -> bool {
    const LONGEST: usize = 128;
    (1..=LONGEST).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// The error, unless its code is no code.
fn service_error(object: &Object<'_>, attempts: u32) -> Result<Option<Error>, Malformed> {
    let error = object.object(ANSWER_ERROR)?;
    let code = error.text(ANSWER_ERROR_CODE)?;
    if !is_token(code) {
        return Ok(None);
    }
    let facts = error::facts(code);
    let request_id = object.text(ANSWER_REQUEST_ID)?;
    Ok(Some(Error::Service {
        kind: facts.kind,
        charge: facts.charge,
        error_code: ErrorCode::from_wire(code),
        code: code.to_owned(),
        request_id: (!request_id.is_empty()).then(|| request_id.to_owned()),
        attempts,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VerifyRequest;
    use proptest::prelude::*;

    fn response(status: u16, body: &[u8]) -> HttpResponse {
        HttpResponse {
            status,
            headers: Vec::new(),
            body: body.to_vec(),
        }
    }

    /// An action like many of the service: nothing of its answer has to be there.
    struct Optional;

    impl crate::protocol::Encode for Optional {
        fn encode(&self, out: &mut crate::protocol::Writer) {
            out.object().end();
        }
    }

    impl Action for Optional {
        type Answer = crate::Verification;

        const INFO: crate::protocol::ActionInfo = VerifyRequest::INFO;
        const ENVELOPE: Shape = Shape::Object(&[(ANSWER_ENVELOPE, || {
            Shape::Object(&[
                ("Picture", Shape::text),
                (ANSWER_ERROR, error_shape),
                (ANSWER_REQUEST_ID, Shape::text),
            ])
        })]);

        fn check(&self, _now: u64) -> Result<(), crate::InvalidInput> {
            Ok(())
        }

        fn daily_values(&self) -> Vec<&str> {
            Vec::new()
        }

        fn answer(_: &Object<'_>) -> Result<Self::Answer, Malformed> {
            let good = br#"{"Response":{"Result":"0","Description":"","RequestId":"r"}}"#;
            let good = decode::parse(good, VerifyRequest::ENVELOPE).expect("JSON");
            let answer = Value::new(&good, "answer").object()?;
            VerifyRequest::answer(&answer.object(ANSWER_ENVELOPE)?)
        }
    }

    #[test]
    fn an_error_is_one_where_all_of_an_answer_is_optional() {
        let error = br#"{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":""},"RequestId":"r"}}"#;
        let outcome = read::<Optional>(&response(200, error), 1);
        let error = outcome.expect_err("an error");
        assert_eq!(error.charge(), Charge::NotCharged, "{error}");
        let both =
            br#"{"Response":{"Picture":"","Error":{"Code":"InvalidParameter"},"RequestId":"r"}}"#;
        let outcome = read::<Optional>(&response(200, both), 1);
        assert_eq!(outcome.expect_err("an error").charge(), Charge::Unknown);
    }

    #[test]
    fn a_member_that_is_there_twice_is_a_fault_of_unknown_charge() {
        for body in [
            r#"{"Response":{"Result":"-1","Result":"0","Description":"","RequestId":"r"}}"#,
            r#"{"Response":{"Result":"0","Description":"","RequestId":"r","RequestId":"s"}}"#,
            r#"{"Response":{"Error":{"Code":"InvalidParameter"},"Error":null,"RequestId":"r"}}"#,
            r#"{"Response":{"Error":{"Code":"InternalError","Code":"InvalidParameter"},"RequestId":"r"}}"#,
            r#"{"Response":{"Result":"-1"},"Response":{"Result":"0","Description":"","RequestId":"r"}}"#,
        ] {
            let outcome = read::<VerifyRequest>(&response(200, body.as_bytes()), 1);
            let error = outcome.expect_err(body);
            assert_eq!(error.charge(), Charge::Unknown, "{error}");
            assert!(error.to_string().contains("there twice"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_body_is_answered(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read::<VerifyRequest>(&response(status, &body), 1);
        }

        #[test]
        fn no_error_quotes_a_value(secret in "[A-Za-z]{12}", index in 0_usize..7) {
            let body = [
                format!(r#"{{"Response":{{"Result":["{secret}"]}}}}"#),
                format!(r#"{{"Response":"{secret}"}}"#),
                format!(r#"{{"Response":{{"Error":"{secret}"}}}}"#),
                secret.clone(),
                format!(r#"{{"Response":{{"Error":{{"Code":"InternalError","Message":"{secret}"}},"RequestId":"r"}}}}"#),
                format!(r#"{{"Response":{{"Error":{{"Code":"Family {secret}"}},"RequestId":"r"}}}}"#),
                format!(r#"{{"Response":{{"Error":{{"Code":"InternalError"}},"RequestId":"r {secret}"}}}}"#),
            ][index].clone();
            let error = read::<VerifyRequest>(&response(200, body.as_bytes()), 1).err();
            let text = format!("{error:?} {}", error.as_ref().map(ToString::to_string).unwrap_or_default());
            prop_assert!(!text.contains(&secret), "{}", text);
        }

        #[test]
        fn an_answer_survives_the_round_trip(code in "\\PC{0,6}", description in "\\PC{0,20}", id in "[A-Za-z0-9.-]{1,20}") {
            let body = serde_json::json!({"Response": {"Result": code, "Description": description, "RequestId": id}});
            let read = read::<VerifyRequest>(&response(200, body.to_string().as_bytes()), 3);
            let answer = read.expect("an answer");
            prop_assert_eq!(answer.result, crate::ResultCode::from_wire(&code));
            prop_assert_eq!((answer.code, answer.result_description, answer.request_id), (code, description, id));
        }
    }
}
