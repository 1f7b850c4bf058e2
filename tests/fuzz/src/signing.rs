//! What a device asks a backend to sign.

use idcard_verification::Credentials;
use idcard_verification::generated::CONTENT_TYPE;
use idcard_verification::sign::{SigningRequest, sign_digest};

const NOW: u64 = 1_700_000_000;
const GOOD: [&str; 7] = [
    "faceid.intl.tencentcloudapi.com",
    "faceid",
    "IdCardVerification",
    "2018-03-01",
    "1700000000",
    CONTENT_TYPE,
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

/// One field in each line.
pub(crate) fn run(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let request = SigningRequest {
        host: next(),
        service: next(),
        action: next(),
        version: next(),
        timestamp: next().parse().unwrap_or(NOW),
        content_type: next(),
        payload_sha256: next(),
    };
    let credentials = Credentials::new("AKIDfuzz", "canary-of-a-key").expect("credentials");
    let signed = sign_digest(&credentials, &request, NOW);
    if let Ok(signature) = &signed {
        // Whatever is signed can stand in a header, and is for this service.
        let printable = |byte: u8| (b' '..=b'~').contains(&byte);
        assert!(signature.authorization.bytes().all(printable));
        assert_eq!(request.service, GOOD[1]);
        // Whatever the device's clock shows.
        assert_eq!(signature.timestamp, Some(NOW));
    }
    signed.is_ok()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let good = GOOD.join("\n");
    let others = [
        (GOOD[0], "127.0.0.1:8080"),
        (GOOD[0], "[::1]:1"),
        (GOOD[0], "elsewhere.example"),
        (GOOD[4], "1700000301"),
        (GOOD[6], "E3B0"),
    ];
    let changed = others.map(|(from, to)| good.replacen(from, to, 1));
    let all = std::iter::once(good.clone()).chain(changed);
    all.map(String::into_bytes).collect()
}
