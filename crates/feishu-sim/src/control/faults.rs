//! Orders of faults.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{Unfit, read};
use crate::api::{APIS, MESSAGES};
use crate::faults::Fault;
use crate::platform::Shared;

pub(super) async fn list(State(platform): State<Shared>) -> Json<Value> {
    Json(json!({ "faults": platform.world().faults.orders }))
}

pub(super) async fn add(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let fault: Fault = read(&body)?;
    // A fault for an API that does not exist would never hit, and its test would pass for nothing.
    if let Some(name) = &fault.api
        && !APIS.iter().any(|api| api.name == name)
        && !MESSAGES.contains(&name.as_str())
    {
        return Err(Unfit::missing("api", name));
    }
    let id = platform.world().faults.add(fault);
    Ok(Json(json!({ "id": id })))
}

pub(super) async fn clear(State(platform): State<Shared>) -> Json<Value> {
    platform.world().faults.orders.clear();
    Json(json!({}))
}

pub(super) async fn withdraw(State(platform): State<Shared>, Path(id): Path<u64>) -> Json<Value> {
    platform.world().faults.orders.retain(|fault| fault.id != id);
    Json(json!({}))
}
