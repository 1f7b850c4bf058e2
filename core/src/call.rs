//! One call as a straight line: check, encode, remember or share; then, request by request, wait
//! for the quota, get credentials, sign, send, read and decide.

use crate::client::{Inner, Keys, Stack};
use crate::clock::{self, TOLERANCE};
use crate::config::MAX_RESPONSE_BYTES;
use crate::credentials::{CredentialsProvider, ProviderError, is_header_text};
use crate::daily::Limited;
use crate::fingerprint::Fingerprint;
use crate::generated::{CONTENT_TYPE, SERVICE};
use crate::memory::until_midnight_in_beijing;
use crate::progress::{Requests, Watched};
use crate::protocol::{self, Action, Answer, Cost};
use crate::retry::{self, Next, Standing};
use crate::sign::{self, RemoteSignature, RemoteSigner, SignerError, SigningInput, SigningRequest};
use crate::single_flight::{Deadline, Key, SingleFlight};
use crate::stats::Meter;
use crate::stop::{self, Cancels, End, Stop};
use crate::transport::{HttpHeader, HttpRequest, HttpResponse, NetworkFailure, TransportError};
use crate::{
    AnswerProblem, CallOptions, Charge, Credentials, Error, ErrorKind, Origin, Retry, RetryPolicy,
    error, events,
};
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// Shortest time a call can be given.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// Longest time a call can be given; clocks cannot count to every `Duration`.
pub(crate) const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3_600);

/// How much earlier than the call an application's transport shall end, at most.
const HOST_MARGIN: Duration = Duration::from_millis(100);

/// How much later than a deadline those leave who share a request. What ends the request itself
/// at that time says more than that the time was over.
const GRACE: Duration = Duration::from_millis(5);

/// An answer of whatever action, shared or kept.
pub(crate) type Kept = Arc<dyn Any + Send + Sync>;

