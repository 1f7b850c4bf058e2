//! What is served where: the service at `/`, and what tests need under `/sandbox`.

use crate::accounts::Settings;
use crate::identities::{self, Outcome, identities};
use crate::ledger::{Entry, Report, identity_key};
use crate::relay::RelayEndpoints;
use crate::replies::{Context, Refusal};
use crate::tls::{BEHIND_PROXY, TlsEndpoints};
use crate::wire::{BreakableListener, Breaker};
use crate::{
    EncryptionKeys, Endpoints, Identity, State, answers, auth, backend, metadata, parameters, spec,
};
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Query, Request, State as Shared};
use axum::http::{Method, Response, StatusCode};
use axum::middleware::{self, Next};
use axum::routing::{any, get, post, put};
use axum::{Json, Router};
use idcard_spec::ir::Action;
use idcard_spec::model::{Charge, Check};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long calls in progress may take when the sandbox stops.
pub(crate) const GRACE: Duration = Duration::from_millis(500);
/// Largest request for the exchange of a token.
const MAX_EXCHANGE_BYTES: usize = 128 * 1024;

/// Serves until it is told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    state: Arc<State>,
    mut stop: watch::Receiver<bool>,
) {
    let router = Router::new()
        .route("/", any(action))
        .route(
            "/latest/meta-data/cam/security-credentials/",
            get(metadata::roles),
        )
        .route(
            "/latest/meta-data/cam/security-credentials/{role}",
            get(metadata::role),
        )
        .route("/sandbox/identities", get(all_identities))
        .route("/sandbox/endpoints", get(endpoints))
        .route("/sandbox/encryption", get(encryption))
        .route("/sandbox/ledger", get(ledger))
        .route("/sandbox/sign/{account}", post(backend::sign))
        .route("/sandbox/accounts/{secret_id}", put(set_account))
        .with_state(state)
        .layer(middleware::from_fn(loopback_only))
        .into_make_service_with_connect_info::<Breaker>();
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    // `axum::serve` never fails: its listener waits out every error.
    let _ = axum::serve(BreakableListener::new(listener), router)
        .with_graceful_shutdown(stopped)
        .await;
}

/// Counts requests that followed a redirect.
pub(crate) async fn trap(listener: TcpListener, state: Arc<State>) {
    while let Ok((connection, _)) = listener.accept().await {
        state.ledger.redirect_followed();
        drop(connection);
    }
}

/// Refuses what was sent to another host. A page of somebody else that has its name point here would
/// otherwise read the ledger and set accounts.
async fn loopback_only(request: Request, next: Next) -> Response<Body> {
    let host = auth::header(request.headers(), "Host").unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let address = address.unwrap_or(name).parse::<IpAddr>();
    // The other name resolves nowhere; it is reached by the sandbox's own proxy alone.
    let is_here = ["localhost", BEHIND_PROXY]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
        || address.is_ok_and(|address| address.is_loopback());
    if is_here {
        return next.run(request).await;
    }
    let mut refused = Response::new(Body::from("the sandbox is for this machine alone"));
    *refused.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    refused
}

async fn all_identities() -> Json<&'static [Identity]> {
    Json(identities())
}

/// Every place by its name.
#[derive(Debug, Serialize)]
struct AllEndpoints {
    #[serde(flatten)]
    broken: Endpoints,
    #[serde(flatten)]
    tls: TlsEndpoints,
    #[serde(flatten)]
    relays: RelayEndpoints,
}

async fn endpoints(Shared(state): Shared<Arc<State>>) -> Json<AllEndpoints> {
    Json(AllEndpoints {
        broken: state.broken.endpoints.clone(),
        tls: state.tls.endpoints.clone(),
        relays: state.relays.endpoints.clone(),
    })
}

async fn encryption() -> Json<EncryptionKeys> {
    Json(EncryptionKeys::SANDBOX)
}

#[derive(Debug, Deserialize)]
struct LedgerQuery {
    account: Option<String>,
}

async fn ledger(
    Shared(state): Shared<Arc<State>>,
    Query(query): Query<LedgerQuery>,
) -> Json<Report> {
    Json(state.ledger.report(query.account.as_deref()))
}

