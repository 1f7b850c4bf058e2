//! What a call is held to: its deadline, its retry policy and its ledger.

use super::engine::Engine;
use crate::ledger::KeyedLedger;
use crate::time::deadline::{CancelHandles, Deadline, End, run_until, validated_timeout};
use crate::{CallOptions, Error, RetryPolicy};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What a call is held to.
#[derive(Clone, Debug)]
pub(super) struct CallLimits {
    /// When it must end, on the steady clock: later than it began with, if others share its
    /// requests who have more time.
    pub(super) deadline: Deadline,
    pub(super) retry: RetryPolicy,
    pub(super) ledger: Option<Arc<KeyedLedger>>,
}

impl Engine {
    /// What the call is held to.
    pub(super) fn limits(
        &self,
        begun: Duration,
        options: &CallOptions,
        ledger: Option<Arc<KeyedLedger>>,
    ) -> Result<CallLimits, Error> {
        let timeout = validated_timeout(options.timeout.unwrap_or(self.timeout))?;
        Ok(CallLimits {
            deadline: Deadline::new(begun.saturating_add(timeout)),
            retry: match &options.retry {
                Some(own) => own.clone().validated()?,
                None => self.retry.clone(),
            },
            ledger,
        })
    }

    /// Waits for a part of a call until the call's time is over, which others may extend while it
    /// waits.
    pub(super) async fn within<F: Future + ?Sized>(
        &self,
        limits: &CallLimits,
        part: Pin<&mut F>,
    ) -> Option<F::Output> {
        let bounded = run_until(
            &*self.time_source,
            part,
            End::Of(&limits.deadline),
            CancelHandles::default(),
        );
        bounded.await.ok()
    }

    pub(super) fn left(&self, limits: &CallLimits) -> Duration {
        limits
            .deadline
            .at()
            .saturating_sub(self.time_source.elapsed())
    }
}
