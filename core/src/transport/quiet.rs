//! A connection that speaks before it was asked is not used: its first bytes would be taken for the
//! answer to the first request. Nothing has left by then, so this costs nothing.

use hyper::rt::{Read, ReadBuf};
use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

type BoxError = Box<dyn StdError + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Looks at each new connection before it is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct QuietLayer;

impl<S> Layer<S> for QuietLayer {
    type Service = Quiet<S>;

    fn layer(&self, connector: S) -> Quiet<S> {
        Quiet(connector)
    }
}

/// Connects, and gives back only what is quiet.
#[derive(Clone, Debug)]
pub(super) struct Quiet<S>(S);

impl<S, To> Service<To> for Quiet<S>
where
    S: Service<To, Error = BoxError>,
    S::Response: Read + Unpin + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Connecting<S::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, to: To) -> Connecting<S::Response> {
        let connecting = self.0.call(to);
        Box::pin(async move {
            let mut connection = connecting.await?;
            // The driver looks at it for the first time.
            crate::runtime::turn().await;
            if is_quiet(&mut connection).await {
                Ok(connection)
            } else {
                Err("the server spoke before it was asked, or closed at once".into())
            }
        })
    }
}

/// Whether there is nothing to read.
async fn is_quiet(connection: &mut (impl Read + Unpin)) -> bool {
    poll_fn(|cx| {
        let mut byte = [0];
        let mut read = ReadBuf::new(&mut byte);
        let polled = Pin::new(&mut *connection).poll_read(cx, read.unfilled());
        Poll::Ready(polled.is_pending())
    })
    .await
}
