//! Answers of the service.

use crate::stand_in::{NAME, NUMBER, assert_silent, client};
use idcard_verification::{Charge, Error, VerifyRequest};
use std::sync::Arc;

/// The first byte is the status, among 200 to 599 or so; the rest is the body.
pub(crate) fn run(data: &[u8]) -> bool {
    let Some((first, body)) = data.split_first() else {
        return false;
    };
    // A client of its own: one that has seen a request id refuses it from then on.
    let service = Arc::default();
    let client = client(&service, None).expect("a client");
    service.shall_answer(200 + u16::from(*first), body);
    let result = client.verify_blocking(VerifyRequest::new(NUMBER, NAME));
    assert_silent(&format!("{result:?}"));
    match result {
        Ok(_) => true,
        Err(error) => {
            assert_silent(&error.to_string());
            // The request had left, and only the service's own word can say that it was free.
            if !matches!(error, Error::Service { .. }) {
                assert_eq!(error.charge(), Charge::Unknown, "{error}");
            }
            false
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let answers = [
        r#"{"Response":{"Result":"0","Description":"","RequestId":"5a4db0c5"}}"#,
        r#"{"Response":{"Result":"-9","Description":"Liu Yang 440305199505132561","RequestId":"r"}}"#,
        r#"{"Response":{"Error":{"Code":"InternalError","Message":"m"},"RequestId":"r"}}"#,
        r#"{"Response":{"Error":{"Code":"Liu Yang","Message":"440305199505132561"},"RequestId":"Liu Yang"}}"#,
        r#"{"Response":{"Result":["Liu Yang"],"RequestId":null}}"#,
        r#"{"Response":{}}"#,
        "<p>440305199505132561 Liu Yang</p>",
        "",
    ];
    let statuses = [0, 1, 100, 200, 203];
    let pairs = answers
        .iter()
        .flat_map(|body| statuses.map(|status| (status, body)));
    pairs
        .map(|(status, body)| [&[status], body.as_bytes()].concat())
        .collect()
}
