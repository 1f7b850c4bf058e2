//! One call as a straight line: check, encode, remember or share; then, request by request, wait
//! for the quota, get credentials, sign, send, read and decide.

use crate::client::{Inner, Keys, configuration, policy};
use crate::config::MAX_RESPONSE_BYTES;
use crate::credentials::{CredentialsProvider, ProviderError, is_header_text};
use crate::daily::Limited;
use crate::fingerprint::Fingerprint;
use crate::flight::Flights;
use crate::generated::{CONTENT_TYPE, SERVICE};
use crate::memory::until_midnight_in_beijing;
use crate::protocol::{self, Action, Answer, Cost};
use crate::retry::{self, Next, Standing};
use crate::sign::{self, RemoteSignature, RemoteSigner, SignerError, SigningInput, SigningRequest};
use crate::stats::{Meter, Progress};
use crate::stop::{self, Stop};
use crate::transport::{HttpHeader, HttpRequest, HttpResponse, NetworkFailure, TransportError};
use crate::{
    AnswerProblem, CallOptions, CancelHandle, Charge, Credentials, Error, ErrorKind, Origin, Retry,
    RetryPolicy, error, events,
};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// Shortest time a call can be given.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// Longest time a call can be given; clocks cannot count to every `Duration`.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3_600);

/// An answer of whatever action, shared or kept.
pub(crate) type Kept = Arc<dyn Any + Send + Sync>;

/// What a call is held to.
#[derive(Clone, Debug)]
struct Plan {
    /// When it must end, on the steady clock.
    deadline: Duration,
    retry: RetryPolicy,
}

/// What the earlier requests of a call have come to.
struct Past<T> {
    uncertain: u32,
    clock_corrected: bool,
    credentials_refreshed: bool,
    refused: Option<Arc<Credentials>>,
    last: Option<Result<T, Error>>,
}

impl<T> Default for Past<T> {
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

impl<T> Past<T> {
    /// The outcome of a call that cannot go on: the latest there is.
    fn end(self, error: Error) -> Result<T, Error> {
        self.last.unwrap_or(Err(error))
    }
}

impl Inner {
    /// Calls an action.
    pub(crate) async fn call<A: Action>(
        self: &Arc<Self>,
        request: &A,
        options: &CallOptions,
    ) -> Result<A::Answer, Error> {
        let begun = self.timeline.elapsed();
        let timeout = checked(options.timeout.unwrap_or(self.timeout))?;
        let plan = Plan {
            deadline: begun.saturating_add(timeout),
            retry: match &options.retry {
                Some(own) => policy(own.clone())?,
                None => self.retry.clone(),
            },
        };
        if options.local_check.unwrap_or(self.local_check) {
            request.check()?;
        }
        let plain = protocol::encode(request);
        check_size::<A>(&plain)?;
        let cancel = options.cancel.as_deref();
        if cancel.is_some_and(CancelHandle::is_cancelled) {
            return Err(cancelled(false, 0));
        }
        let progress = Arc::new(Progress::default());
        let mut meter = Meter::new(&self.stats, &*self.timeline, begun, &progress);
        let outcome = if options.fresh {
            match self.body(request, plain) {
                Ok(body) => self.alone::<A>(&body, &plan, cancel, &progress).await,
                Err(error) => Err(error),
            }
        } else {
            self.recalled_or_asked(request, plain, &plan, cancel, &mut meter)
                .await
        };
        let cost = outcome.as_ref().map(Answer::cost);
        meter.end(cost);
        events::outcome(
            A::INFO.name,
            cost.map(|cost| cost.charge),
            self.timeline.elapsed().saturating_sub(begun),
        );
        outcome
    }

    /// The body to send: the plain one, or one with encrypted fields.
    fn body<A: Action>(&self, request: &A, plain: Vec<u8>) -> Result<Vec<u8>, Error> {
        let Some(sealer) = &self.sealer else {
            return Ok(plain);
        };
        let Some(sealed) = request.seal(sealer)? else {
            return Ok(plain);
        };
        let body = protocol::encode(&sealed);
        check_size::<A>(&body)?;
        Ok(body)
    }

