//! Decides what an attempt cost, whether it may be repeated, and what the caller is told.

use super::engine::Engine;
use crate::config::MAX_RESPONSE_BYTES;
use crate::outcome::Cost;
use crate::progress::AttemptProgress;
use crate::protocol::{self, Action, Answer};
use crate::time::deadline::StopReason;
use crate::time::service_clock::SignedTime;
use crate::transport::{HttpResponse, NetworkFailure, TransportError};
use crate::{
    AnswerOrigin, AnswerProblem, Charge, Error, ErrorKind, Retry, RetryPolicy, error, events,
};
use std::time::{Duration, UNIX_EPOCH};

/// What an attempt has come to, as far as repeating it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retryability {
    /// It surely cost nothing, and may be repeated when this says so.
    Free(Retry),
    /// There is an answer, and it is charged or may be.
    Answered,
    /// There is none, and it may have been charged.
    Unknown,
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryDecision {
    /// Give the outcome back.
    GiveUp,
    /// Repeat after a wait.
    Wait,
    /// Repeat with a corrected clock, if it could be corrected.
    CorrectClock,
    /// Repeat with other credentials, if there are any.
    RefreshCredentials,
}

/// Decides, knowing nothing but the retryability and the policy.
pub(super) fn decide(
    retryability: Retryability,
    attempts: u32,
    policy: &RetryPolicy,
) -> RetryDecision {
    if attempts >= policy.max_attempts {
        return RetryDecision::GiveUp;
    }
    match retryability {
        Retryability::Answered => RetryDecision::GiveUp,
        Retryability::Unknown if policy.retry_unknown_charge => RetryDecision::Wait,
        Retryability::Unknown => RetryDecision::GiveUp,
        Retryability::Free(Retry::Backoff) => RetryDecision::Wait,
        Retryability::Free(Retry::CorrectClock) => RetryDecision::CorrectClock,
        Retryability::Free(Retry::RefreshCredentials) => RetryDecision::RefreshCredentials,
        Retryability::Free(Retry::Never | Retry::NextDay) => RetryDecision::GiveUp,
    }
}

/// The wait that a `Retry-After` header asks for: seconds, or a date, which is seen from `now`, the
/// service's Unix time. A date in the past asks for none.
fn retry_after(header: &str, now: u64) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    let date = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(date.saturating_sub(now)))
}

/// How one request has ended.
pub(super) struct AttemptOutcome<T> {
    pub(super) outcome: Result<T, Error>,
    pub(super) retryability: Retryability,
    pub(super) retry_after: Option<Duration>,
}

impl Engine {
    /// Reads what came back, and how it stands with repeating it.
    pub(super) fn read<A: Action>(
        &self,
        sent: Result<HttpResponse, TransportError>,
        signed_at: u64,
        attempts: u32,
        uncertain: u32,
    ) -> AttemptOutcome<A::Answer> {
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                events::failed(A::INFO.name, &error);
                return unanswered(error, attempts, uncertain);
            }
        };
        let read = protocol::read::<A>(&response, attempts);
        let read = self.refuse_repeated_request_id(read, &response, attempts);
        let (outcome, retryability) = charged(read, attempts, uncertain);
        if let Err(Error::Service { kind, .. }) = &outcome
            && *kind == ErrorKind::Throttled
            && let Some(rate_limit) = self.rate_limits.of(&A::INFO)
        {
            rate_limit.refused();
        }
        // Only what has the form of an answer came from the service, and not from what is between.
        let is_answer = !matches!(outcome, Err(Error::UnreadableAnswer { .. }));
        let date = response.header("Date").filter(|_| is_answer);
        let signed = match retryability {
            Retryability::Free(Retry::CorrectClock) => SignedTime::Refused(signed_at),
            _ => SignedTime::Accepted(signed_at),
        };
        if date.is_some_and(|date| self.clock.sync_from_date(date, signed, &*self.time_source)) {
            events::clock_corrected();
        }
        let now = self.clock.now(&*self.time_source);
        let header = response.header("Retry-After");
        AttemptOutcome {
            outcome,
            retryability,
            retry_after: header.and_then(|header| retry_after(header, now)),
        }
    }

    /// What was read, unless its request id is that of an earlier answer.
    fn refuse_repeated_request_id<T: Answer>(
        &self,
        read: Result<T, Error>,
        response: &HttpResponse,
        attempts: u32,
    ) -> Result<T, Error> {
        let id = match &read {
            Ok(answer) => answer.request_id(),
            Err(error @ Error::Service { .. }) => error.request_id().unwrap_or_default(),
            Err(_) => "",
        };
        if self.request_ids.is_new(id) {
            return read;
        }
        Err(Error::UnreadableAnswer {
            problem: AnswerProblem::RepeatedRequestId,
            detail: "its request id is that of an earlier answer".to_owned(),
            http_status: Some(response.status),
            request_id: Some(id.to_owned()),
            charge: Charge::Unknown,
            attempts,
        })
    }
}

pub(super) const fn panicked(attempts: u32) -> Error {
    Error::Panic {
        charge: Charge::Unknown,
        attempts,
    }
}

pub(super) const fn free(origin: AnswerOrigin) -> Cost {
    Cost {
        charge: Charge::NotCharged,
        attempts: 0,
        uncertain_attempts: 0,
        origin,
    }
}

