//! `sign`: every stage of a signature. The canonical request holds the body's hash only.

use crate::arguments::Sign;
use crate::exit;
use crate::output::Output;
use idcard_verification::credentials::{SECRET_ID_VARIABLE, SECRET_KEY_VARIABLE};
use idcard_verification::generated::{CONTENT_TYPE, SERVICE};
use idcard_verification::sign::{self, Scope, SigningKey};
use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

/// Largest body, as the service has it.
const MAX_BODY: u64 = 10 * 1024 * 1024;

pub(crate) fn run(arguments: &Sign) -> Output {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(secret_id), Some(secret_key)) =
        (variable(SECRET_ID_VARIABLE), variable(SECRET_KEY_VARIABLE))
    else {
        let text =
            format!("error: credentials: set {SECRET_ID_VARIABLE} and {SECRET_KEY_VARIABLE}\n");
        return Output::failure(exit::CREDENTIALS, text);
    };
    let mut body = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(MAX_BODY + 1)
        .read_to_end(&mut body);
    let problem = match read {
        Err(error) => Some(format!("cannot be read: {}", error.kind())),
        Ok(read) if read as u64 > MAX_BODY => Some("is larger than 10 MiB".to_owned()),
        Ok(_) => None,
    };
    if let Some(problem) = problem {
        let text = format!("error: standard input {problem}\n");
        return Output::failure(exit::BAD_INPUT, text);
    }
    let is_header =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_header(&arguments.host) || !is_header(&arguments.action) {
        let text =
            "error: host and action are header values: visible ASCII characters\n".to_owned();
        return Output::failure(exit::USAGE, text);
    }
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    };
    let timestamp = arguments.timestamp.unwrap_or_else(now);
    let headers = [
        ("content-type", CONTENT_TYPE),
        ("host", arguments.host.as_str()),
        ("x-tc-action", arguments.action.as_str()),
    ];
    let canonical = sign::canonical_request(&headers, &sign::sha256_hex(&body));
    let scope = Scope::new(timestamp, SERVICE);
    let to_sign = sign::string_to_sign(timestamp, &scope, &sign::sha256_hex(canonical.as_bytes()));
    let signature = SigningKey::derive(&secret_key, &scope).sign(&to_sign);
    let authorization = sign::authorization(
        &secret_id,
        &scope,
        &sign::signed_headers(&headers),
        &signature,
    );
    Output::text(format!(
        "canonical request\n{}\n\nstring to sign\n{}\n\nsignature\n{}\n\nheaders\n{}\
         \x20 Content-Type: {CONTENT_TYPE}\n\x20 X-TC-Timestamp: {timestamp}\n",
        indented(&canonical),
        indented(&to_sign),
        indented(&signature),
        indented(&format!("Authorization: {authorization}\n")),
    ))
}

fn indented(text: &str) -> String {
    let mut indented = String::new();
    for line in text.split_inclusive('\n') {
        if line != "\n" {
            indented.push_str("  ");
        }
        indented.push_str(line);
    }
    indented
}
