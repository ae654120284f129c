//! The control room, `/_sim/`: moves the clock, fires events, orders faults, shows what was seen.
//!
//! Nothing of the real platform is here. Bodies are JSON; refusals are 400 or 404 with a sentence.

mod clock;
mod docs;
mod events;
mod faults;
mod knobs;
mod long_connection;
mod minutes;
mod people;
mod state;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::platform::Shared;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/_sim/", get(docs::docs))
        .route("/_sim/state", get(state::state))
        .route("/_sim/requests", get(state::requests))
        .route("/_sim/counters", get(state::counters))
        .route("/_sim/messages", get(state::messages))
        .route("/_sim/clock", get(clock::show))
        .route("/_sim/clock/advance", post(clock::advance))
        .route("/_sim/knobs", get(knobs::show).patch(knobs::change))
        .route("/_sim/app", get(knobs::show_app).patch(knobs::change_app))
        .route("/_sim/redirect_uris", post(knobs::redirect_uris))
        .route("/_sim/people", get(people::list).post(people::add))
        .route("/_sim/people/{open_id}", get(people::show).patch(people::change))
        .route("/_sim/people/{open_id}/revoke", post(people::revoke))
        .route("/_sim/people/{open_id}/tokens", post(people::tokens))
        .route("/_sim/minutes", get(minutes::list).post(minutes::add))
        .route(
            "/_sim/minutes/{minute_token}",
            get(minutes::show).patch(minutes::change).delete(minutes::delete),
        )
        .route("/_sim/minutes/{minute_token}/ready", post(minutes::ready))
        .route("/_sim/minutes/{minute_token}/announce", post(minutes::announce))
        .route("/_sim/meetings", get(minutes::meetings).post(minutes::add_meeting))
        .route("/_sim/play", post(minutes::play))
        .route("/_sim/webhook", get(events::show_webhook).post(events::set_webhook))
        .route("/_sim/events", get(events::list).post(events::fire))
        .route("/_sim/events/{event_id}/redeliver", post(events::redeliver))
        .route("/_sim/long_connection", get(long_connection::show))
        .route("/_sim/long_connection/cut", post(long_connection::cut))
        .route("/_sim/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/_sim/faults/{id}", delete(faults::withdraw))
}

/// A control call that cannot be done, and why.
struct Unfit(StatusCode, String);

impl Unfit {
    fn missing(what: &str, id: &str) -> Self {
        Self(StatusCode::NOT_FOUND, format!("no {what} {id:?}"))
    }

    fn wrong(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, why.into())
    }
}

impl From<serde_json::Error> for Unfit {
    fn from(error: serde_json::Error) -> Self {
        Self::wrong(error.to_string())
    }
}

impl IntoResponse for Unfit {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

/// The body; an empty one counts as `{}`.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Unfit> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    Ok(serde_json::from_slice(body)?)
}

/// `value` with the body's fields laid over it, objects within objects too.
fn overlaid<T: DeserializeOwned + serde::Serialize>(value: &T, body: &Bytes) -> Result<T, Unfit> {
    let mut whole = serde_json::to_value(value)?;
    overlay(&mut whole, read(body)?);
    Ok(serde_json::from_value(whole)?)
}

fn overlay(whole: &mut Value, part: Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (name, part) in part {
                overlay(whole.entry(name).or_insert(Value::Null), part);
            }
        }
        (whole, part) => *whole = part,
    }
}
