//! Feishu docs: vc-v1/meeting-recording/get.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use super::{no_data, owned};
use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::minutes::minute_url;
use crate::platform::Shared;

/// `GET /open-apis/vc/v1/meetings/:meeting_id/recording` → the minute's URL. A user token sees the
/// recordings of meetings its person owns; a tenant token, all.
pub(super) async fn recording(
    State(platform): State<Shared>,
    Path(meeting_id): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let world = platform.world();
    let meeting = owned(&world, &meeting_id, &caller, Refusal::new(404, 122_002, "meeting not exist"))?;
    let row = meeting.minute.as_deref().and_then(|token| world.minute(token)).ok_or_else(no_data)?;
    if now < meeting.ends_ms() && row.played_ms.is_none() {
        return Err(Refusal::new(400, 122_001, "meeting status unexpected"));
    }
    if !row.has_recording(now) {
        return Err(Refusal::new(400, 124_002, "record processing"));
    }
    Ok(data(json!({
        "recording": {
            "url": minute_url(&row.minute.token),
            "duration": row.duration_ms().to_string(),
        },
    })))
}
