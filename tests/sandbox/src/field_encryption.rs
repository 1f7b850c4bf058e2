//! Decrypts fields as the service does, with key pairs that were made for this sandbox alone and
//! are no secret.

use crate::replies::Refusal;
use aes::Aes256;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit};
use base64ct::{Base64, Encoding};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use idcard_spec::ir::Action;
use rsa::Pkcs1v15Encrypt;
use rsa::pkcs8::DecodePrivateKey;
use serde::Serialize;
use serde_json::{Map, Value};
use sm4::Sm4;

const AES: &str = "AES-256-CBC";
const SM4: &str = "SM4-GCM";

/// RSA key pair of 1024 bits, as the service's: PKCS#8.
const RSA_PRIVATE: &str = "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBANVJ+DcTUgv0UzPmOPBnDRmGBG2IeIteqyBfQcr+HfwHg5TdsvJKwEZrvftv++aoL18KSRqRnrP0hIXwFGGjwJ1gcG40u7URJqCoZLRiAi42/94IOutTsEJFZ24qtTZ+qulVrOt0XfaNJUr5LGyxwm3RLcTdDXc5ZVxJwmI7xsFJAgMBAAECgYB2593xFlxPPc6EyHxFya2L5SLizYomaIiOa4yKVlDxCF9axp3UZcf7emVXn36XgHuoSFuo7DXFrTOUV9uE832VOj303HNP0cK9aPDGtt9+MZ7iHYH9KOYL1xjHIFTbVqTrb5v16i0Van79lFgIrea22xrFQuJH2iI2zqjPKKx24QJBAPP6Aokp+hzrWpZv1YscPSYFuSd4xulONwdN6849Gwi4BvdvvZ/KKkjpNPjGgbRWoRdK5OzBrruunkXG1YYZLbMCQQDfzM56IM6X8r7JCub4Q1lDckxdkALRnM/J+pRnJcs49bp7Vdw6dopZgSTx1zl6/KqwO8Y55gaDIvn8z3NAKa8TAkEA0OW2Gh+ZCf3yeHCVFSE+sjmgSU2+crEHqPds+g+UACkhvectI44EGp2jP4coM3MhR0JXNOi5ZfWjivcuiD0yxQJBAND4IcvzmjRTW0XJwkUKTe0mapvqfldPPs5wBeYSaiGzgP7s+wgz65cLeX2/41ItXwvTpJIncOk93YLsCcddpLUCQE4DOiTwz1CdJGM47lD1K0QcTcnGesGI4XZMAajm+edQqhdZNA6QgPcKAu2mrlMug6XKfUSEVTeB0DKxd4Pfab4=";
const RSA_PUBLIC: &str = "MIGJAoGBANVJ+DcTUgv0UzPmOPBnDRmGBG2IeIteqyBfQcr+HfwHg5TdsvJKwEZrvftv++aoL18KSRqRnrP0hIXwFGGjwJ1gcG40u7URJqCoZLRiAi42/94IOutTsEJFZ24qtTZ+qulVrOt0XfaNJUr5LGyxwm3RLcTdDXc5ZVxJwmI7xsFJAgMBAAE=";
/// Scalar of the SM2 key pair.
const SM2_PRIVATE: [u8; 32] = [
    0x89, 0xc5, 0x14, 0xd4, 0x96, 0xb4, 0x31, 0xea, 0x65, 0x74, 0x29, 0x7e, 0xc2, 0x3b, 0x3a, 0xcf,
    0x52, 0x02, 0xf4, 0xe1, 0x3c, 0x0c, 0xc5, 0x78, 0xdd, 0x06, 0xf0, 0x30, 0x31, 0xd8, 0x95, 0x35,
];
const SM2_PUBLIC: &str = "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEWBPiBOrePgz/5BQ1mizFN7LYC3RomTnMkB/3FWurIblMEd8JuO8E3vB8I99f+R5AJGc4Zpu7sfx/Y3b5gdpqzA==";
/// Stands for a data key of the key management service: its ciphertext and the key itself.
const DATA_KEY_BLOB: &str = "c2FuZGJveC1rbXMtZGF0YS1rZXk=";
const DATA_KEY: &str = "eqSYwXd3s18fd7Bf04YwRE6mG+LjkYXIa18RbMcheBY=";

