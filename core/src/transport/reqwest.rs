//! The transport over `reqwest`: HTTP/1.1 with TLS by rustls and the system's trust store.

use super::route::Route;
use super::{HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError};
use crate::Error;
use crate::generated::REQUEST_ID_HEADER;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::runtime::{Handle, Id};

/// Headers of an answer that the client reads; the others are not worth a copy.
const READ_HEADERS: &[&str] = &["date", "retry-after", REQUEST_ID_HEADER];
/// How many runtimes a client remembers a connection pool for.
const MAX_POOLS: usize = 4;

/// Sends requests by `reqwest`. It must be polled inside a tokio runtime.
///
/// A pooled connection is served by the runtime that opened it, so each runtime gets a pool of
/// its own; a client may be shared between runtimes and outlive them.
#[derive(Debug)]
pub struct ReqwestTransport {
    route: Route,
    pools: Mutex<Vec<(Id, reqwest::Client)>>,
}

impl ReqwestTransport {
    /// Makes a transport. With `loopback` it reaches this machine alone: without proxies, and
    /// without the cost of loading certificates.
    #[must_use]
    pub fn new(loopback: bool) -> Self {
        Self::by(Route::default().near(loopback))
    }

    /// A transport by a proxy, or with certificates (PEM) that are trusted beside the system's, as
    /// the settings of a client of these names have it.
    ///
    /// # Errors
    /// [`Error::Configuration`] when one of them cannot be used.
    pub fn with(
        loopback: bool,
        proxy: Option<&str>,
        extra_roots: Option<&str>,
    ) -> Result<Self, Error> {
        Ok(Self::by(Route::new(proxy, extra_roots)?.near(loopback)))
    }

    /// A transport that goes a way of its own.
    pub(crate) const fn by(route: Route) -> Self {
        Self {
            route,
            pools: Mutex::new(Vec::new()),
        }
    }

    /// The pool of the runtime that polls.
    fn pool(&self) -> Result<reqwest::Client, TransportError> {
        let other = TransportError::Failed {
            failure: NetworkFailure::Other,
            sent: false,
        };
        let runtime = Handle::try_current().map_err(|_| other.clone())?.id();
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(id, _)| *id == runtime) {
            return Ok(pool.clone());
        }
        let pool = self.route.http_client().map_err(|_| other)?;
        if pools.len() == MAX_POOLS {
            pools.remove(0);
        }
        pools.push((runtime, pool.clone()));
        Ok(pool)
    }

    /// Checks that a client can be made at all, which fails on a machine without certificates.
    pub(crate) fn probe(&self) -> Result<(), Error> {
        self.route
            .http_client()
            .map(drop)
            .map_err(|_| Error::Configuration {
                detail:
                    "the TLS client cannot be made; are the system's CA certificates installed?"
                        .to_owned(),
            })
    }
}

#[async_trait::async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let pool = self.pool()?;
        let left = Arc::new(AtomicBool::new(false));
        let body = WatchedBody {
            data: Some(Bytes::from(request.body)),
            left: Arc::clone(&left),
        };
        let mut builder = pool
            .post(&request.url)
            .timeout(request.timeout)
            .body(reqwest::Body::wrap(body));
        for header in &request.headers {
            builder = builder.header(&header.name, &header.value);
        }
        let failed = |error: &reqwest::Error| TransportError::Failed {
            failure: failure(error),
            sent: left.load(Ordering::Acquire),
        };
        let answer = builder.send().await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        let headers = headers(&answer);
        let body = bounded_body(answer, request.max_response_bytes, &failed).await?;
        Ok(HttpResponse {
            status,
            headers,
            body,
        })
    }
}

fn headers(answer: &reqwest::Response) -> Vec<HttpHeader> {
    let kept = READ_HEADERS.iter().filter_map(|name| {
        let value = answer.headers().get(*name)?.to_str().ok()?;
        Some(HttpHeader {
            name: (*name).to_owned(),
            value: value.to_owned(),
        })
    });
    kept.collect()
}

async fn bounded_body(
    mut answer: reqwest::Response,
    limit: u64,
    failed: &(impl Fn(&reqwest::Error) -> TransportError + Sync),
) -> Result<Vec<u8>, TransportError> {
    let too_large = TransportError::Failed {
        failure: NetworkFailure::AnswerTooLarge,
        sent: true,
    };
    let announced = answer.content_length().unwrap_or(0);
    if announced > limit {
        return Err(too_large);
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What failed, from the types in the error's chain; never from its words.
fn failure(error: &reqwest::Error) -> NetworkFailure {
    if is_tls(error) {
        NetworkFailure::Tls
    } else if error.is_timeout() {
        NetworkFailure::Timeout
    } else if error.is_connect() {
        NetworkFailure::Connect
    } else if error.is_request() || error.is_body() || error.is_decode() {
        NetworkFailure::Interrupted
    } else {
        NetworkFailure::Other
    }
}

/// Whether an error comes from TLS. An `io::Error` that wraps another error gives that one's
/// source as its own, so it has to be unwrapped by hand.
fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>()
        || wrapped.is_some_and(|wrapped| is_tls(wrapped))
        || error.source().is_some_and(is_tls)
}

/// A body that notes when it is first asked for. HTTP/1 asks for it after a connection is there
/// and before the first byte goes out, so one that was never asked for has surely not left.
struct WatchedBody {
    data: Option<Bytes>,
    left: Arc<AtomicBool>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.left.store(true, Ordering::Release);
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
