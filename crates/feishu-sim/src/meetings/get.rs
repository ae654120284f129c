//! Feishu docs: vc-v1/meeting/get.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{KEPT_MS, no_data, owned, seconds};
use crate::caller::Caller;
use crate::clock::Ms;
use crate::envelope::{Refusal, data};
use crate::platform::Shared;
use crate::scenario::Meeting;

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    with_participants: String,
}

/// `GET /open-apis/vc/v1/meetings/:meeting_id[?with_participants=true]`: own meetings, 90 days.
pub(super) async fn get(
    State(platform): State<Shared>,
    Path(meeting_id): Path<String>,
    Query(form): Query<Form>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let world = platform.world();
    let meeting = owned(&world, &meeting_id, &caller, no_data())?;
    if meeting.starts_ms() < now - KEPT_MS {
        return Err(no_data());
    }
    let mut answer = describe(meeting, now);
    if form.with_participants.eq_ignore_ascii_case("true") {
        answer["participants"] = participants(meeting);
    }
    if let Some(row) = meeting.minute.as_deref().and_then(|token| world.minute(token)) {
        answer["note_id"] = json!(row.note_id().to_string());
    }
    Ok(data(json!({ "meeting": answer })))
}

fn describe(meeting: &Meeting, now: Ms) -> Value {
    let people = (meeting.participants.len() + 1).to_string();
    json!({
        "id": meeting.id,
        "topic": meeting.topic,
        "url": format!("https://vc.feishu.cn/j/{}", meeting.meeting_no),
        "meeting_no": meeting.meeting_no,
        "create_time": seconds(meeting.starts_ms()),
        "start_time": seconds(meeting.starts_ms()),
        "end_time": seconds(meeting.ends_ms()),
        "host_user": { "id": meeting.owner, "user_type": 1 },
        "meeting_connect": false,
        "status": if now < meeting.ends_ms() { 2 } else { 3 },
        "participant_count": people,
        "participant_count_accumulated": people,
    })
}

fn participants(meeting: &Meeting) -> Value {
    std::iter::once(&meeting.owner)
        .chain(&meeting.participants)
        .map(|open_id| {
            json!({
                "id": open_id,
                "first_join_time": seconds(meeting.starts_ms()),
                "final_leave_time": seconds(meeting.ends_ms()),
                "in_meeting_duration": seconds(meeting.duration_ms),
                "user_type": 1,
                "is_host": *open_id == meeting.owner,
                "is_cohost": false,
                "is_external": false,
                "status": 4,
            })
        })
        .collect()
}