    /// Takes the answer from memory, or asks and keeps it.
    async fn recalled_or_asked<A: Action>(
        self: &Arc<Self>,
        request: &A,
        plain: Vec<u8>,
        plan: &Plan,
        cancel: Option<&CancelHandle>,
        meter: &mut Meter<'_>,
    ) -> Result<A::Answer, Error> {
        let Some(prints) = &self.prints else {
            let body = self.body(request, plain)?;
            return self.alone::<A>(&body, plan, cancel, meter.progress()).await;
        };
        // Of the plain request: the encrypted one never looks the same twice.
        let whole = prints.of(A::INFO.name, &plain);
        if let Some(answer) = self.recall(request, whole) {
            return Ok(answer);
        }
        let body = self.body(request, plain)?;
        let outcome = match &self.flights {
            Some(flights) => {
                self.shared::<A>(flights, whole, body, plan, cancel, meter)
                    .await
            }
            None => self.alone::<A>(&body, plan, cancel, meter.progress()).await,
        };
        if let Ok(answer) = &outcome {
            self.remember(request, whole, answer);
        }
        outcome
    }

    /// An answer that an earlier call was given.
    fn recall<A: Action>(&self, request: &A, whole: Fingerprint) -> Option<A::Answer> {
        let now = self.timeline.elapsed();
        let cached = self
            .cache
            .as_ref()
            .and_then(|(_, cache)| cache.get(whole, now));
        let kept = cached.or_else(|| {
            let daily = self.daily.as_ref().filter(|daily| !daily.is_empty())?;
            daily.get(&self.limited(request, whole)?, now)
        })?;
        let mut answer = kept.downcast_ref::<A::Answer>()?.clone();
        answer.report(free(Origin::Remembered));
        Some(answer)
    }

    /// Keeps an answer for later calls, if it shall be.
    fn remember<A: Action>(&self, request: &A, whole: Fingerprint, answer: &A::Answer) {
        let now = self.timeline.elapsed();
        if let Some((ttl, cache)) = &self.cache
            && answer.cost().charge == Charge::Charged
        {
            cache.keep(whole, now.saturating_add(*ttl), Arc::new(answer.clone()));
        }
        let Some(daily) = &self.daily else { return };
        if answer.retry() == Retry::NextDay {
            let until = now + until_midnight_in_beijing(self.clock.now(&*self.timeline));
            if let Some(limited) = self.limited(request, whole) {
                let kept: Kept = Arc::new(answer.clone());
                daily.met(&limited, now, until, &kept);
            }
        } else if !daily.is_empty()
            && let Some(limited) = self.limited(request, whole)
        {
            daily.passed(&limited);
        }
    }

    fn limited<A: Action>(&self, request: &A, whole: Fingerprint) -> Option<Limited> {
        let prints = self.prints.as_ref()?;
        let values = request.daily_values().into_iter().enumerate();
        Some(Limited {
            whole,
            values: values
                .map(|(index, value)| {
                    prints.of(&format!("{} {index}", A::INFO.name), value.as_bytes())
                })
                .collect(),
        })
    }

    /// Joins an identical call that is under way, or begins a request that others can join.
    async fn shared<A: Action>(
        self: &Arc<Self>,
        flights: &Flights<Result<Kept, Error>>,
        whole: Fingerprint,
        body: Vec<u8>,
        plan: &Plan,
        cancel: Option<&CancelHandle>,
        meter: &mut Meter<'_>,
    ) -> Result<A::Answer, Error> {
        let (flight, joined) = flights.join(whole, || {
            let (inner, plan) = (Arc::clone(self), plan.clone());
            let progress = Arc::clone(meter.progress());
            let task_progress = Arc::clone(&progress);
            let task = Box::pin(async move {
                let outcome = inner.exchange::<A>(&body, &plan, &task_progress).await;
                outcome.map(|answer| Arc::new(answer) as Kept)
            });
            (progress, task)
        });
        meter.follow(flight.progress());
        // The one that began it is held to its time by the requests themselves.
        let time = joined.then(|| self.left(plan));
        let kept = match stop::until(flight.outcome(), time, cancel).await {
            Ok(outcome) => outcome?,
            Err(stop) => return Err(stopped(stop, flight.progress())),
        };
        let Some(mut answer) = kept.downcast_ref::<A::Answer>().cloned() else {
            return Err(configuration("two actions have one name"));
        };
        let cost = answer.cost();
        if cost.charge != Charge::Unknown && !flight.claim() {
            answer.report(free(Origin::Shared));
        }
        Ok(answer)
    }

