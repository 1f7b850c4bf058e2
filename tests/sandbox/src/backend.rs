//! The backend of an app whose devices hold no key, for examples: it signs for its own accounts.

use crate::accounts::SECRET_KEY;
use crate::auth;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use idcard_verification::Credentials;
use idcard_verification::sign::{SigningRequest, sign_digest};
use serde::{Deserialize, Serialize};

/// What a device asks for. Anything more would be about the person, and is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    host: String,
    service: String,
    action: String,
    version: String,
    timestamp: u64,
    content_type: String,
    payload_sha256: String,
}

/// A signature.
#[derive(Debug, Serialize)]
pub(crate) struct Signed {
    authorization: String,
    token: Option<String>,
    timestamp: Option<u64>,
}

/// Signs as this account.
pub(crate) async fn sign(
    Path(account): Path<String>,
    Json(asked): Json<Asked>,
) -> Result<Json<Signed>, StatusCode> {
    let request = SigningRequest {
        host: asked.host,
        service: asked.service,
        action: asked.action,
        version: asked.version,
        timestamp: asked.timestamp,
        content_type: asked.content_type,
        payload_sha256: asked.payload_sha256,
    };
    let now = auth::now(0);
    let credentials = Credentials::new(account, SECRET_KEY);
    match credentials.and_then(|credentials| sign_digest(&credentials, &request, now)) {
        Ok(signature) => Ok(Json(Signed {
            authorization: signature.authorization,
            token: signature.token,
            timestamp: signature.timestamp,
        })),
        Err(_) => Err(StatusCode::FORBIDDEN),
    }
}
