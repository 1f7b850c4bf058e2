//! The transport over `reqwest`: HTTP/1.1 with TLS by rustls and the system's trust store.

use super::http_settings::{HttpRoute, HttpSettings};
use super::{HttpHeader, HttpRequest, HttpResponse, NetworkFailure, Transport, TransportError};
use crate::Error;
use crate::generated::REQUEST_ID_HEADER;
use crate::progress::AttemptProgress;
use crate::runtime::library;
use crate::runtime::per_process::PerProcess;
use crate::transport::endpoint::Endpoint;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::Url;
use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;

/// Headers of an answer that the client reads; the others are not worth a copy.
const READ_HEADERS: &[&str] = &["date", "retry-after", REQUEST_ID_HEADER];

/// Sends requests by `reqwest`, from any thread: inside a tokio runtime with its I/O and time
/// drivers enabled, or outside of one.
///
/// A connection is served by the runtime that opened it, so each runtime gets a pool of its own
/// for as long as it lives. After `fork` the child has pools of its own, too.
#[derive(Debug)]
pub struct ReqwestTransport {
    route: HttpRoute,
    /// Of most requests, so that it is parsed once.
    url: Option<Url>,
    pools: PerProcess<Arc<Pools>>,
}

impl ReqwestTransport {
    /// A transport to a place on this machine, such as a sandbox: without the proxy of the
    /// environment and without the system's certificates.
    ///
    /// # Errors
    /// [`Error::Configuration`] when TLS cannot be set up.
    pub fn loopback() -> Result<Self, Error> {
        Self::of(HttpSettings::default().loopback_only()?, None)
    }

    /// A transport to an endpoint, `scheme://host[:port]`, as the settings of a client of these
    /// names have it.
    ///
    /// # Errors
    /// [`Error::Configuration`] when one of them cannot be used.
    pub fn new(
        endpoint: &str,
        proxy: Option<&str>,
        extra_roots: Option<&str>,
    ) -> Result<Self, Error> {
        let settings = HttpSettings::new(proxy, extra_roots, None)?;
        Self::with_settings(&settings, &Endpoint::parse(endpoint)?)
    }

    pub(crate) fn with_settings(
        settings: &HttpSettings,
        endpoint: &Endpoint,
    ) -> Result<Self, Error> {
        Self::of(settings.to(endpoint)?, Url::parse(endpoint.url()).ok())
    }

    fn of(route: HttpRoute, url: Option<Url>) -> Result<Self, Error> {
        // Whatever cannot be set up is told now.
        route
            .http_client()
            .map_err(|_| Error::configuration("the HTTP client cannot be made"))?;
        Ok(Self {
            route,
            url,
            pools: PerProcess::new(),
        })
    }

    /// Sends a request whose time is the caller's to watch. It notes when the first byte is about
    /// to be written.
    pub(crate) async fn exchange(
        &self,
        request: HttpRequest,
        requests: &Arc<AttemptProgress>,
    ) -> Result<HttpResponse, TransportError> {
        let exchange = library::inside(self.exchange_inside(request, requests));
        exchange.await.unwrap_or(Err(UNUSABLE))
    }

    /// The same inside a runtime.
    async fn exchange_inside(
        &self,
        request: HttpRequest,
        requests: &Arc<AttemptProgress>,
    ) -> Result<HttpResponse, TransportError> {
        let pools = self.pools.get_or(|| Arc::new(Pools::new(&self.route)));
        let runtime = Handle::try_current().map_err(|_| UNUSABLE)?;
        let pool = pools.of(&runtime).ok_or(UNUSABLE)?;
        if library::may_have_stood_still(&runtime) && !pool.is_moving() {
            library::turn().await;
        }
        let _in_use = pool.attempt_started();
        let body = WatchedBody {
            data: Some(Bytes::from(request.body)),
            requests: Arc::clone(requests),
        };
        let url = match &self.url {
            Some(url) if url.as_str() == request.url => url.clone(),
            _ => Url::parse(&request.url).map_err(|_| UNUSABLE)?,
        };
        let mut builder = pool.client.post(url).body(reqwest::Body::wrap(body));
        for header in &request.headers {
            builder = builder.header(&header.name, &header.value);
        }
        let failed = |error: &reqwest::Error| TransportError::Failed {
            failure: failure(error, self.route.has_proxy()),
            sent: requests.has_left(),
        };
        let answer = builder.send().await.map_err(|error| failed(&error))?;
        pool.saw_something();
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

/// A request that nothing can send.
const UNUSABLE: TransportError = TransportError::Failed {
    failure: NetworkFailure::Other,
    sent: false,
};

#[async_trait::async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (time, requests) = (request.timeout, Arc::new(AttemptProgress::default()));
        let exchange = self.exchange_inside(request, &requests);
        let bounded = library::inside(async { tokio::time::timeout(time, exchange).await });
        match bounded.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(TransportError::Failed {
                failure: NetworkFailure::Timeout,
                sent: requests.has_left(),
            }),
            Err(_) => Err(UNUSABLE),
        }
    }
}