/// What a call is held to.
#[derive(Clone, Debug)]
struct Plan {
    /// When it must end, on the steady clock: later than it began with, if others share its
    /// requests who have more time.
    deadline: Deadline,
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
        cancels: Cancels<'_>,
        watched: Option<Arc<Watched>>,
    ) -> Result<A::Answer, Error> {
        let begun = self.timeline.elapsed();
        let mut meter = Meter::new(&self.stats, &*self.timeline, begun, watched);
        let outcome = match self.plan(begun, options) {
            Ok(plan) => {
                let asked = {
                    let asked = pin!(self.ask(request, options, &plan, cancels, &mut meter));
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
            self.timeline.elapsed().saturating_sub(begun),
        );
        outcome
    }

    /// What the call is held to.
    fn plan(&self, begun: Duration, options: &CallOptions) -> Result<Plan, Error> {
        let timeout = checked(options.timeout.unwrap_or(self.timeout))?;
        Ok(Plan {
            deadline: Deadline::new(begun.saturating_add(timeout)),
            retry: match &options.retry {
                Some(own) => own.clone().checked()?,
                None => self.retry.clone(),
            },
        })
    }

    /// Checks the request, and takes the answer from wherever it is to be had.
    async fn ask<A: Action>(
        self: &Arc<Self>,
        request: &A,
        options: &CallOptions,
        plan: &Plan,
        cancels: Cancels<'_>,
        meter: &mut Meter<'_>,
    ) -> Result<A::Answer, Error> {
        if options.local_check.unwrap_or(self.local_check) {
            request.check(self.clock.now(&*self.timeline))?;
        }
        let plain = protocol::encode(request);
        check_size::<A>(&plain)?;
        if cancels.is_cancelled() {
            return Err(cancelled(false, 0));
        }
        if options.fresh {
            let body = self.body(request, plain)?;
            return self
                .alone::<A>(&body, plan, cancels, meter.requests())
                .await;
        }
        self.recalled_or_asked(request, plain, plan, cancels, meter)
            .await
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
        cancels: Cancels<'_>,
        meter: &mut Meter<'_>,
    ) -> Result<A::Answer, Error> {
        let Some(prints) = &self.prints else {
            let body = self.body(request, plain)?;
            return self
                .alone::<A>(&body, plan, cancels, meter.requests())
                .await;
        };
        // Of the plain request: the encrypted one never looks the same twice.
        let whole = prints.of(A::INFO.name, &plain);
        if let Some(answer) = self.recall(request, whole) {
            return Ok(answer);
        }
        let body = self.body(request, plain)?;
        let outcome = match &self.flights {
            Some(flights) => {
                self.shared::<A>(flights, whole, body, plan, cancels, meter)
                    .await
            }
            None => {
                self.alone::<A>(&body, plan, cancels, meter.requests())
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
        flights: &SingleFlight<Result<Kept, Error>>,
        whole: Fingerprint,
        body: Vec<u8>,
        plan: &Plan,
        cancels: Cancels<'_>,
        meter: &mut Meter<'_>,
    ) -> Result<A::Answer, Error> {
        let key = Key {
            request: whole,
            retry: plan.retry.clone(),
        };
        // By now: others may extend the plan.
        let (own_end, time) = (plan.deadline.at(), self.left(plan));
        let requests = Arc::clone(meter.requests());
        let may_join = |deadline: Duration| {
            // A host's transport was told when to end. Where that is much earlier than our own time,
            // we had better ask for ourselves.
            let its_time = deadline.saturating_sub(self.timeline.elapsed());
            matches!(self.stack, Stack::Own(_)) || its_time >= time / 2
        };
        let flight = flights.join(key, &requests, &plan.deadline, may_join, || {
            let (inner, plan, requests) = (Arc::clone(self), plan.clone(), Arc::clone(&requests));
            async move {
                let exchange = pin!(inner.exchange::<A>(&body, &plan, &requests));
                match without_panic(exchange).await {
                    Some(outcome) => outcome.map(|answer| Arc::new(answer) as Kept),
                    None => Err(panicked(requests.attempts())),
                }
            }
        });
        meter.follow(flight.requests());
        let outcome = pin!(flight.outcome());
        let own_end = own_end.saturating_add(GRACE);
        let end = if flight.has_joined() {
            End::At(own_end)
        } else {
            End::IfExtended(own_end, &plan.deadline)
        };
        let bounded = stop::until(&*self.timeline, outcome, end, cancels);
        let kept = match bounded.await {
            Ok(outcome) => outcome?,
            Err(stop) => return Err(stopped(stop, flight.requests())),
        };
        let Some(mut answer) = kept.downcast_ref::<A::Answer>().cloned() else {
            return Err(Error::configuration("two actions have one name"));
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
        cancels: Cancels<'_>,
        requests: &Arc<Requests>,
    ) -> Result<A::Answer, Error> {
        let exchange = pin!(self.exchange::<A>(body, plan, requests));
        // Each part of it is bounded by the plan.
        match stop::until(&*self.timeline, exchange, End::Never, cancels).await {
            Ok(outcome) => outcome,
            Err(stop) => Err(stopped(stop, requests)),
        }
    }

    /// Sends the request, and sends it again while that is free and helps.
    async fn exchange<A: Action>(
        &self,
        body: &[u8],
        plan: &Plan,
        requests: &Arc<Requests>,
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
                return past.end(timed_out(false, requests.attempts()));
            }
            let (signed_at, is_our_time) = (signed.timestamp, signed.is_our_time);
            let http = self.http_request::<A>(signed, body, self.stack_timeout(timeout));
            requests.begins();
            let attempt = requests.attempts();
            self.stats.request(attempt);
            events::request(A::INFO.name, self.endpoint.host(), attempt);
            let sent = self.send(http, plan, requests).await;
            let ended = self.read::<A>(sent, signed_at, attempt, past.uncertain);
            requests.returned(ended.standing == Standing::Unknown || past.uncertain > 0);
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
                    // Whichever answer corrected it: calls at the same time are refused together.
                    let now = self.clock.now(&*self.timeline);
                    let is_first = !past.clock_corrected;
                    past.clock_corrected = true;
                    is_first && is_our_time && now.abs_diff(signed_at) > TOLERANCE
                }
                Next::RefreshCredentials => {
                    past.refused = credentials;
                    let is_first = !past.credentials_refreshed;
                    past.credentials_refreshed = true;
                    is_first && !matches!(self.keys, Keys::Fixed(_))
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
            && self.within(plan, pin!(quota.take())).await.is_none()
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
        let mut asked = provider.provide(refused.clone());
        match self.within(plan, asked.as_mut()).await {
            Some(Ok(same)) if refused.is_some_and(|refused| refused.is_same(&same)) => Err(
                Error::credentials(&format!("{name}it gave the refused ones again")),
            ),
            Some(Ok(provided)) => Ok(provided),
            Some(Err(ProviderError::Unavailable { reason })) => {
                Err(Error::credentials(&format!("{name}{reason}")))
            }
            None => Err(Error::credentials(&format!("{name}the time was over"))),
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
            is_our_time: true,
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
        let mut asked = signer.sign(SigningRequest {
            host: self.endpoint.host().to_owned(),
            service: SERVICE.to_owned(),
            action: A::INFO.name.to_owned(),
            version: A::INFO.version.to_owned(),
            timestamp,
            content_type: CONTENT_TYPE.to_owned(),
            payload_sha256,
        });
        match self.within(plan, asked.as_mut()).await {
            Some(Ok(signature)) if is_header(&signature) => Ok(Signed {
                timestamp: signature.timestamp.unwrap_or(timestamp),
                is_our_time: signature.timestamp.is_none(),
                authorization: signature.authorization,
                token: signature.token,
            }),
            Some(Ok(_)) => Err(Error::credentials("remote signer: its answer is no header")),
            Some(Err(SignerError::Unavailable { reason })) => {
                // It may have been the time that it refused; what we learnt of that may be wrong.
                self.clock.forget();
                Err(Error::credentials(&format!("remote signer: {reason}")))
            }
            None => Err(Error::credentials("remote signer: the time was over")),
        }
    }

    /// Sends one request and waits for its answer or its deadline.
    async fn send(
        &self,
        http: HttpRequest,
        plan: &Plan,
        requests: &Arc<Requests>,
    ) -> Result<HttpResponse, TransportError> {
        let sent = match &self.stack {
            #[cfg(feature = "reqwest")]
            Stack::Own(transport) => {
                let exchange = pin!(transport.exchange(http, requests));
                self.within(plan, exchange).await
            }
            #[cfg(not(feature = "reqwest"))]
            Stack::Own(nothing) => match **nothing {},
            Stack::Host(transport) => {
                // It does not say when it writes the first byte.
                requests.leaves();
                self.within(plan, transport.send(http).as_mut()).await
            }
        };
        sent.unwrap_or_else(|| {
            Err(TransportError::Failed {
                failure: NetworkFailure::Timeout,
                sent: requests.has_left(),
            })
        })
    }

    /// Waits for a part of a call until the call's time is over, which others may extend while it
    /// waits.
    async fn within<F: Future + ?Sized>(
        &self,
        plan: &Plan,
        part: Pin<&mut F>,
    ) -> Option<F::Output> {
        let bounded = stop::until(
            &*self.timeline,
            part,
            End::Of(&plan.deadline),
            Cancels::default(),
        );
        bounded.await.ok()
    }

    /// Reads what came back, and how it stands with repeating it.
    fn read<A: Action>(
        &self,
        sent: Result<HttpResponse, TransportError>,
        signed_at: u64,
        attempts: u32,
        uncertain: u32,
    ) -> Ended<A::Answer> {
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                events::failed(A::INFO.name, &error);
                let standing = standing_of(&error);
                // Told on this thread a moment ago, in the same poll.
                let thrown = crate::progress::take_thrown();
                let outcome = Err(failed(error, thrown).after(attempts, uncertain));
                return Ended {
                    outcome,
                    standing,
                    retry_after: None,
                };
            }
        };
        let read = protocol::read::<A>(&response, attempts);
        let (outcome, standing) = match self.refuse_repeated_request_id(read, &response, attempts) {
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
        let signed = match standing {
            Standing::Free(Retry::CorrectClock) => clock::Signed::Refused(signed_at),
            _ => clock::Signed::Good(signed_at),
        };
        if date.is_some_and(|date| self.clock.learn(date, signed, &*self.timeline)) {
            events::clock_corrected();
        }
        let now = self.clock.now(&*self.timeline);
        let retry_after = response.header("Retry-After");
        Ended {
            outcome,
            standing,
            retry_after: retry_after.and_then(|header| retry::retry_after(header, now)),
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
        plan.deadline.at().saturating_sub(self.timeline.elapsed())
    }

    /// The time that the HTTP stack is told. An application's has to end a little earlier than the
    /// call, to say itself whether anything has left: after the call's end nobody listens.
    fn stack_timeout(&self, left: Duration) -> Duration {
        match &self.stack {
            Stack::Own(_) => left,
            Stack::Host(_) => left - (left / 10).min(HOST_MARGIN),
        }
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
    /// Whether the time is what this client's clock showed, and not what somebody else chose.
    is_our_time: bool,
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
    retry_after: Option<Duration>,
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

const fn panicked(attempts: u32) -> Error {
    Error::Panic {
        charge: Charge::Unknown,
        attempts,
    }
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

pub(crate) fn checked(timeout: Duration) -> Result<Duration, Error> {
    if timeout < MIN_TIMEOUT {
        Err(Error::configuration("the timeout is shorter than 1 ms"))
    } else if timeout > MAX_TIMEOUT {
        Err(Error::configuration("the timeout is longer than a day"))
    } else {
        Ok(timeout)
    }
}

/// The service would refuse a larger body; refusing it here costs no request.
fn check_size<A: Action>(body: &[u8]) -> Result<(), Error> {
    match A::INFO.request_bytes {
        Some(limit) if body.len() as u64 > limit => Err(Error::configuration(&format!(
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
        detail: None,
        sent,
        charge: charge_of(sent),
        attempts,
    }
}

/// A call that stops waiting. A transport is stopped wherever it is; it may just have written.
fn stopped(stop: Stop, requests: &Requests) -> Error {
    let (sent, attempts) = (requests.is_at_risk(), requests.attempts());
    match stop {
        Stop::Cancelled => cancelled(sent, attempts),
        Stop::Deadline => timed_out(sent, attempts),
    }
}

/// A request that never left may be repeated.
fn standing_of(error: &TransportError) -> Standing {
    let TransportError::Failed { failure, sent } = error;
    match (sent, failure) {
        (true, _) | (_, NetworkFailure::AnswerTooLarge) => Standing::Unknown,
        (false, failure) => Standing::Free(failure.retry()),
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
mod tests;
