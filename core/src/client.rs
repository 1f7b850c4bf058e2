//! One call as a straight line: check, encode, sign, send, read.

use crate::config::{DEFAULT_TIMEOUT, MAX_RESPONSE_BYTES};
use crate::credentials::{CredentialsProvider, ProviderError};
use crate::endpoint::Endpoint;
use crate::generated::CONTENT_TYPE;
use crate::protocol::{self, Action};
use crate::sign::{Signer, SigningInput};
use crate::stop::{self, Stop};
use crate::transport::{
    HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError,
};
use crate::{
    AnswerProblem, CallOptions, CancelHandle, Charge, ClientConfig, Credentials, Error, Language,
};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Shortest time a call can be given.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);
/// The request is sent once; retrying what is free is not built yet.
const ATTEMPTS: u32 = 1;

/// Calls the service. It is cheap to clone, and all clones share connections and keys.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    keys: Keys,
    signer: Signer,
    stack: Stack,
    timeout: Duration,
    local_check: bool,
    language: Option<Language>,
    blocking: crate::blocking::Executor,
}

/// Where keys come from.
#[derive(Debug)]
enum Keys {
    Fixed(Arc<Credentials>),
    Provided(Arc<dyn CredentialsProvider>),
}

/// The HTTP stack.
#[derive(Debug)]
struct Stack {
    transport: Arc<dyn Transport>,
    /// Whether it is the application's, whose word on time is not relied on.
    is_host: bool,
}

/// Time and cancelling of one call.
#[derive(Debug)]
struct Limits<'a> {
    begun: Instant,
    timeout: Duration,
    cancel: Option<&'a CancelHandle>,
}

impl Limits<'_> {
    /// Time that is left.
    fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.begun.elapsed())
    }
}

