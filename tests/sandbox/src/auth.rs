//! Verifies a request's signature as the service does: algorithm, scope, time, signed headers.

use crate::accounts::{Accounts, SECRET_ID, SECRET_KEY, TEMPORARY_SUFFIX, TOKEN};
use crate::replies::Refusal;
use crate::spec;
use axum::http::HeaderMap;
use idcard_verification::sign::{self, Scope, SigningKey};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Parts of an `Authorization` header.
struct Authorization<'a> {
    secret_id: &'a str,
    scope: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

/// The account that signed a request, or why it is refused.
pub(crate) fn authenticate(
    headers: &HeaderMap,
    body: &[u8],
    accounts: &Accounts,
) -> Result<String, Refusal> {
    let authorization = header(headers, "Authorization").and_then(parse);
    let Some(authorization) = authorization else {
        return Err(Refusal::code("AuthFailure.InvalidAuthorization"));
    };
    let timestamp: u64 = header(headers, "X-TC-Timestamp")
        .ok_or(Refusal::code("MissingParameter"))?
        .parse()
        .map_err(|_| Refusal::code("InvalidParameterValue"))?;
    let secret_id = authorization.secret_id;
    if !secret_id.starts_with("AKID") {
        return Err(Refusal::code("AuthFailure.InvalidSecretId"));
    }
    if !secret_id.starts_with(SECRET_ID) {
        return Err(Refusal::code("AuthFailure.SecretIdNotFound"));
    }
    let token = header(headers, "X-TC-Token");
    if secret_id.ends_with(TEMPORARY_SUFFIX) && token != Some(TOKEN) {
        return Err(Refusal::code("AuthFailure.TokenFailure"));
    }
    let skew = now(accounts.clock_offset_seconds(secret_id)).abs_diff(timestamp);
    if skew > u64::from(spec::ir().signature.max_clock_skew_seconds) {
        return Err(Refusal::code("AuthFailure.SignatureExpire"));
    }
    verify(&authorization, timestamp, headers, body)?;
    Ok(secret_id.to_owned())
}

/// The SecretId that a request names, right or wrong.
pub(crate) fn claimed(headers: &HeaderMap) -> Option<&str> {
    let authorization = header(headers, "Authorization").and_then(parse)?;
    Some(authorization.secret_id)
}

/// The service's clock as an HTTP date.
pub(crate) fn date(offset_seconds: i64) -> String {
    /// The end of the year 9999; later dates have no form.
    const LATEST: u64 = 253_402_300_799;
    let now = now(offset_seconds).min(LATEST);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(now))
}

fn verify(
    authorization: &Authorization<'_>,
    timestamp: u64,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Refusal> {
    let names: Vec<&str> = authorization.signed_headers.split(';').collect();
    let required = ["content-type", "host"]
        .iter()
        .all(|name| names.contains(name));
    if !required || !names.is_sorted() {
        return Err(Refusal::code("AuthFailure.InvalidAuthorization"));
    }
    let failure = || Refusal::code("AuthFailure.SignatureFailure");
    let signed: Option<Vec<(&str, &str)>> = names
        .iter()
        .map(|name| Some((*name, header(headers, name)?)))
        .collect();
    let canonical = sign::canonical_request(&signed.ok_or_else(failure)?, &sign::sha256_hex(body));
    let scope = Scope::new(timestamp, &spec::ir().service);
    if scope.to_string() != authorization.scope {
        return Err(failure());
    }
    let to_sign = sign::string_to_sign(timestamp, &scope, &sign::sha256_hex(canonical.as_bytes()));
    let expected = SigningKey::derive(SECRET_KEY, &scope).sign(&to_sign);
    if expected == authorization.signature {
        Ok(())
    } else {
        Err(failure())
    }
}

fn parse(header: &str) -> Option<Authorization<'_>> {
    let rest = header
        .strip_prefix(&spec::ir().signature.algorithm)?
        .strip_prefix(" Credential=")?;
    let (credential, rest) = rest.split_once(", SignedHeaders=")?;
    let (signed_headers, signature) = rest.split_once(", Signature=")?;
    let (secret_id, scope) = credential.split_once('/')?;
    Some(Authorization {
        secret_id,
        scope,
        signed_headers,
        signature,
    })
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The service's clock, which may differ from the machine's, as Unix time.
pub(crate) fn now(offset_seconds: i64) -> u64 {
    let machine = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    machine.saturating_add_signed(offset_seconds)
}
