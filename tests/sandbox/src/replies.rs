//! Answers: good ones, errors, and the faulty ones.

use crate::accounts::SECRET_ID;
use crate::faults::Fault;
use crate::wire::Breaker;
use crate::{answers, spec};
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;
use idcard_spec::ir::Action;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

const JSON: &str = "application/json";
const PAGE: &str = "<html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>";
const HUGE_BYTES: u64 = 200 * 1024 * 1024;
const CHUNK: usize = 64 * 1024;
/// Longest that a fault keeps a client waiting.
const PATIENCE: Duration = Duration::from_secs(60);
const DRIP: Duration = Duration::from_millis(100);
const SLOW: Duration = Duration::from_millis(300);

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    parameter: Option<String>,
}

impl Refusal {
    pub(crate) const fn code(code: &'static str) -> Self {
        Self {
            code,
            parameter: None,
        }
    }

    pub(crate) fn named(code: &'static str, parameter: &str) -> Self {
        Self {
            code,
            parameter: Some(parameter.to_owned()),
        }
    }

    pub(crate) fn message(&self) -> String {
        let meaning = spec::error_meaning(self.code);
        self.parameter
            .as_ref()
            .map_or_else(|| meaning.to_owned(), |name| format!("{meaning} ({name})"))
    }
}

/// What a reply is made of.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) request_id: String,
    /// The action, once it is known.
    pub(crate) action: Option<&'static Action>,
    /// The service's clock, which may differ from the machine's.
    pub(crate) date: String,
    pub(crate) trap: SocketAddr,
    pub(crate) breaker: Breaker,
    /// Number and name, for the fault that repeats them.
    pub(crate) echo: String,
}

impl Context {
    pub(crate) fn error(&self, code: &str, message: &str) -> Response<Body> {
        self.json(&json!({"Response": {"Error": {"Code": code, "Message": message}, "RequestId": self.request_id}}))
    }

    pub(crate) fn result(&self, code: &str) -> Response<Body> {
        self.json(&json!({"Response": self.members(code)}))
    }

    /// A good answer of whatever kind.
    pub(crate) fn good(&self) -> Response<Body> {
        self.json(&json!({"Response": self.usual_members()}))
    }

    fn usual_members(&self) -> Value {
        let code = self.action.and_then(answers::usual_code);
        self.members(code.map_or("", |code| &code.wire))
    }

    fn members(&self, code: &str) -> Value {
        self.action.map_or(Value::Null, |action| {
            answers::members(action, code, &self.request_id)
        })
    }

    fn json(&self, body: &Value) -> Response<Body> {
        self.reply(200, JSON, body.to_string())
    }

