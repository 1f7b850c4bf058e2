//! Many calls at a time, in bounded memory, without losing what is paid.

use crate::setters::setters;
use crate::{CancelHandle, Client, Error, Verification, VerifyRequest};
use futures_util::Stream;
use futures_util::stream::{FuturesOrdered, FuturesUnordered, StreamExt as _};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// How many calls [`Client::verify_many`] makes at a time, and in which order it gives their outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManyOptions {
    /// Most concurrent calls, at least 1. The client's rate limit applies too. Default: 8.
    pub concurrency: usize,
    /// Whether outcomes come in the order of the requests, or as the calls complete. Default: in order.
    pub ordered: bool,
}

impl Default for ManyOptions {
    fn default() -> Self {
        Self {
            concurrency: 8,
            ordered: true,
        }
    }
}

impl ManyOptions {
    setters! {
        with_concurrency(concurrency: usize),
        with_ordered(ordered: bool),
    }
}

/// What came of one request of many.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// Place of the request in the input, from 0.
    pub index: usize,
    /// The answer, or the error that ended this call and no other.
    pub result: Result<Verification, Error>,
}

type Call = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// The calls under way.
enum Window {
    Ordered(FuturesOrdered<Call>),
    AsCompleted(FuturesUnordered<Call>),
}

impl Window {
    fn len(&self) -> usize {
        match self {
            Self::Ordered(calls) => calls.len(),
            Self::AsCompleted(calls) => calls.len(),
        }
    }

    fn push(&mut self, call: Call) {
        match self {
            Self::Ordered(calls) => calls.push_back(call),
            Self::AsCompleted(calls) => calls.push(call),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome>> {
        match self {
            Self::Ordered(calls) => calls.poll_next_unpin(cx),
            Self::AsCompleted(calls) => calls.poll_next_unpin(cx),
        }
    }
}

/// The outcomes of [`Client::verify_many`], a [`Stream`].
///
/// Calls are made while it is polled, and wait for the client's rate limit in line with all others: keep polling
/// it while you await other calls of the client, or hand the outcomes to a task of their own. Dropping it drops what is under way, which may be charged and
/// is counted as `abandoned` in the statistics; [`finish`](Self::finish) hands it out instead.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Outcomes {
    client: Client,
    cancel: Arc<CancelHandle>,
    requests: Option<Pin<Box<dyn Stream<Item = VerifyRequest> + Send>>>,
    window: Window,
    concurrency: usize,
    index: usize,
}

impl fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes")
            .field("concurrency", &self.concurrency)
            .field("begun", &self.index)
            .field("under_way", &self.window.len())
            .finish_non_exhaustive()
    }
}

impl Outcomes {
    /// Begins no further call and waits for those under way: what may be paid is handed out.
    pub async fn finish(mut self) -> Vec<Outcome> {
        self.requests = None;
        let mut rest = Vec::new();
        while let Some(outcome) = self.next().await {
            rest.push(outcome);
        }
        rest
    }

    /// Begins no further call and cancels those under way. Their outcomes still come, and say what
    /// they may have cost.
    pub fn cancel(&mut self) {
        self.requests = None;
        self.cancel.cancel();
    }

    fn begin(&mut self, request: VerifyRequest) {
        let (client, index) = (self.client.clone(), self.index);
        self.index += 1;
        self.window.push(Box::pin(async move {
            let result = client.verify(request).await;
            Outcome { index, result }
        }));
    }
}

impl Stream for Outcomes {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Outcome>> {
        let this = &mut *self;
        while this.window.len() < this.concurrency
            && let Some(requests) = &mut this.requests
        {
            match requests.as_mut().poll_next(cx) {
                Poll::Ready(Some(request)) => this.begin(request),
                Poll::Ready(None) => this.requests = None,
                Poll::Pending => break,
            }
        }
        match this.window.poll_next(cx) {
            // Nothing is under way, and the input has not ended.
            Poll::Ready(None) if this.requests.is_some() => Poll::Pending,
            polled => polled,
        }
    }
}

impl Client {
    /// Verifies many people, some at a time, and reads the input as far as needed. An error ends its
    /// own call and no other.
    ///
    /// ```
    /// # use idcard_verification::{Client, ManyOptions, VerifyRequest};
    /// # async fn all(client: Client, people: Vec<VerifyRequest>) {
    /// use futures_util::stream::{self, StreamExt as _};
    ///
    /// let mut outcomes = client.verify_many(stream::iter(people), ManyOptions::default());
    /// while let Some(outcome) = outcomes.next().await {
    ///     println!("{}: {:?}", outcome.index, outcome.result.map(|answer| answer.verdict));
    /// }
    /// # }
    /// ```
    pub fn verify_many(
        &self,
        requests: impl Stream<Item = VerifyRequest> + Send + 'static,
        options: ManyOptions,
    ) -> Outcomes {
        let cancel = CancelHandle::new();
        Outcomes {
            client: self.cancelled_by(Arc::clone(&cancel)),
            cancel,
            requests: Some(Box::pin(requests)),
            window: if options.ordered {
                Window::Ordered(FuturesOrdered::new())
            } else {
                Window::AsCompleted(FuturesUnordered::new())
            },
            concurrency: options.concurrency.max(1),
            index: 0,
        }
    }
}
