//! Subscriptions to `minutes.minute.generated_v1`, per person: without one the event never comes.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::platform::{Platform, Shared};

#[derive(Deserialize)]
struct Body {
    event_type: String,
}

/// `POST /open-apis/minutes/v1/minutes/subscription`
pub(super) async fn subscribe(
    State(platform): State<Shared>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Refusal> {
    set(&platform, &caller, &body, true)
}

/// `POST /open-apis/minutes/v1/minutes/unsubscription`
pub(super) async fn unsubscribe(
    State(platform): State<Shared>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Refusal> {
    set(&platform, &caller, &body, false)
}

fn set(platform: &Platform, caller: &Caller, body: &[u8], subscribed: bool) -> Result<Response, Refusal> {
    let invalid = || Refusal::new(400, 2_091_001, "param is invalid");
    let body: Body = serde_json::from_slice(body).map_err(|_| invalid())?;
    if body.event_type != "minutes.minute.generated_v1" {
        return Err(invalid());
    }
    let mut world = platform.world();
    let row = caller.open_id().and_then(|open_id| world.people.get_mut(open_id)).ok_or_else(invalid)?;
    row.subscribed = subscribed;
    Ok(data(json!({})))
}