impl Client {
    /// Makes a client. It connects when it is first called.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the endpoint, the timeout or the transport cannot be used,
    /// or when there are not exactly one of credentials and a provider.
    pub fn new(config: ClientConfig) -> Result<Self, Error> {
        let endpoint = match &config.endpoint {
            Some(url) => Endpoint::parse(url)?,
            None => Endpoint::of_site(config.site),
        };
        let timeout = checked(config.timeout.unwrap_or(DEFAULT_TIMEOUT))?;
        let keys = match (config.credentials, config.credentials_provider) {
            (Some(credentials), None) => Keys::Fixed(credentials),
            (None, Some(provider)) => Keys::Provided(provider),
            _ => {
                return Err(configuration(
                    "give either credentials or a provider of them",
                ));
            }
        };
        let stack = match config.transport {
            Some(transport) => Stack {
                transport,
                is_host: true,
            },
            None => Stack {
                transport: default_transport(&endpoint)?,
                is_host: false,
            },
        };
        let inner = Inner {
            endpoint,
            keys,
            signer: Signer::default(),
            stack,
            timeout,
            local_check: config.local_check,
            language: config.language,
            blocking: crate::blocking::Executor::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Calls an action and waits for it.
    pub(crate) fn call_blocking<A: Action>(
        &self,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        self.inner.blocking.run(self.call(request, options))?
    }

    /// Calls an action.
    pub(crate) async fn call<A: Action>(
        &self,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        let timeout = checked(options.timeout.unwrap_or(self.inner.timeout))?;
        let limits = Limits {
            begun: Instant::now(),
            timeout,
            cancel: options.cancel.as_deref(),
        };
        if options.local_check.unwrap_or(self.inner.local_check) {
            request.check()?;
        }
        let body = protocol::encode(request);
        check_size::<A>(&body)?;
        if limits.cancel.is_some_and(CancelHandle::is_cancelled) {
            return Err(cancelled(false, 0));
        }
        let credentials = self.inner.credentials(&limits).await?;
        let response = self.inner.send::<A>(&credentials, body, &limits).await?;
        protocol::read::<A>(&response, ATTEMPTS).map(|answered| answered.answer)
    }
}

impl Inner {
    /// The keys of this call.
    async fn credentials(&self, limits: &Limits<'_>) -> Result<Arc<Credentials>, Error> {
        let provider = match &self.keys {
            Keys::Fixed(credentials) => return Ok(Arc::clone(credentials)),
            Keys::Provided(provider) => provider,
        };
        match stop::until(provider.provide(), Some(limits.left()), limits.cancel).await {
            Ok(provided) => provided.map_err(|error| {
                let ProviderError::Unavailable { reason } = error;
                Error::Credentials {
                    detail: format!("provider: {reason}"),
                }
            }),
            Err(Stop::Deadline) => Err(Error::Credentials {
                detail: "provider: the time was over".to_owned(),
            }),
            Err(Stop::Cancelled) => Err(cancelled(false, 0)),
        }
    }

    /// Sends one request and waits for its answer, its deadline or its cancellation.
    async fn send<A: Action>(
        &self,
        credentials: &Arc<Credentials>,
        body: Vec<u8>,
        limits: &Limits<'_>,
    ) -> Result<HttpResponse, Error> {
        let timeout = limits.left().max(MIN_TIMEOUT);
        let http = self.http_request::<A>(credentials, body, timeout);
        let guard = self.stack.is_host.then_some(timeout);
        match stop::until(self.stack.transport.send(http), guard, limits.cancel).await {
            Ok(sent) => sent.map_err(failed),
            Err(Stop::Deadline) => Err(failed(TransportError::Failed {
                failure: NetworkFailure::Timeout,
                sent: true,
            })),
            // The transport is stopped wherever it is; it may just have written the request.
            Err(Stop::Cancelled) => Err(cancelled(true, ATTEMPTS)),
        }
    }

    fn http_request<A: Action>(
        &self,
        credentials: &Arc<Credentials>,
        body: Vec<u8>,
        timeout: Duration,
    ) -> HttpRequest {
        let timestamp = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let input = SigningInput {
            host: self.endpoint.host(),
            action: A::INFO.name,
            timestamp,
            payload: &body,
        };
        let authorization = self.signer.authorization(credentials, &input);
        let mut headers = vec![
            header("Content-Type", CONTENT_TYPE),
            header("Authorization", authorization),
            header("X-TC-Action", A::INFO.name),
            header("X-TC-Version", A::INFO.version),
            header("X-TC-Timestamp", timestamp.to_string()),
        ];
        headers.extend(credentials.token().map(|token| header("X-TC-Token", token)));
        headers.extend(
            self.language
                .map(|language| header("X-TC-Language", language.as_header())),
        );
        HttpRequest {
            url: self.endpoint.url().to_owned(),
            headers,
            body,
            timeout,
            max_response_bytes: MAX_RESPONSE_BYTES,
        }
    }
}

fn header(name: &str, value: impl Into<String>) -> HttpHeader {
    HttpHeader {
        name: name.to_owned(),
        value: value.into(),
    }
}

fn configuration(detail: &str) -> Error {
    Error::Configuration {
        detail: detail.to_owned(),
    }
}

fn checked(timeout: Duration) -> Result<Duration, Error> {
    if timeout < MIN_TIMEOUT {
        Err(configuration("the timeout is shorter than 1 ms"))
    } else {
        Ok(timeout)
    }
}

/// The service would refuse a larger body; refusing it here costs no request.
fn check_size<A: Action>(body: &[u8]) -> Result<(), Error> {
    match A::INFO.request_bytes {
        Some(limit) if body.len() as u64 > limit => Err(configuration(&format!(
            "the request has {} bytes, the service takes {limit}",
            body.len()
        ))),
        _ => Ok(()),
    }
}

const fn charge_of(sent: bool) -> Charge {
    if sent {
        Charge::Unknown
    } else {
        Charge::NotCharged
    }
}

const fn cancelled(sent: bool, attempts: u32) -> Error {
    Error::Cancelled {
        sent,
        charge: charge_of(sent),
        attempts,
    }
}

fn failed(error: TransportError) -> Error {
    let TransportError::Failed { failure, sent } = error;
    let charge = if sent {
        Charge::Unknown
    } else {
        Charge::NotCharged
    };
    match failure {
        NetworkFailure::AnswerTooLarge => Error::UnreadableAnswer {
            problem: AnswerProblem::TooLarge,
            detail: format!("the body has more than {MAX_RESPONSE_BYTES} bytes"),
            http_status: 0,
            request_id: None,
            charge: Charge::Unknown,
            attempts: ATTEMPTS,
        },
        failure => Error::Network {
            failure,
            sent,
            charge,
            attempts: ATTEMPTS,
        },
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(endpoint: &Endpoint) -> Result<Arc<dyn Transport>, Error> {
    let transport = crate::transport::ReqwestTransport::new(endpoint.is_loopback());
    transport.probe()?;
    Ok(Arc::new(transport))
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: &Endpoint) -> Result<Arc<dyn Transport>, Error> {
    Err(configuration(
        "this build has no HTTP stack of its own; give the client a transport",
    ))
}
