//! What the platform's JSON looks like around the data, for successes and refusals.
//!
//! Feishu docs: api-call-guide (general error codes). The OAuth token endpoint is flat, without `data`.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Names the request to the platform's support.
pub(crate) static LOG_ID: HeaderName = HeaderName::from_static("x-tt-logid");

/// `{"code":0,"msg":"success","data":{…}}`
#[expect(clippy::needless_pass_by_value, reason = "each caller hands over what it just built")]
pub(crate) fn data(data: Value) -> Response {
    Json(json!({ "code": 0, "msg": "success", "data": data })).into_response()
}

/// A refusal. It becomes a body only in `calls`, which knows the request's log id.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: i64,
    pub(crate) msg: String,
    /// Scopes that would have let the call pass: `error.permission_violations[].subject`.
    missing_scopes: Vec<String>,
    shape: Shape,
    headers: Vec<(&'static str, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Enveloped,
    /// `{"code","error","error_description"}`, as RFC 6749 has it plus the code.
    OAuth,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: i64, msg: impl Into<String>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            msg: msg.into(),
            missing_scopes: Vec::new(),
            shape: Shape::Enveloped,
            headers: Vec::new(),
        }
    }

    pub(crate) fn oauth(status: u16, code: i64, msg: impl Into<String>) -> Self {
        Self { shape: Shape::OAuth, ..Self::new(status, code, msg) }
    }

    pub(crate) fn with_missing_scopes(mut self, scopes: &[&str]) -> Self {
        self.missing_scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: i64) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer as the platform writes it.
    pub(crate) fn render(&self, log_id: &str) -> Response {
        let body = match self.shape {
            Shape::Enveloped => {
                let mut error = json!({ "log_id": log_id });
                if !self.missing_scopes.is_empty() {
                    error["permission_violations"] = self
                        .missing_scopes
                        .iter()
                        .map(|scope| json!({ "type": "action_privilege_required", "subject": scope }))
                        .collect();
                }
                json!({ "code": self.code, "msg": self.msg, "error": error })
            }
            Shape::OAuth => {
                let error = if self.status.is_server_error() { "server_error" } else { "invalid_grant" };
                json!({ "code": self.code, "error": error, "error_description": self.msg })
            }
        };
        let mut response = (self.status, Json(body)).into_response();
        for (name, value) in &self.headers {
            response.headers_mut().insert(*name, HeaderValue::from(*value));
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
