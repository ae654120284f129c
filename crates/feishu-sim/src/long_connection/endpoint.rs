//! `POST /callback/ws/endpoint`: where to connect to, for an app that proves itself.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::connection::{AUTH_FAILED, TOO_MANY, WS_PATH};
use crate::envelope::{self, Refusal};
use crate::platform::Shared;
use crate::scenario::{LinkKnobs, TooManyAt};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credentials {
    #[serde(rename = "AppID")]
    app_id: String,
    #[serde(rename = "AppSecret")]
    app_secret: String,
}

pub(super) async fn endpoint(State(platform): State<Shared>, body: Bytes) -> Result<Response, Refusal> {
    let credentials: Credentials = serde_json::from_slice(&body).unwrap_or_default();
    let mut world = platform.world();
    let app = &world.app;
    if (&credentials.app_id, &credentials.app_secret) != (&app.app_id, &app.app_secret) || !app.enabled {
        return Err(Refusal::new(200, AUTH_FAILED, "app_id or app_secret is invalid"));
    }
    let knobs = world.knobs.long_connection.clone();
    if knobs.too_many_at == TooManyAt::Endpoint && world.links.live() >= knobs.max_connections {
        return Err(Refusal::new(200, TOO_MANY, "the number of connections exceeded the limit"));
    }
    let (device, ticket) = (world.random_hex(16), world.random_hex(32));
    world.links.issue(&ticket);
    let host = platform.base.trim_start_matches("http://");
    let url = format!("ws://{host}{WS_PATH}?device_id={device}&service_id=33554678&ticket={ticket}");
    Ok(envelope::data(json!({ "URL": url, "ClientConfig": settings(&knobs) })))
}

/// The settings as the platform writes them, here and in pongs.
pub(super) fn settings(knobs: &LinkKnobs) -> Value {
    json!({
        "ReconnectCount": knobs.reconnect_count,
        "ReconnectInterval": knobs.reconnect_interval,
        "ReconnectNonce": knobs.reconnect_nonce,
        "PingInterval": knobs.ping_interval,
    })
}
