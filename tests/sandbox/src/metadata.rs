//! Where temporary keys come from: the metadata service of a virtual machine, and the security
//! token service that exchanges a pod's token. The role names the account.

use crate::accounts::{SECRET_ID, SECRET_KEY, TEMPORARY_SUFFIX, TOKEN};
use crate::{State, auth};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The action that exchanges a token, and its version.
pub(crate) const EXCHANGE: (&str, &str) = ("AssumeRoleWithWebIdentity", "2018-08-13");
/// The only token of a pod that is exchanged.
pub const WEB_IDENTITY_TOKEN: &str = "sandbox-web-identity-token";
/// Identity provider of the pod.
const PROVIDER_ID: &str = "sandbox-provider";

/// How keys are handed out to an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Handout {
    /// Keys that live two hours.
    #[default]
    Good,
    /// Keys that live 200 s, so that they are to be fetched again for every call.
    ShortLived,
    /// The first keys have a token that the service refuses; the others are good.
    StaleFirst,
    /// There is no such role.
    Missing,
    /// The service says that it has none.
    Refused,
    /// An answer that is no JSON.
    Garbage,
    /// An answer without a key.
    Incomplete,
    /// No answer.
    Hang,
}

/// The role of the machine, for those who do not name one.
pub(crate) async fn roles() -> &'static str {
    SECRET_ID
}

/// Keys of a role, as the metadata service answers.
pub(crate) async fn role(
    Shared(state): Shared<Arc<State>>,
    Path(role): Path<String>,
) -> Response<Body> {
    let Some(account) = account(&role) else {
        return status(StatusCode::NOT_FOUND);
    };
    match hand_out(&state, &account).await {
        Ok(mut keys) => {
            keys["Code"] = json!("Success");
            reply(&keys)
        }
        Err(Refused::Missing) => status(StatusCode::NOT_FOUND),
        Err(Refused::Code) => reply(&json!({"Code": "Failed"})),
        Err(Refused::Garbage) => Response::new(Body::from("<html>")),
    }
}

/// Keys for a pod's token, as the security token service answers.
pub(crate) async fn exchange(state: &State, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    let parameters: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| parameters[name].as_str().unwrap_or_default();
    let error = |code: &str| reply(&json!({"Response": {"Error": {"Code": code, "Message": ""}}}));
    let arn = text("RoleArn").rsplit('/').next().unwrap_or_default();
    let is_whole = auth::header(headers, "Authorization") == Some("SKIP")
        && auth::header(headers, "X-TC-Region").is_some()
        && !text("RoleSessionName").is_empty()
        && text("ProviderId") == PROVIDER_ID;
    if !is_whole {
        return error("InvalidParameter.ParamError");
    }
    if text("WebIdentityToken") != WEB_IDENTITY_TOKEN {
        return error("InvalidParameter.WebIdentityTokenError");
    }
    let Some(account) = account(arn) else {
        return error("ResourceNotFound.RoleNotFound");
    };
    match hand_out(state, &account).await {
        Ok(keys) => {
            let expires = &keys["ExpiredTime"];
            reply(&json!({"Response": {"Credentials": keys, "ExpiredTime": expires}}))
        }
        Err(Refused::Missing | Refused::Code) => error("ResourceNotFound.RoleNotFound"),
        Err(Refused::Garbage) => Response::new(Body::from("<html>")),
    }
}

enum Refused {
    Missing,
    Code,
    Garbage,
}

/// The account of a role: the SecretId itself, without its suffix.
fn account(role: &str) -> Option<String> {
    role.starts_with(SECRET_ID).then(|| {
        format!(
            "{}{TEMPORARY_SUFFIX}",
            role.trim_end_matches(TEMPORARY_SUFFIX)
        )
    })
}

async fn hand_out(state: &State, account: &str) -> Result<Value, Refused> {
    let earlier = state.ledger.credentials_requested(account);
    let handout = state.accounts.handout(account);
    let now = auth::now(0);
    let mut lifetime = 7200;
    let mut token = TOKEN;
    match handout {
        Handout::Good => {}
        Handout::ShortLived => lifetime = 200,
        Handout::StaleFirst if earlier == 0 => token = "expired-token",
        Handout::StaleFirst => {}
        Handout::Missing => return Err(Refused::Missing),
        Handout::Refused => return Err(Refused::Code),
        Handout::Garbage => return Err(Refused::Garbage),
        Handout::Incomplete => return Ok(json!({"ExpiredTime": now + lifetime})),
        Handout::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
    }
    Ok(json!({
        "TmpSecretId": account,
        "TmpSecretKey": SECRET_KEY,
        "Token": token,
        "ExpiredTime": now + lifetime,
    }))
}

fn reply(body: &Value) -> Response<Body> {
    Response::new(Body::from(body.to_string()))
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
