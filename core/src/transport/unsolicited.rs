//! Unsolicited responses: a connection that speaks before it was asked is not used, because its first
//! bytes would be taken for the answer to the first request. Nothing has left by then, so this costs
//! nothing.

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
pub(super) struct RefuseUnsolicited;

impl<S> Layer<S> for RefuseUnsolicited {
    type Service = Refusing<S>;

    fn layer(&self, connector: S) -> Refusing<S> {
        Refusing(connector)
    }
}

/// Connects, and gives back only what is silent.
#[derive(Clone, Debug)]
pub(super) struct Refusing<S>(S);

impl<S, To> Service<To> for Refusing<S>
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
            crate::runtime::library::turn().await;
            if is_silent(&mut connection).await {
                Ok(connection)
            } else {
                Err("the server spoke before it was asked, or closed at once".into())
            }
        })
    }
}

/// Whether there is nothing to read.
async fn is_silent(connection: &mut (impl Read + Unpin)) -> bool {
    poll_fn(|cx| {
        let mut byte = [0];
        let mut read = ReadBuf::new(&mut byte);
        let polled = Pin::new(&mut *connection).poll_read(cx, read.unfilled());
        Poll::Ready(polled.is_pending())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::rt::ReadBufCursor;
    use std::future::{Ready, ready};

    /// A connection on which these bytes wait; at the end it is closed, or open.
    struct Waiters(&'static [u8], bool);

    impl Read for Waiters {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            mut buf: ReadBufCursor<'_>,
        ) -> Poll<std::io::Result<()>> {
            match self.0.first() {
                Some(byte) => buf.put_slice(&[*byte]),
                None if self.1 => {}
                None => return Poll::Pending,
            }
            Poll::Ready(Ok(()))
        }
    }

    struct Connects(&'static [u8], bool);

    impl Service<()> for Connects {
        type Response = Waiters;
        type Error = BoxError;
        type Future = Ready<Result<Waiters, BoxError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            ready(Ok(Waiters(self.0, self.1)))
        }
    }

    #[test]
    fn a_connection_that_speaks_first_is_not_used() {
        for (bytes, is_closed, is_used) in [
            (&b""[..], false, true),
            (b"", true, false),
            (b"HTTP/1.1 200 OK\r\n", false, false),
        ] {
            let mut connector = RefuseUnsolicited.layer(Connects(bytes, is_closed));
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let connected = runtime.block_on(connector.call(()));
            assert_eq!(connected.is_ok(), is_used, "{bytes:?} {is_closed}");
        }
    }
}