async fn set_account(
    Shared(state): Shared<Arc<State>>,
    Path(secret_id): Path<String>,
    Json(settings): Json<Settings>,
) -> StatusCode {
    if state.accounts.set(&secret_id, &settings) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

/// Whether a request is for the security token service, which shares the address here.
fn is_exchange(request: &Request) -> bool {
    let header = |name: &str| auth::header(request.headers(), name);
    let (action, version) = metadata::EXCHANGE;
    header("X-TC-Action") == Some(action) && header("X-TC-Version") == Some(version)
}

/// A request to the service.
async fn action(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: Request,
) -> Response<Body> {
    if is_exchange(&request) {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_EXCHANGE_BYTES).await.unwrap_or_default();
        return metadata::exchange(&state, &parts.headers, &body).await;
    }
    let number = state.request_ids.fetch_add(1, Ordering::Relaxed);
    let claimed = auth::claimed(request.headers()).unwrap_or_default();
    let mut context = Context {
        date: auth::date(state.accounts.clock_offset_seconds(claimed)),
        action: None,
        request_id: format!("5a4db0c5-0000-4000-8000-{number:012x}"),
        trap: state.trap,
        breaker,
        echo: String::new(),
    };
    match admit(&state, request).await {
        Ok(call) => {
            let text = |check| {
                let member = call.action.checked(check)?;
                call.parameters.get(&member.wire).and_then(Value::as_str)
            };
            let (number, name) = (text(Check::IdNumber), text(Check::Name));
            let is_identity = number.is_some() && name.is_some();
            let (number, name) = (number.unwrap_or_default(), name.unwrap_or_default());
            context.echo = format!("{number} {name}");
            context.action = Some(call.action);
            let scripted = state.accounts.scripted(&call.account);
            let outcome = scripted.unwrap_or_else(|| {
                if is_identity {
                    identities::outcome(number, name)
                } else {
                    Outcome::Good
                }
            });
            state.ledger.record(Entry {
                account: call.account,
                identity: identity_key(number, name),
                outcome: describe(&outcome),
                charged: is_charged(call.action, &outcome),
            });
            match outcome {
                Outcome::Good => context.good(),
                Outcome::Result(code) => context.result(&code),
                Outcome::Error(code) => context.error(&code, spec::error_meaning(&code)),
                Outcome::Fault(fault) => context.fault(fault).await,
            }
        }
        Err((account, refusal)) => {
            let outcome = format!("error:{}", refusal.code);
            state.ledger.record(Entry {
                account,
                identity: String::new(),
                outcome,
                charged: false,
            });
            context.error(refusal.code, &refusal.message())
        }
    }
}

struct Call {
    action: &'static Action,
    account: String,
    parameters: Map<String, Value>,
}

/// Everything the service checks before it serves a request, in its order.
async fn admit(state: &State, request: Request) -> Result<Call, (String, Refusal)> {
    let nobody = |refusal| (String::new(), refusal);
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST {
        return Err(nobody(Refusal::code("UnsupportedProtocol")));
    }
    let limit = spec::ir()
        .actions
        .iter()
        .filter_map(|action| action.limits.request_bytes)
        .max();
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX);
    let body = to_bytes(body, limit)
        .await
        .map_err(|_| nobody(Refusal::code("RequestSizeLimitExceeded")))?;
    let header = |name: &str| auth::header(&parts.headers, name);
    let name = header("X-TC-Action")
        .ok_or_else(|| nobody(Refusal::named("MissingParameter", "X-TC-Action")))?;
    let version = header("X-TC-Version")
        .ok_or_else(|| nobody(Refusal::named("MissingParameter", "X-TC-Version")))?;
    let action = spec::action(name).ok_or_else(|| nobody(Refusal::code("InvalidAction")))?;
    if action.version != version {
        return Err(nobody(Refusal::code("NoSuchVersion")));
    }
    let account = auth::authenticate(&parts.headers, &body, &state.accounts).map_err(nobody)?;
    if !state.accounts.admits(&account) {
        return Err((account, Refusal::code("RequestLimitExceeded")));
    }
    match parameters::check(action, &body) {
        Ok(parameters) => Ok(Call {
            action,
            account,
            parameters,
        }),
        Err(refusal) => Err((account, refusal)),
    }
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Good => "good".to_owned(),
        Outcome::Result(code) => format!("result:{code}"),
        Outcome::Error(code) => format!("error:{code}"),
        Outcome::Fault(fault) => format!("fault:{}", fault.name),
    }
}

/// What the account pays for: the codes that the spec says are charged, and faults that came
/// after the charge.
fn is_charged(action: &Action, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Good => {
            answers::usual_code(action).is_some_and(|code| code.charge == Charge::Charged)
        }
        Outcome::Result(code) => {
            let codes = action.result_codes.iter().flat_map(|codes| &codes.codes);
            let known = codes.into_iter().find(|known| known.wire == *code);
            known.is_some_and(|code| code.charge == Charge::Charged)
        }
        Outcome::Error(_) => false,
        Outcome::Fault(fault) => fault.charged,
    }
}
