//! Public keys of encrypted fields, and what is encrypted by them.

use crate::seeds::of_scenarios;
use crate::stand_in::{NUMBER, StandIn, assert_silent, assert_silent_about, client};
use idcard_verification::{EncryptionAlgorithm, FieldEncryption, VerifyRequest};
use std::sync::Arc;

/// The first byte chooses the algorithm and what the rest is: a public key, or a name.
pub(crate) fn run(data: &[u8]) -> bool {
    let Some((first, rest)) = data.split_first() else {
        return false;
    };
    let text = String::from_utf8_lossy(rest);
    let mut encryption = FieldEncryption::default();
    encryption.algorithm = Some(match first & 1 {
        0 => EncryptionAlgorithm::Aes256Cbc,
        _ => EncryptionAlgorithm::Sm4Gcm,
    });
    encryption.allow_sm4_gcm_nonce_reuse = true;
    let is_key = first & 2 == 0;
    if is_key {
        encryption.public_key = Some(text.clone().into_owned());
    }
    let service = Arc::new(StandIn::default());
    service.shall_answer(200, b"{}");
    let client = match client(&service, Some(encryption)) {
        Ok(client) => client,
        Err(error) => {
            assert!(is_key, "{error}");
            assert_silent(&error.to_string());
            return false;
        }
    };
    let name = if is_key { "a name" } else { &text };
    let result = client.verify_blocking(VerifyRequest::new(NUMBER, name));
    assert_silent(&format!("{result:?}"));
    let sent = service.sent();
    let sent = String::from_utf8_lossy(&sent);
    // All else in a request is ASCII, and too short a name may happen to stand in its base64.
    let is_sure = !name.is_ascii() && name.len() >= 8;
    assert_silent_about(&sent, &[NUMBER, if is_sure { name } else { "" }]);
    sent.contains("CiphertextBlob")
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let published = idcard_verification::generated::ENCRYPTION_KEYS.iter();
    let published = published.map(|(_, key)| key.as_bytes().to_vec());
    let keys = published.chain(of_scenarios("public_key"));
    let keyed = keys.flat_map(|key| [0, 1].map(|first| [&[first], key.as_slice()].concat()));
    let names = of_scenarios("name").into_iter();
    let named = names.flat_map(|name| [2, 3].map(|first| [&[first], name.as_slice()].concat()));
    keyed.chain(named).collect()
}
