//! Feishu docs: minutes-v1/minute/get.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::part;
use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::platform::{Platform, Shared};
use crate::scenario::{Knobs, NoteId};
use crate::world::{MinuteRow, Part};

/// `GET /open-apis/minutes/v1/minutes/:minute_token`
pub(super) async fn get(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let mut world = platform.world();
    let row = part(&world, &minute_token, Part::Basic, &caller, now)?;
    let minute = describe(&platform, row, &world.knobs);
    if let (Some(row), Some(open_id)) = (world.minute_mut(&minute_token), caller.open_id()) {
        row.views.push((open_id.to_owned(), now));
    }
    Ok(data(json!({ "minute": minute })))
}

fn describe(platform: &Platform, row: &MinuteRow, knobs: &Knobs) -> Value {
    let token = &row.minute.token;
    if knobs.bare_minutes {
        return json!({ "token": token });
    }
    let number = |value: i64| if knobs.string_numbers { json!(value.to_string()) } else { json!(value) };
    let mut minute = json!({
        "token": token,
        "owner_id": row.minute.owner,
        "create_time": number(row.created_ms()),
        "title": row.minute.title,
        "cover": format!("{}/cover/{token}.png", platform.base),
        "duration": number(row.duration_ms()),
        "url": minute_url(token),
    });
    match knobs.note_id {
        NoteId::String => minute["note_id"] = json!(row.note_id().to_string()),
        NoteId::Int => minute["note_id"] = json!(row.note_id()),
        NoteId::Absent => {}
    }
    minute
}

/// Where people open a recording. The platform's own address: nothing is fetched from it.
pub(crate) fn minute_url(token: &str) -> String {
    format!("https://meetings.feishu.cn/minutes/{token}")
}
