//! Everything that is told through `tracing`, by this crate and by all below it, at its loudest:
//! neither a person nor a key is in it, in any of the ways in which they could be written.

use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY, identities};
use idcard_verification::{Client, ClientConfig, Credentials, RetryPolicy, Site, VerifyRequest};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// Faults that take their time.
const SLOW: &[&str] = &[
    "fault:hang",
    "fault:drip",
    "fault:huge",
    "fault:huge-announced",
];

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl Write for Told {
    fn write(&mut self, part: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the text").extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Told {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A text as it is, in JSON, in a URL, in hexadecimal and in base64.
fn forms(text: &str) -> Vec<String> {
    let escaped: String = text
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    let percent: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![
        text.to_owned(),
        escaped,
        percent,
        hex,
        base64(text.as_bytes()),
    ]
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // The last group may be cut off, whatever follows the text where it is found.
    let groups = bytes.chunks_exact(3).map(|group| {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift) as usize & 63]))
    });
    groups.flatten().collect()
}

#[test]
fn no_event_has_a_person_or_a_key() {
    let told = Told::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(told.clone())
        .with_ansi(false)
        .init();
    let sandbox = BlockingSandbox::start(Options::default()).expect("the sandbox starts");
    let keys =
        Credentials::new(SECRET_ID, SECRET_KEY).and_then(|keys| keys.with_token("canary-token"));
    let mut config = ClientConfig::new(Site::International, keys.expect("keys"));
    config.endpoint = Some(sandbox.url().to_owned());
    config.timeout = Some(Duration::from_secs(2));
    let mut retry = RetryPolicy::default();
    retry.base_delay = Some(Duration::from_millis(1));
    config.retry = Some(retry);
    let client = Client::new(config).expect("a client");
    let mut canaries = vec![SECRET_KEY, "canary-token"];
    for identity in identities()
        .iter()
        .filter(|identity| !SLOW.contains(&identity.key.as_str()))
    {
        let _ = client.verify_blocking(VerifyRequest::new(&identity.id_number, &identity.name));
        let _ = client.verify_blocking(VerifyRequest::new(&identity.id_number, "林小满1"));
        canaries.extend([identity.id_number.as_str(), identity.name.as_str()]);
    }
    let told = String::from_utf8_lossy(&told.0.lock().expect("the text")).into_owned();
    for expected in ["request", "answer", "error", "repeats"] {
        assert!(told.contains(expected), "nothing was told of {expected}");
    }
    for canary in canaries {
        for form in forms(canary) {
            assert!(!told.contains(&form), "{form}");
        }
    }
}
