//! A client whose service is a function of the test.

use idcard_verification::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use idcard_verification::{Client, ClientConfig, Credentials, FieldEncryption, RetryPolicy, Site};
use std::sync::{Arc, Mutex, PoisonError};

/// Number and name of every call, and the key: what nothing may show.
pub(crate) const NUMBER: &str = "440305199505132561";
pub(crate) const NAME: &str = "Liu Yang";
pub(crate) const KEY: &str = "canary-of-a-key";

/// Answers with what it is told, and keeps what it was sent.
#[derive(Debug, Default)]
pub(crate) struct StandIn {
    answer: Mutex<(u16, Vec<u8>)>,
    sent: Mutex<Vec<u8>>,
}

impl StandIn {
    pub(crate) fn shall_answer(&self, status: u16, body: &[u8]) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = (status, body.to_vec());
    }

    pub(crate) fn sent(&self) -> Vec<u8> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }
}

#[async_trait::async_trait]
impl Transport for StandIn {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = request.body;
        let (status, body) = {
            let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
            answer.clone()
        };
        Ok(HttpResponse {
            status,
            headers: Vec::new(),
            body,
        })
    }
}

/// A client that asks it, once for each call.
pub(crate) fn client(
    service: &Arc<StandIn>,
    encryption: Option<FieldEncryption>,
) -> Result<Client, idcard_verification::Error> {
    let credentials = Credentials::new("AKIDfuzz", KEY)?;
    let mut config = ClientConfig::new(Site::International, credentials);
    config.transport = Some(Arc::clone(service) as Arc<dyn Transport>);
    let mut retry = RetryPolicy::default();
    retry.max_attempts = 1;
    config.retry = Some(retry);
    config.requests_per_second = Some(0);
    config.single_flight = false;
    config.remember_daily_limits = false;
    config.local_check = false;
    config.encryption = encryption;
    Client::new(config)
}

/// Nothing printed shows the person of the calls or the key.
pub(crate) fn assert_silent(printed: &str) {
    assert_silent_about(printed, &[NUMBER, NAME, KEY]);
}

/// Nothing printed shows one of these.
pub(crate) fn assert_silent_about(printed: &str, canaries: &[&str]) {
    let canaries: Vec<String> = canaries.iter().map(|&canary| canary.to_owned()).collect();
    let leak = idcard_conformance::find_leak(printed, &canaries);
    assert_eq!(leak, None, "{printed}");
}