/// The pools of one process, one for each runtime.
#[derive(Debug)]
struct Pools {
    route: HttpRoute,
    by_runtime: Mutex<HashMap<Id, Arc<Pool>>>,
}

#[derive(Debug)]
struct Pool {
    client: reqwest::Client,
    in_use: AtomicU32,
    begun: Instant,
    /// When the runtime last told of a connection, in microseconds from `begun`.
    seen: AtomicU64,
    /// Dropped with the pool, which ends the task that waits for the runtime's end.
    _ends: oneshot::Sender<()>,
}

/// A runtime that has told of a connection within this time, and has others to move on, looks at
/// its connections without being asked to.
const MOVING: Duration = Duration::from_millis(1);

impl Pool {
    fn attempt_started(&self) -> impl Drop + use<'_> {
        struct InUse<'a>(&'a AtomicU32);
        impl Drop for InUse<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.in_use.fetch_add(1, Ordering::Relaxed);
        InUse(&self.in_use)
    }

    fn saw_something(&self) {
        self.seen.store(self.now(), Ordering::Relaxed);
    }

    fn is_moving(&self) -> bool {
        self.in_use.load(Ordering::Relaxed) > 0
            && self.now().saturating_sub(self.seen.load(Ordering::Relaxed))
                < u64::try_from(MOVING.as_micros()).unwrap_or(0)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Pools {
    fn new(route: &HttpRoute) -> Self {
        Self {
            route: route.anew(),
            by_runtime: Mutex::default(),
        }
    }

    fn of(self: &Arc<Self>, runtime: &Handle) -> Option<Arc<Pool>> {
        let id = runtime.id();
        if let Some(pool) = self.lock().get(&id) {
            return Some(Arc::clone(pool));
        }
        let (ends, ended) = oneshot::channel();
        let pool = Arc::new(Pool {
            client: self.route.http_client().ok()?,
            in_use: AtomicU32::new(0),
            begun: Instant::now(),
            seen: AtomicU64::new(0),
            _ends: ends,
        });
        // Another thread of the runtime may have been quicker; either pool will do.
        self.lock().entry(id).or_insert_with(|| Arc::clone(&pool));
        let forgets = Forgets {
            pools: Arc::downgrade(self),
            id,
        };
        runtime.spawn(async move {
            let _forgets = forgets;
            let _ = ended.await;
        });
        Some(pool)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, Arc<Pool>>> {
        self.by_runtime
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lives in a runtime and forgets its pool when it ends, so that an application may make as many
/// runtimes as it likes.
struct Forgets {
    pools: Weak<Pools>,
    id: Id,
}

impl Drop for Forgets {
    fn drop(&mut self) {
        if let Some(pools) = self.pools.upgrade() {
            let forgotten = pools.lock().remove(&self.id);
            drop(forgotten);
        }
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

/// What failed, from the types in the error's chain.
fn failure(error: &reqwest::Error, has_proxy: bool) -> NetworkFailure {
    if let Some(failure) = proxy_failure(error).filter(|_| has_proxy) {
        failure
    } else if is_tls(error) {
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

/// What a proxy failed at. Its error is of a type that nobody can name, so this alone goes by words;
/// the scenarios with a proxy see when they change.
fn proxy_failure(error: &(dyn StdError + 'static)) -> Option<NetworkFailure> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(what) = error.to_string().strip_prefix("tunnel error: ") {
            return Some(match what {
                "proxy authorization required" => NetworkFailure::ProxyAuthentication,
                _ => NetworkFailure::Proxy,
            });
        }
        cause = error.source();
    }
    None
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
    requests: Arc<AttemptProgress>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.requests.may_have_left();
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
