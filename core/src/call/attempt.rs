//! The requests of one call, one after the other: wait for the rate limit, sign, send, read, and send again while
//! that is free and helps.

use super::authorize::Authorization;
use super::engine::{Authenticator, Engine, TransportHandle};
use super::limits::CallLimits;
use super::outcome::{RetryDecision, Retryability, decide, timed_out};
use super::outgoing::Outgoing;
use crate::config::MAX_RESPONSE_BYTES;
use crate::generated::CONTENT_TYPE;
use crate::progress::AttemptProgress;
use crate::protocol::Action;
use crate::time::deadline::MIN_TIMEOUT;
use crate::time::service_clock::TOLERANCE;
use crate::transport::{HttpHeader, HttpRequest, HttpResponse, NetworkFailure, TransportError};
use crate::{Credentials, Error, events, sign};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How much earlier than the call an application's transport shall end, at most.
const HOST_MARGIN: Duration = Duration::from_millis(100);

/// What the earlier requests of a call have come to.
struct AttemptHistory<T> {
    uncertain: u32,
    clock_corrected: bool,
    credentials_refreshed: bool,
    refused: Option<Arc<Credentials>>,
    last: Option<Result<T, Error>>,
}

impl<T> Default for AttemptHistory<T> {
    fn default() -> Self {
        Self {
            uncertain: 0,
            clock_corrected: false,
            credentials_refreshed: false,
            refused: None,
            last: None,
        }
    }
}

impl<T> AttemptHistory<T> {
    /// The outcome of a call that cannot go on: the latest there is.
    fn end(self, error: Error) -> Result<T, Error> {
        self.last.unwrap_or(Err(error))
    }
}

impl Engine {
    /// Claims the call, sends its requests, and says what came of it.
    pub(super) async fn exchange<A: Action>(
        &self,
        outgoing: &Outgoing,
        limits: &CallLimits,
        requests: &Arc<AttemptProgress>,
    ) -> Result<A::Answer, Error> {
        let outcome = self.requests::<A>(outgoing, limits, requests).await;
        if let Some(claim) = &outgoing.claim {
            self.settle(Some(claim), &outcome, limits).await;
        }
        outcome
    }

    /// Sends the request, and sends it again while that is free and helps.
    async fn requests<A: Action>(
        &self,
        outgoing: &Outgoing,
        limits: &CallLimits,
        requests: &Arc<AttemptProgress>,
    ) -> Result<A::Answer, Error> {
        let body = &outgoing.body;
        let mut history = AttemptHistory::<A::Answer>::default();
        loop {
            let refused = history.refused.take();
            let (signed, credentials) = match self.prepare::<A>(body, limits, refused).await {
                Ok(prepared) => prepared,
                Err(error) => return history.end(error),
            };
            // As late as can be: what is claimed and not settled counts as sent.
            if let Some(claim) = &outgoing.claim
                && let Some(answer) = self.claim::<A>(claim, limits).await?
            {
                return Ok(answer);
            }
            let timeout = self.left(limits);
            if timeout < MIN_TIMEOUT {
                return history.end(timed_out(false, requests.attempts()));
            }
            let (signed_at, is_our_time) = (signed.timestamp, signed.is_our_time);
            let http = self.http_request::<A>(signed, body, self.transport_timeout(timeout));
            requests.attempt_started();
            let attempt = requests.attempts();
            self.stats.request(attempt);
            events::request(A::INFO.name, self.endpoint.host(), attempt);
            let sent = self.send(http, limits, requests).await;
            let ended = self.read::<A>(sent, signed_at, attempt, history.uncertain);
            requests.attempt_finished(
                ended.retryability == Retryability::Unknown || history.uncertain > 0,
            );
            let next = decide(ended.retryability, attempt, &limits.retry);
            let again = match next {
                RetryDecision::GiveUp => false,
                RetryDecision::Wait => {
                    let delay =
                        limits
                            .retry
                            .delay(attempt, ended.retry_after, self.time_source.jitter());
                    events::repeats(A::INFO.name, &next, delay);
                    self.pause(delay, limits).await
                }
                RetryDecision::CorrectClock => {
                    // Whichever answer corrected it: calls at the same time are refused together.
                    let now = self.clock.now(&*self.time_source);
                    let is_first = !history.clock_corrected;
                    history.clock_corrected = true;
                    is_first && is_our_time && now.abs_diff(signed_at) > TOLERANCE
                }
                RetryDecision::RefreshCredentials => {
                    history.refused = credentials;
                    let is_first = !history.credentials_refreshed;
                    history.credentials_refreshed = true;
                    is_first && !matches!(self.authenticator, Authenticator::Fixed(_))
                }
            };
            if !again {
                return ended.outcome;
            }
            history.uncertain += u32::from(ended.retryability == Retryability::Unknown);
            history.last = Some(ended.outcome);
        }
    }