    /// Asks without sharing.
    async fn alone<A: Action>(
        &self,
        body: &[u8],
        plan: &Plan,
        cancel: Option<&CancelHandle>,
        progress: &Progress,
    ) -> Result<A::Answer, Error> {
        let exchange = self.exchange::<A>(body, plan, progress);
        match stop::until(exchange, None, cancel).await {
            Ok(outcome) => outcome,
            Err(stop) => Err(stopped(stop, progress)),
        }
    }

    /// Sends the request, and sends it again while that is free and helps.
    async fn exchange<A: Action>(
        &self,
        body: &[u8],
        plan: &Plan,
        progress: &Progress,
    ) -> Result<A::Answer, Error> {
        let mut past = Past::<A::Answer>::default();
        loop {
            let prepared = self.prepare::<A>(body, plan, past.refused.take()).await;
            let (signed, credentials) = match prepared {
                Ok(prepared) => prepared,
                Err(error) => return past.end(error),
            };
            let timeout = self.left(plan);
            if timeout < MIN_TIMEOUT {
                return past.end(timed_out(false, progress.attempts()));
            }
            let http = self.http_request::<A>(signed, body, timeout);
            progress.leaves();
            let attempt = progress.attempts();
            self.stats.request(attempt);
            events::request(A::INFO.name, self.endpoint.host(), attempt);
            let sent = self.send(http, timeout).await;
            let ended = self.read::<A>(sent, attempt, past.uncertain);
            progress.returned(ended.standing == Standing::Unknown || past.uncertain > 0);
            let next = retry::next(ended.standing, attempt, &plan.retry);
            let again = match next {
                Next::Stop => false,
                Next::Wait => {
                    let delay =
                        plan.retry
                            .delay(attempt, ended.retry_after, self.timeline.chance());
                    events::repeats(A::INFO.name, next, delay);
                    self.pause(delay, plan).await
                }
                Next::CorrectClock => {
                    ended.clock_corrected && !std::mem::replace(&mut past.clock_corrected, true)
                }
                Next::RefreshCredentials => {
                    past.refused = credentials;
                    !matches!(self.keys, Keys::Fixed(_))
                        && !std::mem::replace(&mut past.credentials_refreshed, true)
                }
            };
            if !again {
                return ended.outcome;
            }
            past.uncertain += u32::from(ended.standing == Standing::Unknown);
            past.last = Some(ended.outcome);
        }
    }

    /// Waits for the quota and signs, in this order, so that nothing is signed long before it
    /// leaves. Gives back the credentials that a provider handed out, too.
    async fn prepare<A: Action>(
        &self,
        body: &[u8],
        plan: &Plan,
        refused: Option<Arc<Credentials>>,
    ) -> Result<(Signed, Option<Arc<Credentials>>), Error> {
        // A timer costs more than the quota, so there is none while there is room.
        if let Some(quota) = self.quotas.of(&A::INFO)
            && !quota.try_take()
            && stop::until(quota.take(), Some(self.left(plan)), None)
                .await
                .is_err()
        {
            return Err(timed_out(false, 0));
        }
        let payload_sha256 = sign::sha256_hex(body);
        match &self.keys {
            Keys::Fixed(credentials) => Ok((self.sign::<A>(credentials, &payload_sha256), None)),
            Keys::Provided(name, provider) => {
                let provided = self.provided(name, &**provider, plan, refused);
                let credentials = provided.await?;
                let signed = self.sign::<A>(&credentials, &payload_sha256);
                Ok((signed, Some(credentials)))
            }
            Keys::Remote(signer) => {
                let signed = self
                    .signed_elsewhere::<A>(&**signer, plan, payload_sha256)
                    .await?;
                Ok((signed, None))
            }
        }
    }

