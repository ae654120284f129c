//! Events: where they go, what was sent, anything else to send.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Unfit, read};
use crate::events;
use crate::platform::Shared;

pub(super) async fn show_webhook(State(platform): State<Shared>) -> Json<Value> {
    Json(json!({ "url": platform.world().outbox.webhook }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhook {
    url: Option<String>,
    #[serde(default)]
    check: bool,
}

pub(super) async fn set_webhook(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let Webhook { url, check } = read(&body)?;
    if let Some(url) = url.as_ref().filter(|_| check)
        && !events::check_url(&platform, url).await
    {
        return Err(Unfit::wrong("the URL did not answer the challenge within a second"));
    }
    platform.world().outbox.webhook.clone_from(&url);
    platform.events_due.notify_one();
    Ok(Json(json!({ "url": url })))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    state: Option<String>,
    event_type: Option<String>,
}

pub(super) async fn list(State(platform): State<Shared>, Query(filter): Query<Filter>) -> Json<Value> {
    let world = platform.world();
    let events: Vec<_> = world
        .outbox
        .events()
        .filter(|event| filter.event_type.as_ref().is_none_or(|wanted| *wanted == event.event_type))
        .filter(|event| filter.state.as_ref().is_none_or(|wanted| json!(event.state) == json!(wanted)))
        .collect();
    Json(json!({ "totals": world.outbox.totals, "events": events }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fire {
    event_type: String,
    #[serde(default)]
    event: serde_json::Map<String, Value>,
    #[serde(default)]
    schema: Option<String>,
}

pub(super) async fn fire(State(platform): State<Shared>, body: Bytes) -> Result<Json<Value>, Unfit> {
    let Fire { event_type, event, schema } = read(&body)?;
    let mut world = platform.world();
    let fire = match schema.as_deref() {
        None | Some("2.0") => events::fire,
        Some("1.0") => events::fire_v1,
        Some(_) => return Err(Unfit::wrong("schema is 2.0 or 1.0")),
    };
    let event_id = fire(&platform, &mut world, &event_type, &Value::Object(event));
    Ok(Json(json!({ "event_id": event_id })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

pub(super) async fn redeliver(
    State(platform): State<Shared>,
    Path(event_id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Unfit> {
    let Again { times } = read(&body)?;
    let now = platform.now();
    if !platform.world().outbox.again(&event_id, now, times) {
        return Err(Unfit::missing("event", &event_id));
    }
    platform.events_due.notify_one();
    Ok(Json(json!({ "event_id": event_id })))
}
