//! What a signature costs once the key of the day is there: all stages, from body to header.

use criterion::{Criterion, criterion_group, criterion_main};
use idcard_verification::generated::{CONTENT_TYPE, SERVICE};
use idcard_verification::id_number;
use idcard_verification::sign::{self, Scope, SigningKey};
use std::hint::black_box;

const BODY: &[u8] = br#"{"IdCard":"440305199505132561","Name":"Liu Yang"}"#;
const TIMESTAMP: u64 = 1_551_113_065;

fn signing(c: &mut Criterion) {
    let headers = [
        ("content-type", CONTENT_TYPE),
        ("host", "faceid.intl.tencentcloudapi.com"),
        ("x-tc-action", "IdCardVerification"),
    ];
    let scope = Scope::new(TIMESTAMP, SERVICE);
    let key = SigningKey::derive("an invented key of 32 characters", &scope);
    c.bench_function("sign, key of the day cached", |b| {
        b.iter(|| {
            let canonical = sign::canonical_request(&headers, &sign::sha256_hex(black_box(BODY)));
            let hash = sign::sha256_hex(canonical.as_bytes());
            let signature = key.sign(&sign::string_to_sign(TIMESTAMP, &scope, &hash));
            sign::authorization(
                "AKIDinvented",
                &scope,
                &sign::signed_headers(&headers),
                &signature,
            )
        });
    });
    c.bench_function("derive the key of the day", |b| {
        b.iter(|| SigningKey::derive(black_box("an invented key of 32 characters"), &scope));
    });
    c.bench_function("check a number", |b| {
        b.iter(|| id_number::check(black_box("440305199505132561")))
    });
}

criterion_group!(benches, signing);
criterion_main!(benches);
