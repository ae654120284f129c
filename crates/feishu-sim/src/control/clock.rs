//! The stand-in's clock.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Unfit, read};
use crate::clock::DAY;
use crate::platform::Shared;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Advance {
    ms: i64,
    days: i64,
}

pub(super) async fn show(State(platform): State<Shared>) -> Json<Value> {
    Json(json!({ "now_ms": platform.now() }))
}

pub(super) async fn advance(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let advance: Advance = read(&body)?;
    let by_ms = advance
        .days
        .checked_mul(DAY)
        .and_then(|days_ms| days_ms.checked_add(advance.ms))
        .ok_or_else(|| Unfit::wrong("too far"))?;
    platform.advance(by_ms);
    Ok(Json(json!({ "now_ms": platform.now() })))
}
