//! The signing vectors of `tests/vectors/tc3`, stage by stage, so that a failure says where.

use idcard_verification::sign::{self, Scope, SigningKey};
use proptest::prelude::*;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Deserialize)]
struct Context {
    origin: String,
    secret_id: String,
    secret_key: String,
    service: String,
    timestamp: u64,
    headers: Vec<(String, String)>,
    payload_sha256: String,
    canonical_request_sha256: String,
    key_date: String,
    key_service: String,
    key_signing: String,
}

/// Inputs and every expected stage of one case.
#[derive(Clone, Debug)]
struct Case {
    name: String,
    context: Context,
    body: Vec<u8>,
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    authorization: String,
}

impl Case {
    fn load(folder: &Path) -> Self {
        let read = |file: &str| fs::read_to_string(folder.join(file)).expect(file);
        Self {
            name: folder
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            context: serde_json::from_str(&read("context.json")).expect("a context"),
            body: fs::read(folder.join("body.json")).expect("a body"),
            canonical_request: read("canonical-request.txt"),
            string_to_sign: read("string-to-sign.txt"),
            signature: read("signature.txt"),
            authorization: read("authorization.txt"),
        }
    }

    /// The first stage that differs.
    fn check(&self) -> Result<(), &'static str> {
        let Context {
            headers,
            timestamp,
            secret_id,
            secret_key,
            service,
            ..
        } = &self.context;
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let stage = |name, actual: &str, expected: &str| {
            if actual == expected {
                Ok(())
            } else {
                Err(name)
            }
        };

        let payload = sign::sha256_hex(&self.body);
        stage("payload hash", &payload, &self.context.payload_sha256)?;
        let canonical = sign::canonical_request(&headers, &payload);
        stage("canonical request", &canonical, &self.canonical_request)?;
        let canonical_hash = sign::sha256_hex(canonical.as_bytes());
        stage(
            "canonical request hash",
            &canonical_hash,
            &self.context.canonical_request_sha256,
        )?;
        let scope = Scope::new(*timestamp, service);
        let to_sign = sign::string_to_sign(*timestamp, &scope, &canonical_hash);
        stage("string to sign", &to_sign, &self.string_to_sign)?;
        let keys = SigningKey::steps(secret_key, &scope).map(|key| hex(&*key));
        stage("key of the date", &keys[0], &self.context.key_date)?;
        stage("key of the service", &keys[1], &self.context.key_service)?;
        stage("signing key", &keys[2], &self.context.key_signing)?;
        let signature = SigningKey::derive(secret_key, &scope).sign(&to_sign);
        stage("signature", &signature, &self.signature)?;
        let names = sign::signed_headers(&headers);
        stage(
            "authorization",
            &sign::authorization(secret_id, &scope, &names, &signature),
            &self.authorization,
        )
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/tc3");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .expect("vectors")
        .map(|entry| entry.expect("a folder").path())
        .collect();
    folders.sort();
    folders.iter().map(|folder| Case::load(folder)).collect()
}

#[test]
fn every_stage_of_every_vector() {
    let cases = cases();
    assert_eq!(cases.len(), 8);
    assert!(
        cases
            .iter()
            .filter(|case| case.context.origin.starts_with("published"))
            .count()
            >= 4
    );
    for case in cases {
        assert_eq!(case.check(), Ok(()), "{}", case.name);
    }
}

proptest! {
    /// The vectors can fail: one changed byte of any stage or input is noticed, at its stage.
    #[test]
    fn one_changed_byte_is_noticed(case in prop::sample::select(cases()), part in 0_usize..8, at in any::<prop::sample::Index>(), flip in 1_u8..4) {
        let mut changed = case;
        let stage = {
            let (text, stage): (&mut String, _) = match part {
                0 => (&mut changed.canonical_request, "canonical request"),
                1 => (&mut changed.string_to_sign, "string to sign"),
                2 => (&mut changed.signature, "signature"),
                3 => (&mut changed.authorization, "authorization"),
                4 => (&mut changed.context.key_signing, "signing key"),
                5 => (&mut changed.context.payload_sha256, "payload hash"),
                6 => (&mut changed.context.canonical_request_sha256, "canonical request hash"),
                _ => (&mut changed.context.secret_key, "key of the date"),
            };
            let mut bytes = std::mem::take(text).into_bytes();
            let index = at.index(bytes.len());
            bytes[index] ^= flip;
            *text = String::from_utf8_lossy(&bytes).into_owned();
            stage
        };
        prop_assert_eq!(changed.check(), Err(stage));
    }

    #[test]
    fn one_changed_byte_of_the_body_is_noticed(case in prop::sample::select(cases()), at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let mut changed = case;
        let index = at.index(changed.body.len());
        changed.body[index] ^= flip;
        prop_assert_eq!(changed.check(), Err("payload hash"));
    }
}