/// What a client needs to encrypt fields for the sandbox.
#[derive(Clone, Debug, Serialize)]
pub struct EncryptionKeys {
    /// Public key for AES-256-CBC: RSA as PKCS#1, in base64.
    pub rsa_public_key: &'static str,
    /// Public key for SM4-GCM: SM2 as SPKI, in base64.
    pub sm2_public_key: &'static str,
    /// Ciphertext of a data key, as the key management service would give it.
    pub data_key_blob: &'static str,
    /// The data key, in base64.
    pub data_key: &'static str,
}

impl EncryptionKeys {
    /// The sandbox's keys.
    pub const SANDBOX: Self = Self {
        rsa_public_key: RSA_PUBLIC,
        sm2_public_key: SM2_PUBLIC,
        data_key_blob: DATA_KEY_BLOB,
        data_key: DATA_KEY,
    };
}

/// Puts the texts in place of the encrypted fields.
pub(crate) fn open(action: &Action, parameters: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some(roles) = &action.encryption else {
        return Ok(());
    };
    let Some(Value::Object(envelope)) = parameters.get(&roles.member).cloned() else {
        return Ok(());
    };
    let text = |name: &str| envelope.get(name).and_then(Value::as_str);
    let texts = |name: &str| -> Vec<&str> {
        let list = envelope.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    for name in texts(&roles.fields) {
        let member = action.request.members.iter().find(|m| m.wire == name);
        if !member.is_some_and(|member| member.encryptable) {
            return Err(Refusal::code("InvalidParameter.UnsupportEncryptField"));
        }
    }
    let failed = || Refusal::code("FailedOperation.DecryptSystemError");
    let algorithm = text(&roles.algorithm).unwrap_or(AES);
    let blob = text(&roles.key).unwrap_or_default();
    let key = unwrap(algorithm, blob).ok_or_else(failed)?;
    let iv = vector(algorithm, text(&roles.iv).unwrap_or_default()).ok_or_else(failed)?;
    let tags = texts(&roles.tags);
    for (index, name) in texts(&roles.fields).into_iter().enumerate() {
        let field = parameters.get(name).and_then(Value::as_str);
        let tag = tags.get(index).copied();
        let plain = field.and_then(|field| decrypt(algorithm, &key, &iv, field, tag));
        parameters.insert(name.to_owned(), Value::String(plain.ok_or_else(failed)?));
    }
    Ok(())
}

/// The symmetric key.
fn unwrap(algorithm: &str, blob: &str) -> Option<Vec<u8>> {
    if blob == DATA_KEY_BLOB {
        return Base64::decode_vec(DATA_KEY).ok();
    }
    let blob = Base64::decode_vec(blob).ok()?;
    if algorithm == SM4 {
        let secret = sm2::SecretKey::from_slice(&SM2_PRIVATE).ok()?;
        return sm2::pke::DecryptingKey::new(secret).decrypt(&blob).ok();
    }
    let secret = rsa::PrivateKey::from_pkcs8_der(&Base64::decode_vec(RSA_PRIVATE).ok()?).ok()?;
    secret.decrypt(Pkcs1v15Encrypt, &blob).ok()
}

/// The initialisation vector: in base64 or, beside a key of the key management service, as it is.
fn vector(algorithm: &str, text: &str) -> Option<Vec<u8>> {
    if algorithm == AES && text.len() == 16 {
        return Some(text.as_bytes().to_vec());
    }
    Base64::decode_vec(text).ok()
}

fn decrypt(
    algorithm: &str,
    key: &[u8],
    iv: &[u8],
    field: &str,
    tag: Option<&str>,
) -> Option<String> {
    let mut text = Base64::decode_vec(field).ok()?;
    match algorithm {
        AES => {
            let cipher = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).ok()?;
            text = cipher.decrypt_padded_vec::<Pkcs7>(&text).ok()?;
        }
        SM4 => {
            let cipher = AesGcm::<Sm4, U12>::new_from_slice(key).ok()?;
            let tag = Base64::decode_vec(tag?).ok()?;
            let (nonce, tag) = (iv.try_into().ok()?, tag.as_slice().try_into().ok()?);
            cipher
                .decrypt_inout_detached(nonce, b"", text.as_mut_slice().into(), tag)
                .ok()?;
        }
        _ => return None,
    }
    String::from_utf8(text).ok()
}
