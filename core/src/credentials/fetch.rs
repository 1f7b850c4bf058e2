//! Asks the places that hand out temporary keys: in bounded time, for a bounded answer, without
//! following a redirect.

use super::Credentials;
use super::refreshing::FetchedCredentials;
use crate::runtime::library;
use crate::transport::endpoint::Endpoint;
use crate::transport::{HttpRoute, HttpSettings};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// Largest answer; a real one has some thousand bytes.
const MAX_BYTES: usize = 64 * 1024;

/// A place to ask.
#[derive(Debug)]
pub(super) struct CredentialEndpoint {
    pub(super) url: String,
    pub(super) route: HttpRoute,
    pub(super) timeout: Duration,
}

impl CredentialEndpoint {
    /// A place that a setting names.
    pub(super) fn named(
        url: &str,
        http: &HttpSettings,
        timeout: Duration,
    ) -> Result<Self, crate::Error> {
        let endpoint = Endpoint::parse(url)?;
        Ok(Self {
            route: http.to(&endpoint)?,
            url: endpoint.url().to_owned(),
            timeout,
        })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Zeroizing<String>, String> {
        let url = format!("{}{path}", self.url);
        self.ask(|client| client.get(url)).await
    }

    pub(super) async fn post(
        &self,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Zeroizing<String>, String> {
        self.ask(|client| {
            let request = client.post(&self.url).body(body);
            headers.iter().fold(request, |request, (name, value)| {
                request.header(*name, *value)
            })
        })
        .await
    }

    async fn ask(
        &self,
        request: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder,
    ) -> Result<Zeroizing<String>, String> {
        let asked = library::inside(self.ask_inside(request)).await;
        asked.unwrap_or_else(|error| Err(error.to_string()))
    }

    async fn ask_inside(
        &self,
        request: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder,
    ) -> Result<Zeroizing<String>, String> {
        // Keys are fetched once an hour: a connection is not worth keeping.
        let client = self.route.anew().http_client();
        let client = client.map_err(|_| "no HTTP client can be made".to_owned())?;
        let answer = request(&client).timeout(self.timeout).send().await;
        let mut answer = answer.map_err(|error| describe(&error))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("HTTP status {}", status.as_u16()));
        }
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = answer.chunk().await.map_err(|error| describe(&error))? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err("the answer is too large".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(std::mem::take(&mut *body));
        text.map(Zeroizing::new)
            .map_err(|_| "the answer is not text".to_owned())
    }
}

/// What failed, without an address or an answer in it.
fn describe(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    what.to_owned()
}

/// The JSON of an answer that has keys in it; they are overwritten when it is dropped.
pub(super) struct SecretJson(Value);

impl SecretJson {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parsed = serde_json::from_str(text).map(Self);
        parsed.map_err(|_| "the answer is not JSON".to_owned())
    }
}

impl std::ops::Deref for SecretJson {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Drop for SecretJson {
    fn drop(&mut self) {
        overwrite(&mut self.0);
    }
}

fn overwrite(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(overwrite),
        Value::Object(members) => members.values_mut().for_each(overwrite),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Temporary keys out of an answer.
pub(super) fn temporary(keys: &Value, expires_at: &Value) -> Result<FetchedCredentials, String> {
    let text = |name: &str| {
        let value = keys[name].as_str();
        value.ok_or_else(|| format!("the answer has no {name}"))
    };
    let expires_at = expires_at
        .as_u64()
        .ok_or("the answer does not say when the keys end")?;
    let credentials = Credentials::new(text("TmpSecretId")?, text("TmpSecretKey")?)
        .and_then(|credentials| match keys["Token"].as_str() {
            Some(token) => credentials.with_token(token),
            None => credentials.with_token(""),
        })
        .map_err(|error| error.to_string())?;
    Ok(FetchedCredentials {
        credentials: Arc::new(credentials),
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_an_answer_is_overwritten() {
        let mut value = serde_json::json!({"a": {"key": "secret"}, "b": ["secret", 1, null]});
        overwrite(&mut value);
        assert!(!value.to_string().contains("secret"), "{value}");
    }
}