    fn reply(
        &self,
        status: u16,
        content_type: &'static str,
        body: impl Into<Body>,
    ) -> Response<Body> {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        for (name, value) in [("x-tc-requestid", &self.request_id), ("date", &self.date)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        response
    }

    /// The answer of a fault; some take their time.
    pub(crate) async fn fault(&self, fault: Fault) -> Response<Body> {
        match fault.name {
            "slow" => {
                tokio::time::sleep(SLOW).await;
                self.good()
            }
            "hang" => {
                tokio::time::sleep(PATIENCE).await;
                self.good()
            }
            "drip" => self.reply(200, JSON, drip()),
            "reset" => {
                self.breaker.reset();
                self.good()
            }
            other => self
                .status_fault(other)
                .or_else(|| self.broken_fault(other))
                .unwrap_or_else(|| self.body_fault(other)),
        }
    }

    /// The answer of a fault whose status, headers or redirect are the fault.
    fn status_fault(&self, name: &str) -> Option<Response<Body>> {
        let id = &self.request_id;
        let page = |status| self.reply(status, "text/html", PAGE);
        Some(match name {
            "redirect-302" => self.redirect(302),
            "redirect-307" => self.redirect(307),
            "redirect-308" => self.redirect(308),
            "http-500" => page(500),
            "http-502" => page(502),
            "http-503" => with_header(page(503), "retry-after", "1"),
            "http-429" => with_header(self.reply(429, "text/plain", ""), "retry-after", "1"),
            "error-with-status-500" => with_status(self.error("InternalError", ""), 500),
            "result-with-status-500" => with_status(self.good(), 500),
            "html" => page(200),
            "error-with-charset" => {
                let body = json!({"Response": {"Error": {"Code": "InternalError", "Message": ""}, "RequestId": id}});
                self.reply(200, "application/json; charset=utf-8", body.to_string())
            }
            _ => return None,
        })
    }

    /// The answer of a fault whose body is no JSON, or too much of it.
    fn broken_fault(&self, name: &str) -> Option<Response<Body>> {
        Some(match name {
            "huge" => self.reply(200, JSON, huge()),
            "huge-announced" => with_header(
                self.reply(200, JSON, huge()),
                "content-length",
                &HUGE_BYTES.to_string(),
            ),
            "garbage" => self.reply(
                200,
                JSON,
                Bytes::from_static(&[0, 159, 146, 150, 255, 1, 2, 3]),
            ),
            "truncated" => {
                let whole = json!({"Response": self.usual_members()}).to_string();
                let half = whole[..whole.len() / 2].to_owned();
                let error = io::Error::from(io::ErrorKind::ConnectionAborted);
                let body = Body::from_stream(stream::iter([Ok(Bytes::from(half)), Err(error)]));
                with_header(
                    self.reply(200, JSON, body),
                    "content-length",
                    &whole.len().to_string(),
                )
            }
            "deep" => self.reply(200, JSON, "[".repeat(10_000)),
            "invalid-utf8" => self.reply(
                200,
                JSON,
                Bytes::from_static(b"{\"Response\":{\"Result\":\"\xff\"}}"),
            ),
            _ => return None,
        })
    }

    /// The answer of a fault whose body is the fault.
    fn body_fault(&self, name: &str) -> Response<Body> {
        let id = &self.request_id;
        let good = json!({"Response": self.usual_members()});
        let text = |body: String| self.reply(200, JSON, body);
        let shape = |body: Value| self.json(&body);
        match name {
            "missing-comma" => text(format!(
                r#"{{"Response":{{"Result":"0","Description":"The documented form."  "RequestId":"{id}"}}}}"#
            )),
            "empty-body" => text(String::new()),
            "integer-result" => {
                shape(json!({"Response": {"Result": 0, "Description": "", "RequestId": id}}))
            }
            "wrong-content-type" => self.reply(200, "text/html", good.to_string()),
            "request-id-in-header-only" => {
                shape(json!({"Response": {"Result": "0", "Description": ""}}))
            }
            "unknown-member" => shape(
                json!({"Response": {"Result": "0", "Description": "", "Score": [1, {"a": null}], "RequestId": id}, "Extra": true}),
            ),
            "result-and-error" => {
                let error = json!({"Code": "InvalidParameter", "Message": ""});
                shape(
                    json!({"Response": {"Result": "0", "Description": "", "Error": error, "RequestId": id}}),
                )
            }
            "null-envelope" => shape(json!({"Response": null})),
            "list" => shape(json!([good])),
            "echo" => self.error("InvalidParameterValue", &self.echo),
            "internal-error-charged" => {
                self.error("InternalError", spec::error_meaning("InternalError"))
            }
            "missing-result" => shape(json!({"Response": {"Description": "", "RequestId": id}})),
            "error-without-code" => {
                shape(json!({"Response": {"Error": {"Message": SECRET_ID}, "RequestId": id}}))
            }
            other => unreachable!("the fault {other} has no answer"),
        }
    }

    fn redirect(&self, status: u16) -> Response<Body> {
        // Another host by name, so that a client cannot take it for the same.
        let target = format!("http://localhost:{}/", self.trap.port());
        with_header(self.reply(status, JSON, ""), "location", &target)
    }
}

fn with_header(mut response: Response<Body>, name: &'static str, value: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn with_status(mut response: Response<Body>, status: u16) -> Response<Body> {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}

fn huge() -> Body {
    let chunk = Bytes::from(vec![b' '; CHUNK]);
    let chunks = HUGE_BYTES / CHUNK as u64;
    Body::from_stream(stream::iter(
        (0..chunks).map(move |_| Ok::<_, Infallible>(chunk.clone())),
    ))
}

fn drip() -> Body {
    let drops = PATIENCE.as_millis() / DRIP.as_millis();
    Body::from_stream(stream::unfold(0, move |sent| async move {
        if sent >= drops {
            return None;
        }
        tokio::time::sleep(DRIP).await;
        Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), sent + 1))
    }))
}
