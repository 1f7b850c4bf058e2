//! Answers without a request of its own: from the cache or the remembered daily limits, or by single-flight from an
//! identical call that is under way.

use super::engine::{AnyAnswer, Engine, SharedCalls, TransportHandle};
use super::limits::CallLimits;
use super::outcome::{free, panicked, stopped};
use super::outgoing::Outgoing;
use super::without_panic;
use crate::progress::AttemptProgress;
use crate::protocol::{Action, Answer};
use crate::reuse::daily_limits::LimitedCall;
use crate::reuse::fingerprint::Fingerprint;
use crate::reuse::single_flight::Key;
use crate::stats::CallMeter;
use crate::time::date::until_midnight_in_beijing;
use crate::time::deadline::{CancelHandles, End, run_until};
use crate::{AnswerOrigin, Charge, Error, Retry};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How much later than a deadline those leave who share a request. What ends the request itself
/// at that time says more than a timeout.
const GRACE: Duration = Duration::from_millis(5);

impl Engine {
    /// Takes the answer from memory, or asks and keeps it.
    pub(super) async fn recalled_or_asked<A: Action>(
        self: &Arc<Self>,
        request: &A,
        plain: Vec<u8>,
        limits: &CallLimits,
        cancels: CancelHandles<'_>,
        meter: &mut CallMeter<'_>,
    ) -> Result<A::Answer, Error> {
        let Some(fingerprinter) = &self.fingerprinter else {
            let outgoing = self.outgoing(request, plain, limits)?;
            return self
                .alone::<A>(&outgoing, limits, cancels, meter.requests())
                .await;
        };
        // Of the plain request: the encrypted one never looks the same twice.
        let whole = fingerprinter.of(A::INFO.name, &plain);
        if let Some(answer) = self.recall(request, whole) {
            return Ok(answer);
        }
        let outgoing = self.outgoing(request, plain, limits)?;
        let outcome = match &self.shared_calls {
            Some(shared_calls) => {
                self.shared::<A>(shared_calls, whole, outgoing, limits, cancels, meter)
                    .await
            }
            None => {
                self.alone::<A>(&outgoing, limits, cancels, meter.requests())
                    .await
            }
        };
        if let Ok(answer) = &outcome {
            self.remember(request, whole, answer);
        }
        outcome
    }

    /// An answer that an earlier call was given.
    fn recall<A: Action>(&self, request: &A, whole: Fingerprint) -> Option<A::Answer> {
        let now = self.time_source.elapsed();
        let cached = self
            .cache
            .as_ref()
            .and_then(|(_, cache)| cache.get(whole, now));
        let kept = cached.or_else(|| {
            let daily = self.daily.as_ref().filter(|daily| !daily.is_empty())?;
            daily.get(&self.limited(request, whole)?, now)
        })?;
        let mut answer = kept.downcast_ref::<A::Answer>()?.clone();
        answer.report(free(AnswerOrigin::Remembered));
        Some(answer)
    }

    /// Keeps an answer for later calls, if it shall be.
    fn remember<A: Action>(&self, request: &A, whole: Fingerprint, answer: &A::Answer) {
        let now = self.time_source.elapsed();
        if let Some((ttl, cache)) = &self.cache
            && answer.cost().charge == Charge::Charged
        {
            cache.insert(whole, now.saturating_add(*ttl), Arc::new(answer.clone()));
        }
        let Some(daily) = &self.daily else { return };
        if answer.retry() == Retry::NextDay {
            let until = now + until_midnight_in_beijing(self.clock.now(&*self.time_source));
            if let Some(limited) = self.limited(request, whole) {
                let kept: AnyAnswer = Arc::new(answer.clone());
                daily.record_limit(&limited, now, until, &kept);
            }
        } else if !daily.is_empty()
            && let Some(limited) = self.limited(request, whole)
        {
            daily.record_answer(&limited);
        }
    }