    /// Credentials of the provider, others than those that were refused.
    async fn provided(
        &self,
        name: &str,
        provider: &dyn CredentialsProvider,
        plan: &Plan,
        refused: Option<Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, Error> {
        let asked = provider.provide(refused.clone());
        match stop::until(asked, Some(self.left(plan)), None).await {
            Ok(Ok(same)) if refused.is_some_and(|refused| refused.is_same(&same)) => Err(
                credentials(&format!("{name}it gave the refused ones again")),
            ),
            Ok(Ok(provided)) => Ok(provided),
            Ok(Err(ProviderError::Unavailable { reason })) => {
                Err(credentials(&format!("{name}{reason}")))
            }
            Err(_) => Err(credentials(&format!("{name}the time was over"))),
        }
    }

    /// Signs with a key that is here.
    fn sign<A: Action>(&self, credentials: &Arc<Credentials>, payload_sha256: &str) -> Signed {
        let timestamp = self.clock.now(&*self.timeline);
        let input = SigningInput {
            host: self.endpoint.host(),
            action: A::INFO.name,
            timestamp,
            payload_sha256,
        };
        Signed {
            timestamp,
            authorization: self.signer.authorization(credentials, &input),
            token: credentials.token().map(str::to_owned),
        }
    }

    /// Has the hash of the request signed where the key is.
    async fn signed_elsewhere<A: Action>(
        &self,
        signer: &dyn RemoteSigner,
        plan: &Plan,
        payload_sha256: String,
    ) -> Result<Signed, Error> {
        let timestamp = self.clock.now(&*self.timeline);
        let asked = signer.sign(SigningRequest {
            host: self.endpoint.host().to_owned(),
            service: SERVICE.to_owned(),
            action: A::INFO.name.to_owned(),
            version: A::INFO.version.to_owned(),
            timestamp,
            content_type: CONTENT_TYPE.to_owned(),
            payload_sha256,
        });
        match stop::until(asked, Some(self.left(plan)), None).await {
            Ok(Ok(signature)) if is_header(&signature) => Ok(Signed {
                timestamp,
                authorization: signature.authorization,
                token: signature.token,
            }),
            Ok(Ok(_)) => Err(credentials("remote signer: its answer is no header")),
            Ok(Err(SignerError::Unavailable { reason })) => {
                Err(credentials(&format!("remote signer: {reason}")))
            }
            Err(_) => Err(credentials("remote signer: the time was over")),
        }
    }

    /// Sends one request and waits for its answer or its deadline.
    async fn send(
        &self,
        http: HttpRequest,
        timeout: Duration,
    ) -> Result<HttpResponse, TransportError> {
        let guard = self.stack.is_host.then_some(timeout);
        match stop::until(self.stack.transport.send(http), guard, None).await {
            Ok(sent) => sent,
            Err(_) => Err(TransportError::Failed {
                failure: NetworkFailure::Timeout,
                sent: true,
            }),
        }
    }

    /// Reads what came back, and how it stands with repeating it.
    fn read<A: Action>(
        &self,
        sent: Result<HttpResponse, TransportError>,
        attempts: u32,
        uncertain: u32,
    ) -> Ended<A::Answer> {
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                events::failed(A::INFO.name, &error);
                let standing = standing_of(&error);
                let outcome = Err(failed(error).after(attempts, uncertain));
                return Ended {
                    outcome,
                    standing,
                    clock_corrected: false,
                    retry_after: None,
                };
            }
        };
        let (outcome, standing) = match protocol::read::<A>(&response, attempts) {
            Ok(mut answer) => {
                let cost = answer.cost();
                let standing = match cost.charge {
                    Charge::NotCharged => Standing::Free(answer.retry()),
                    Charge::Charged | Charge::Unknown => Standing::Answered,
                };
                answer.report(Cost {
                    charge: after_uncertain(cost.charge, uncertain),
                    attempts,
                    uncertain_attempts: uncertain,
                    origin: Origin::Service,
                });
                (Ok(answer), standing)
            }
            Err(error) => {
                let standing = match (&error, error.charge()) {
                    (Error::Service { code, .. }, Charge::NotCharged) => {
                        Standing::Free(error::facts(code).retry)
                    }
                    _ => Standing::Unknown,
                };
                (Err(error.after(attempts, uncertain)), standing)
            }
        };
        if let Err(Error::Service { kind, .. }) = &outcome
            && *kind == ErrorKind::Throttled
            && let Some(quota) = self.quotas.of(&A::INFO)
        {
            quota.refused();
        }
        // Only what has the form of an answer came from the service, and not from what is between.
        let is_answer = !matches!(outcome, Err(Error::UnreadableAnswer { .. }));
        let date = response.header("Date").filter(|_| is_answer);
        let clock_corrected = date.is_some_and(|date| self.clock.learn(date, &*self.timeline));
        if clock_corrected {
            events::clock_corrected();
        }
        let retry_after = response.header("Retry-After").and_then(retry::retry_after);
        Ended {
            outcome,
            standing,
            clock_corrected,
            retry_after,
        }
    }

    /// Waits before a request is repeated; not at all if the time would be over then.
    async fn pause(&self, delay: Duration, plan: &Plan) -> bool {
        // The delay may be whatever a header said.
        if delay >= self.left(plan).saturating_sub(MIN_TIMEOUT) {
            return false;
        }
        self.timeline.sleep(delay).await;
        true
    }

