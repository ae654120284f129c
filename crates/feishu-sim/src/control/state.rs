//! What the stand-in knows and saw.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::describe;
use crate::platform::Shared;
use crate::world::Call;

pub(super) async fn state(State(platform): State<Shared>) -> Json<Value> {
    let now = platform.now();
    let world = platform.world();
    Json(json!({
        "now_ms": now,
        "app": world.app,
        "knobs": world.knobs,
        "webhook": world.outbox.webhook,
        "events": world.outbox.totals,
        "minutes": world.minutes.len(),
        "meetings": world.meetings.len(),
        "messages": world.messages.len(),
        "media_bytes_served": world.minutes.iter().map(|row| row.served.bytes).sum::<u64>(),
        "people": world.people.values().map(|row| describe(&world, row, now)).collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
pub(super) struct Filter {
    api: Option<String>,
    minute_token: Option<String>,
    open_id: Option<String>,
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

pub(super) async fn requests(State(platform): State<Shared>, Query(filter): Query<Filter>) -> Json<Value> {
    let world = platform.world();
    let is = |wanted: &Option<String>, value: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| Some(wanted) == value)
    };
    let takes = |call: &&Call| {
        is(&filter.api, Some(call.api))
            && is(&filter.minute_token, call.minute_token.as_deref())
            && is(&filter.open_id, call.open_id.as_deref())
    };
    let mut requests: Vec<_> = world.calls.recent.iter().rev().filter(takes).take(filter.limit).collect();
    requests.reverse();
    Json(json!({ "requests": requests }))
}

pub(super) async fn counters(State(platform): State<Shared>) -> Json<Value> {
    let world = platform.world();
    Json(json!({
        "apis": world.calls.counts,
        "over_limit": world.calls.counts.values().map(|count| count.over_limit).sum::<u64>(),
        "media_authorization_leaks": world.calls.media_authorization_leaks,
    }))
}

pub(super) async fn messages(State(platform): State<Shared>) -> Json<Value> {
    Json(json!({ "messages": platform.world().messages }))
}