    fn limited<A: Action>(&self, request: &A, whole: Fingerprint) -> Option<LimitedCall> {
        let fingerprinter = self.fingerprinter.as_ref()?;
        let values = request.daily_values().into_iter().enumerate();
        Some(LimitedCall {
            whole,
            values: values
                .map(|(index, value)| {
                    fingerprinter.of(&format!("{} {index}", A::INFO.name), value.as_bytes())
                })
                .collect(),
        })
    }

    /// Joins an identical call that is under way, or begins a request that others can join.
    async fn shared<A: Action>(
        self: &Arc<Self>,
        shared_calls: &SharedCalls,
        whole: Fingerprint,
        outgoing: Outgoing,
        limits: &CallLimits,
        cancels: CancelHandles<'_>,
        meter: &mut CallMeter<'_>,
    ) -> Result<A::Answer, Error> {
        let key = Key {
            request: whole,
            retry: limits.retry.clone(),
            // Those of two ledgers are two calls.
            ledger: limits
                .ledger
                .as_ref()
                .map(|ledger| Arc::as_ptr(ledger).addr()),
        };
        let claim = outgoing.claim.clone();
        // By now: others may extend the deadline.
        let (own_end, time) = (limits.deadline.at(), self.left(limits));
        let requests = Arc::clone(meter.requests());
        let may_join = |deadline: Duration| {
            // A host's transport was told when to end. Where that is much earlier than our own time,
            // we had better ask for ourselves.
            let its_time = deadline.saturating_sub(self.time_source.elapsed());
            matches!(self.transport, TransportHandle::Own(_)) || its_time >= time / 2
        };
        let mut shared =
            shared_calls.join((key, claim), &requests, &limits.deadline, may_join, || {
                let (engine, limits, requests) =
                    (Arc::clone(self), limits.clone(), Arc::clone(&requests));
                async move {
                    let exchange = pin!(engine.exchange::<A>(&outgoing, &limits, &requests));
                    match without_panic(exchange).await {
                        Some(outcome) => outcome.map(|answer| Arc::new(answer) as AnyAnswer),
                        None => Err(panicked(requests.attempts())),
                    }
                }
            });
        meter.follow(shared.requests());
        let own_end = own_end.saturating_add(GRACE);
        let end = if shared.has_joined() {
            End::At(own_end)
        } else {
            End::IfExtended(own_end, &limits.deadline)
        };
        let bounded = {
            let outcome = pin!(shared.outcome());
            run_until(&*self.time_source, outcome, end, cancels).await
        };
        let kept = match bounded {
            Ok(outcome) => outcome?,
            Err(reason) => {
                let stopped = Err(stopped(reason, shared.requests()));
                let claim = shared.leave().flatten();
                self.settle::<A::Answer>(claim.as_deref(), &stopped, limits)
                    .await;
                return stopped;
            }
        };
        let Some(mut answer) = kept.downcast_ref::<A::Answer>().cloned() else {
            return Err(Error::configuration(
                "a shared answer has another type; please report it",
            ));
        };
        let cost = answer.cost();
        if cost.charge != Charge::Unknown && !shared.claim() {
            answer.report(free(AnswerOrigin::Shared));
        }
        Ok(answer)
    }

    /// Asks without sharing.
    pub(super) async fn alone<A: Action>(
        &self,
        outgoing: &Outgoing,
        limits: &CallLimits,
        cancels: CancelHandles<'_>,
        requests: &Arc<AttemptProgress>,
    ) -> Result<A::Answer, Error> {
        let ended = {
            let exchange = pin!(self.exchange::<A>(outgoing, limits, requests));
            // Each part of it is bounded by the limits.
            run_until(&*self.time_source, exchange, End::Never, cancels).await
        };
        match ended {
            Ok(outcome) => outcome,
            Err(reason) => {
                let stopped = Err(stopped(reason, requests));
                let claim = outgoing.claim.as_deref();
                self.settle::<A::Answer>(claim, &stopped, limits).await;
                stopped
            }
        }
    }
}
