//! `GET /healthz`: the process lives. `GET /readyz`: it can do its work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::readiness::Readiness;

pub(crate) fn router(readiness: Readiness) -> Router {
    Router::new().route("/healthz", get(lives)).route("/readyz", get(ready)).with_state(readiness)
}

async fn lives() -> &'static str {
    "ok"
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let checks = readiness.checks().await;
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": ready, "checks": checks}))).into_response()
}
