//! One call as a straight line: check, encode, take an answer that is there, or ask and keep it. Called by
//! [`crate::client`] alone.
//!
//! The parts: [`engine`] is what a client is made of, [`attempt`] sends, [`authorize`] signs, [`claim`] asks the
//! ledger, [`outcome`] decides what it cost and whether it may be repeated, [`reuse`] answers without asking,
//! [`blocking`] waits on the caller's thread.

mod attempt;
mod authorize;
pub(crate) mod blocking;
mod claim;
pub(crate) mod engine;
mod limits;
mod outcome;
mod outgoing;
mod request_ids;
mod reuse;
#[cfg(test)]
mod tests;

use self::engine::Engine;
use self::limits::CallLimits;
use self::outcome::{cancelled, panicked};
use self::outgoing::check_size;
use crate::ledger::KeyedLedger;
use crate::progress::ProgressState;
use crate::protocol::{self, Action, Answer};
use crate::stats::CallMeter;
use crate::time::deadline::CancelHandles;
use crate::{CallOptions, Error, events};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

/// Whose call it is: what cancels it, and where it is claimed.
#[derive(Debug)]
pub(crate) struct CallOf<'a> {
    pub(crate) cancels: CancelHandles<'a>,
    pub(crate) ledger: Option<Arc<KeyedLedger>>,
}

impl Engine {
    /// Calls an action.
    pub(crate) async fn call<A: Action>(
        self: &Arc<Self>,
        request: &A,
        options: &CallOptions,
        of: CallOf<'_>,
        watched: Option<Arc<ProgressState>>,
    ) -> Result<A::Answer, Error> {
        let begun = self.time_source.elapsed();
        let mut meter = CallMeter::new(&self.stats, &*self.time_source, begun, watched);
        let outcome = match self.limits(begun, options, of.ledger) {
            Ok(limits) => {
                let asked = {
                    let asked = pin!(self.ask(request, options, &limits, of.cancels, &mut meter));
                    without_panic(asked).await
                };
                asked.unwrap_or_else(|| Err(panicked(meter.requests().attempts())))
            }
            Err(error) => Err(error),
        };
        let cost = outcome.as_ref().map(Answer::cost);
        meter.end(cost);
        events::outcome(
            A::INFO.name,
            cost.map(|cost| cost.charge),
            self.time_source.elapsed().saturating_sub(begun),
        );
        outcome
    }

    /// Checks the request, and takes the answer from wherever it is to be had.
    async fn ask<A: Action>(
        self: &Arc<Self>,
        request: &A,
        options: &CallOptions,
        limits: &CallLimits,
        cancels: CancelHandles<'_>,
        meter: &mut CallMeter<'_>,
    ) -> Result<A::Answer, Error> {
        if options.local_check.unwrap_or(self.local_check) {
            request.check(self.clock.now(&*self.time_source))?;
        }
        let plain = protocol::encode(request);
        check_size::<A>(&plain)?;
        if cancels.is_cancelled() {
            return Err(cancelled(false, 0));
        }
        if options.fresh {
            let outgoing = self.outgoing(request, plain, limits)?;
            return self
                .alone::<A>(&outgoing, limits, cancels, meter.requests())
                .await;
        }
        self.recalled_or_asked(request, plain, limits, cancels, meter)
            .await
    }
}

/// What a future comes to, unless it panics: a fault of the library, or of what the application
/// has handed in, shall not take the money that was spent with it.
async fn without_panic<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| {
        // A future that has panicked is not polled again.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
