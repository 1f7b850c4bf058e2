//! The claim of one call in a ledger: made before its first request may leave, settled when the call has ended.

use super::engine::Engine;
use super::limits::CallLimits;
use crate::error::LedgerProblem;
use crate::ledger::{CallClaim, ClaimState, LedgerError, LedgerOutcome};
use crate::protocol::{Action, Answer};
use crate::time::deadline::{CancelHandles, End, run_until};
use crate::{Error, events};
use std::time::Duration;

/// How long an outcome may take to be written after the call's time is over: its caller waits for it.
const LATE: Duration = Duration::from_millis(250);

impl Engine {
    /// Claims the call, unless it has been: nothing for whoever may send, or the answer of an earlier call.
    pub(super) async fn claim<A: Action>(
        &self,
        claim: &CallClaim,
        limits: &CallLimits,
    ) -> Result<Option<A::Answer>, Error> {
        if !claim.is_to_be_made() {
            return Ok(None);
        }
        let mut asked = claim.ledger().claim(claim.claim());
        let refused = |problem, detail: Option<String>| Error::Ledger { problem, detail };
        match self.within(limits, asked.as_mut()).await {
            Some(Ok(ClaimState::Mine)) => Ok(None),
            Some(Ok(ClaimState::Open)) => {
                claim.is_anothers();
                Err(refused(LedgerProblem::OpenClaim, None))
            }
            Some(Ok(ClaimState::Settled { outcome })) => {
                claim.is_anothers();
                let id = outcome.request_id.as_deref().unwrap_or_default();
                let code = outcome.result.as_deref();
                let answer = code.and_then(|code| A::recalled(code, id));
                answer
                    .map(Some)
                    .ok_or_else(|| refused(LedgerProblem::Settled, None))
            }
            Some(Err(error)) => {
                let detail = Some(error.to_string());
                Err(refused(LedgerProblem::Unavailable, detail))
            }
            None => {
                let detail = Some("it did not answer in time".to_owned());
                Err(refused(LedgerProblem::Unavailable, detail))
            }
        }
    }

    /// Says what came of the call, once, if it was claimed or may have been: a claim that failed, or that nobody waited
    /// for, may be there. The outcome is given to the caller whatever the ledger does: a claim that stays open is
    /// safe.
    pub(super) async fn settle<T: Answer>(
        &self,
        claim: Option<&CallClaim>,
        outcome: &Result<T, Error>,
        limits: &CallLimits,
    ) {
        let Some(claim) = claim else { return };
        if !claim.is_to_be_settled() {
            return;
        }
        let outcome = summary(outcome);
        let mut settled = claim.ledger().settle(claim.claim(), outcome);
        let end = End::At(limits.deadline.at().max(self.time_source.elapsed()) + LATE);
        let none = CancelHandles::default();
        let settled = run_until(&*self.time_source, settled.as_mut(), end, none).await;
        match settled {
            Ok(Ok(())) => {}
            Ok(Err(error)) => events::not_settled(&error),
            Err(_) => events::not_settled(&LedgerError::Unavailable {
                reason: "it did not answer in time".to_owned(),
            }),
        }
    }
}

/// What a ledger is told of an outcome.
fn summary<T: Answer>(outcome: &Result<T, Error>) -> LedgerOutcome {
    match outcome {
        Ok(answer) => {
            let (cost, id) = (answer.cost(), answer.request_id());
            LedgerOutcome {
                charge: cost.charge,
                result: answer.result_code().map(str::to_owned),
                error: None,
                request_id: (!id.is_empty()).then(|| id.to_owned()),
                attempts: cost.attempts,
                uncertain_attempts: cost.uncertain_attempts,
            }
        }
        Err(error) => LedgerOutcome {
            charge: error.charge(),
            result: None,
            error: Some(error.label()),
            request_id: error.request_id().map(str::to_owned),
            attempts: error.attempts(),
            uncertain_attempts: 0,
        },
    }
}
