//! 视频会议: meetings and where their recordings are.
//!
//! Feishu docs: vc-v1/meeting, vc-v1/meeting-recording, vc-v1/meeting-room-data. Times are **second**
//! strings here.

mod get;
mod list;
mod list_by_no;
mod recording;
mod search;

use axum::Router;
use axum::routing::{get, post};

use crate::caller::Caller;
use crate::clock::{DAY, Ms, SECOND};
use crate::envelope::Refusal;
use crate::platform::Shared;
use crate::scenario::Meeting;
use crate::world::World;

/// Meetings older than this are not told of.
const KEPT_MS: Ms = 90 * DAY;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/open-apis/vc/v1/meetings/search", post(search::search))
        .route("/open-apis/vc/v1/meetings/list_by_no", get(list_by_no::list_by_no))
        .route("/open-apis/vc/v1/meetings/{meeting_id}", get(get::get))
        .route("/open-apis/vc/v1/meetings/{meeting_id}/recording", get(recording::recording))
        .route("/open-apis/vc/v1/meeting_list", get(list::meeting_list))
}

/// The meeting, if this caller may see it: a user their own, the tenant all.
fn owned<'a>(
    world: &'a World,
    meeting_id: &str,
    caller: &Caller,
    missing: Refusal,
) -> Result<&'a Meeting, Refusal> {
    if meeting_id.is_empty() || !meeting_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(param_error());
    }
    let meeting = world.meeting(meeting_id).ok_or(missing)?;
    match caller.open_id() {
        Some(open_id) if meeting.owner != open_id => Err(no_permission()),
        _ => Ok(meeting),
    }
}

fn param_error() -> Refusal {
    Refusal::new(400, 121_003, "param error")
}

fn no_data() -> Refusal {
    Refusal::new(404, 121_004, "data not exist")
}

fn no_permission() -> Refusal {
    Refusal::new(403, 121_005, "no permission")
}

impl Meeting {
    pub(crate) fn starts_ms(&self) -> Ms {
        self.start_ms.unwrap_or_default()
    }

    pub(crate) fn ends_ms(&self) -> Ms {
        self.starts_ms() + self.duration_ms
    }
}

/// Seconds since the epoch, as a string.
fn seconds(ms: Ms) -> String {
    ms.div_euclid(SECOND).to_string()
}