    fn left(&self, plan: &Plan) -> Duration {
        plan.deadline.saturating_sub(self.timeline.elapsed())
    }

    fn http_request<A: Action>(
        &self,
        signed: Signed,
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

/// A signature, wherever it was made.
struct Signed {
    timestamp: u64,
    authorization: String,
    token: Option<String>,
}

/// Whether a signature from elsewhere can be sent as headers.
fn is_header(signature: &RemoteSignature) -> bool {
    let texts = [Some(&signature.authorization), signature.token.as_ref()];
    let mut texts = texts.into_iter().flatten();
    texts.all(|text| !text.is_empty() && is_header_text(text))
}

/// How one request has ended.
struct Ended<T> {
    outcome: Result<T, Error>,
    standing: Standing,
    clock_corrected: bool,
    retry_after: Option<Duration>,
}

const fn free(origin: Origin) -> Cost {
    Cost {
        charge: Charge::NotCharged,
        attempts: 0,
        uncertain_attempts: 0,
        origin,
    }
}

/// What a call cost whose last request cost so much, and some before it nobody knows what.
const fn after_uncertain(charge: Charge, uncertain: u32) -> Charge {
    match charge {
        Charge::NotCharged if uncertain > 0 => Charge::Unknown,
        charge => charge,
    }
}

fn header(name: &str, value: impl Into<String>) -> HttpHeader {
    HttpHeader {
        name: name.to_owned(),
        value: value.into(),
    }
}

fn credentials(detail: &str) -> Error {
    Error::Credentials {
        detail: detail.to_owned(),
    }
}

pub(crate) fn checked(timeout: Duration) -> Result<Duration, Error> {
    if timeout < MIN_TIMEOUT {
        Err(configuration("the timeout is shorter than 1 ms"))
    } else if timeout > MAX_TIMEOUT {
        Err(configuration("the timeout is longer than a day"))
    } else {
        Ok(timeout)
    }
}

/// The service would refuse a larger body; refusing it here costs no request.
fn check_size<A: Action>(body: &[u8]) -> Result<(), Error> {
    match A::INFO.request_bytes {
        Some(limit) if body.len() as u64 > limit => Err(configuration(&format!(
            "the request has {} bytes, the service takes {limit}",
            body.len()
        ))),
        _ => Ok(()),
    }
}

const fn charge_of(sent: bool) -> Charge {
    if sent {
        Charge::Unknown
    } else {
        Charge::NotCharged
    }
}

const fn cancelled(sent: bool, attempts: u32) -> Error {
    Error::Cancelled {
        sent,
        charge: charge_of(sent),
        attempts,
    }
}

const fn timed_out(sent: bool, attempts: u32) -> Error {
    Error::Network {
        failure: NetworkFailure::Timeout,
        sent,
        charge: charge_of(sent),
        attempts,
    }
}

/// A call that stops waiting. A transport is stopped wherever it is; it may just have written.
fn stopped(stop: Stop, progress: &Progress) -> Error {
    let (sent, attempts) = (progress.is_at_risk(), progress.attempts());
    match stop {
        Stop::Cancelled => cancelled(sent, attempts),
        Stop::Deadline => timed_out(sent, attempts),
    }
}

/// A request that never left may be repeated; a certificate that was refused will be again.
fn standing_of(error: &TransportError) -> Standing {
    let TransportError::Failed { failure, sent } = error;
    match (sent, failure) {
        (true, _) | (_, NetworkFailure::AnswerTooLarge) => Standing::Unknown,
        (false, NetworkFailure::Tls) => Standing::Free(Retry::Never),
        (false, _) => Standing::Free(Retry::Backoff),
    }
}

fn failed(error: TransportError) -> Error {
    let TransportError::Failed { failure, sent } = error;
    match failure {
        NetworkFailure::AnswerTooLarge => Error::UnreadableAnswer {
            problem: AnswerProblem::TooLarge,
            detail: format!("the body has more than {MAX_RESPONSE_BYTES} bytes"),
            http_status: 0,
            request_id: None,
            charge: Charge::Unknown,
            attempts: 1,
        },
        failure => Error::Network {
            failure,
            sent,
            charge: charge_of(sent),
            attempts: 1,
        },
    }
}

#[cfg(test)]
mod tests;