/// A request without an answer.
fn unanswered<T>(error: TransportError, attempts: u32, uncertain: u32) -> AttemptOutcome<T> {
    let retryability = retryability_of(&error);
    // Told on this thread a moment ago, in the same poll.
    let thrown = crate::progress::take_thrown();
    AttemptOutcome {
        outcome: Err(failed(error, thrown).after(attempts, uncertain)),
        retryability,
        retry_after: None,
    }
}

/// What an answer cost the call, and whether it may be repeated.
fn charged<T: Answer>(
    read: Result<T, Error>,
    attempts: u32,
    uncertain: u32,
) -> (Result<T, Error>, Retryability) {
    match read {
        Ok(mut answer) => {
            let cost = answer.cost();
            let retryability = match cost.charge {
                Charge::NotCharged => Retryability::Free(answer.retry()),
                Charge::Charged | Charge::Unknown => Retryability::Answered,
            };
            answer.report(Cost {
                charge: after_uncertain(cost.charge, uncertain),
                attempts,
                uncertain_attempts: uncertain,
                origin: AnswerOrigin::Service,
            });
            (Ok(answer), retryability)
        }
        Err(error) => {
            let retryability = match (&error, error.charge()) {
                (Error::Service { code, .. }, Charge::NotCharged) => {
                    Retryability::Free(error::facts(code).retry)
                }
                _ => Retryability::Unknown,
            };
            (Err(error.after(attempts, uncertain)), retryability)
        }
    }
}

/// What a call cost whose last request cost so much, and some before it nobody knows what.
const fn after_uncertain(charge: Charge, uncertain: u32) -> Charge {
    match charge {
        Charge::NotCharged if uncertain > 0 => Charge::Unknown,
        charge => charge,
    }
}

const fn charge_of(sent: bool) -> Charge {
    if sent {
        Charge::Unknown
    } else {
        Charge::NotCharged
    }
}

pub(super) const fn cancelled(sent: bool, attempts: u32) -> Error {
    Error::Cancelled {
        sent,
        charge: charge_of(sent),
        attempts,
    }
}

pub(super) const fn timed_out(sent: bool, attempts: u32) -> Error {
    Error::Network {
        failure: NetworkFailure::Timeout,
        detail: None,
        sent,
        charge: charge_of(sent),
        attempts,
    }
}

/// A call that stops waiting. A transport is stopped wherever it is; it may just have written.
pub(super) fn stopped(reason: StopReason, requests: &AttemptProgress) -> Error {
    let (sent, attempts) = (requests.may_be_charged(), requests.attempts());
    match reason {
        StopReason::Cancelled => cancelled(sent, attempts),
        StopReason::Deadline => timed_out(sent, attempts),
    }
}

/// A request that never left may be repeated.
fn retryability_of(error: &TransportError) -> Retryability {
    let TransportError::Failed { failure, sent } = error;
    match (sent, failure) {
        (true, _) | (_, NetworkFailure::AnswerTooLarge) => Retryability::Unknown,
        (false, failure) => Retryability::Free(failure.retry()),
    }
}

fn failed(error: TransportError, thrown: Option<String>) -> Error {
    let TransportError::Failed { failure, sent } = error;
    match failure {
        NetworkFailure::AnswerTooLarge => Error::UnreadableAnswer {
            problem: AnswerProblem::TooLarge,
            detail: format!("the body has more than {MAX_RESPONSE_BYTES} bytes"),
            http_status: None,
            request_id: None,
            charge: Charge::Unknown,
            attempts: 1,
        },
        failure => Error::Network {
            failure,
            detail: thrown,
            sent,
            charge: charge_of(sent),
            attempts: 1,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_charged_is_repeated_only_on_demand() {
        let usual = RetryPolicy::default();
        let daring = RetryPolicy {
            retry_unknown_charge: true,
            ..RetryPolicy::default()
        };
        for (retryability, policy, expected) in [
            (Retryability::Answered, &usual, RetryDecision::GiveUp),
            (Retryability::Answered, &daring, RetryDecision::GiveUp),
            (Retryability::Unknown, &usual, RetryDecision::GiveUp),
            (Retryability::Unknown, &daring, RetryDecision::Wait),
            (
                Retryability::Free(Retry::Never),
                &daring,
                RetryDecision::GiveUp,
            ),
            (
                Retryability::Free(Retry::NextDay),
                &daring,
                RetryDecision::GiveUp,
            ),
            (
                Retryability::Free(Retry::Backoff),
                &usual,
                RetryDecision::Wait,
            ),
            (
                Retryability::Free(Retry::CorrectClock),
                &usual,
                RetryDecision::CorrectClock,
            ),
            (
                Retryability::Free(Retry::RefreshCredentials),
                &usual,
                RetryDecision::RefreshCredentials,
            ),
        ] {
            assert_eq!(
                decide(retryability, 1, policy),
                expected,
                "{retryability:?}"
            );
            assert_eq!(
                decide(retryability, 3, policy),
                RetryDecision::GiveUp,
                "{retryability:?}"
            );
        }
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_date() {
        // 2026-10-21 07:28:00 UTC.
        const NOW: u64 = 1_792_567_680;
        for (header, wait) in [
            (" 7 ", Some(7)),
            ("Wed, 21 Oct 2026 07:28:30 GMT", Some(30)),
            ("Wednesday, 21-Oct-26 07:28:30 GMT", Some(30)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let wait = wait.map(Duration::from_secs);
            assert_eq!(retry_after(header, NOW), wait, "{header}");
        }
    }
}