    /// Waits for the rate limit and signs, in this order, so that nothing is signed long before it
    /// leaves. Gives back the credentials that a provider handed out, too.
    async fn prepare<A: Action>(
        &self,
        body: &[u8],
        limits: &CallLimits,
        refused: Option<Arc<Credentials>>,
    ) -> Result<(Authorization, Option<Arc<Credentials>>), Error> {
        // A timer costs more than the rate limit, so there is none while there is room.
        if let Some(rate_limit) = self.rate_limits.of(&A::INFO)
            && !rate_limit.try_take()
            && self.within(limits, pin!(rate_limit.take())).await.is_none()
        {
            return Err(timed_out(false, 0));
        }
        let payload_sha256 = sign::sha256_hex(body);
        match &self.authenticator {
            Authenticator::Fixed(credentials) => {
                Ok((self.sign::<A>(credentials, &payload_sha256), None))
            }
            Authenticator::Provided(name, provider) => {
                let provided = self.provided(name, &**provider, limits, refused);
                let credentials = provided.await?;
                let signed = self.sign::<A>(&credentials, &payload_sha256);
                Ok((signed, Some(credentials)))
            }
            Authenticator::Remote(signer) => {
                let signed = self
                    .signed_elsewhere::<A>(&**signer, limits, payload_sha256)
                    .await?;
                Ok((signed, None))
            }
        }
    }

    /// Sends one request and waits for its answer or its deadline.
    async fn send(
        &self,
        http: HttpRequest,
        limits: &CallLimits,
        requests: &Arc<AttemptProgress>,
    ) -> Result<HttpResponse, TransportError> {
        let sent = match &self.transport {
            #[cfg(feature = "reqwest")]
            TransportHandle::Own(transport) => {
                let exchange = pin!(transport.exchange(http, requests));
                self.within(limits, exchange).await
            }
            #[cfg(not(feature = "reqwest"))]
            TransportHandle::Own(nothing) => match **nothing {},
            TransportHandle::Host(transport) => {
                // It does not say when it writes the first byte.
                requests.may_have_left();
                self.within(limits, transport.send(http).as_mut()).await
            }
        };
        sent.unwrap_or_else(|| {
            Err(TransportError::Failed {
                failure: NetworkFailure::Timeout,
                sent: requests.has_left(),
            })
        })
    }

    /// Waits before a request is repeated; not at all if the time would be over then.
    async fn pause(&self, delay: Duration, limits: &CallLimits) -> bool {
        // The delay may be whatever a header said.
        if delay >= self.left(limits).saturating_sub(MIN_TIMEOUT) {
            return false;
        }
        self.time_source.sleep(delay).await;
        true
    }

    /// The time that the HTTP stack is told. An application's has to end a little earlier than the
    /// call, to say itself whether anything has left: after the call's end nobody listens.
    fn transport_timeout(&self, left: Duration) -> Duration {
        match &self.transport {
            TransportHandle::Own(_) => left,
            TransportHandle::Host(_) => left - (left / 10).min(HOST_MARGIN),
        }
    }

    fn http_request<A: Action>(
        &self,
        signed: Authorization,
        body: &[u8],
        timeout: Duration,
    ) -> HttpRequest {
        let mut headers = vec![
            header("Content-Type", CONTENT_TYPE),
            header("Authorization", signed.authorization),
            header("X-TC-Action", A::INFO.name),
            header("X-TC-Version", A::INFO.version),
            header("X-TC-Timestamp", signed.timestamp.to_string()),
        ];
        headers.extend(signed.token.map(|token| header("X-TC-Token", token)));
        headers.extend(
            self.language
                .map(|language| header("X-TC-Language", language.as_header())),
        );
        HttpRequest {
            url: self.endpoint.url().to_owned(),
            headers,
            body: body.to_vec(),
            timeout,
            max_response_bytes: MAX_RESPONSE_BYTES,
        }
    }
}

fn header(name: &str, value: impl Into<String>) -> HttpHeader {
    HttpHeader {
        name: name.to_owned(),
        value: value.into(),
    }
}
