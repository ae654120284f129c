//! Feishu docs: vc-v1/meeting_list/get. Every meeting of the tenant, for someone with the admin
//! console's meeting-management right.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{no_permission, param_error};
use crate::caller::Caller;
use crate::clock::{DAY, SECOND, beijing_text};
use crate::envelope::{Refusal, data};
use crate::paging::page;
use crate::platform::Shared;
use crate::scenario::Meeting;
use crate::world::World;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    start_time: String,
    end_time: String,
    meeting_status: Option<String>,
    meeting_no: Option<String>,
    user_id: Option<String>,
    user_id_type: Option<String>,
    page_size: Option<String>,
    page_token: Option<String>,
}

/// `GET /open-apis/vc/v1/meeting_list?start_time&end_time&meeting_status=2&page_size=20..100&page_token`
pub(super) async fn meeting_list(
    State(platform): State<Shared>,
    Query(form): Query<Form>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let second = |text: &str| text.parse::<i64>().map(|second| second.saturating_mul(SECOND));
    let (Ok(start), Ok(end)) = (second(&form.start_time), second(&form.end_time)) else {
        return Err(param_error());
    };
    if start < 0 || start > now {
        return Err(Refusal::new(
            400,
            126_005,
            "start time error (cannot larger than now or smaller than 0)",
        ));
    }
    if end < start || end - start > 366 * DAY {
        let msg = "end time cannot exceed start time for one year or smaller than start time";
        return Err(Refusal::new(400, 126_006, msg));
    }
    if form.meeting_no.is_some() && form.user_id.is_some() {
        return Err(Refusal::new(400, 126_008, "filter condition should be set only one"));
    }
    // Fewer than the smallest page is out of range, too.
    if form.page_size.as_deref().and_then(|size| size.parse::<usize>().ok()).is_some_and(|size| size < 20) {
        return Err(param_error());
    }
    let running = form.meeting_status.as_deref() == Some("1");

    let world = platform.world();
    let may = caller
        .open_id()
        .is_none_or(|open_id| world.people.get(open_id).is_some_and(|row| row.person.meeting_admin));
    if !may {
        return Err(no_permission());
    }
    let found = world
        .meetings
        .iter()
        .filter(|meeting| (start..=end).contains(&meeting.starts_ms()))
        .filter(|meeting| meeting.starts_ms() <= now && (now < meeting.ends_ms()) == running)
        .filter(|meeting| form.meeting_no.as_ref().is_none_or(|no| *no == meeting.meeting_no))
        .filter(|meeting| {
            form.user_id.as_ref().is_none_or(|id| meeting.owner == *id || meeting.participants.contains(id))
        })
        .collect();
    let key = format!("{start} {end} {running} {:?} {:?}", form.meeting_no, form.user_id);
    let page = page(found, form.page_size.as_deref(), form.page_token.as_deref(), 20..=100, &key, now)
        .map_err(|_| param_error())?;
    let mut answer = json!({
        "meeting_list": page
            .items
            .iter()
            .map(|meeting| row(&world, meeting, form.user_id_type.as_deref()))
            .collect::<Vec<_>>(),
        "has_more": page.next.is_some(),
    });
    if let Some(next) = page.next {
        answer["page_token"] = json!(next);
    }
    Ok(data(answer))
}

fn row(world: &World, meeting: &Meeting, user_id_type: Option<&str>) -> Value {
    let organizer = world.people.get(&meeting.owner).map(|row| &row.person);
    // The page's own example shows the tenant's id in an answer; a knob has both.
    let id = match user_id_type {
        _ if world.knobs.meeting_list_tenant_ids => organizer.map(|person| &person.user_id),
        Some("union_id") => organizer.map(|person| &person.union_id),
        Some("user_id") => organizer.map(|person| &person.user_id),
        _ => organizer.map(|person| &person.open_id),
    };
    let people = (meeting.participants.len() + 1).to_string();
    let seconds = meeting.duration_ms / SECOND;
    json!({
        // The nine digits: the real id is `meeting_instance_id`.
        "meeting_id": meeting.meeting_no,
        "meeting_instance_id": meeting.id,
        "meeting_topic": meeting.topic,
        "meeting_type": 2,
        "organizer": organizer.map_or("", |person| &person.name),
        "department": organizer.map_or("", |person| &person.department),
        "user_id": id.map_or(meeting.owner.as_str(), String::as_str),
        "email": organizer.and_then(|person| person.email.as_deref()).unwrap_or(""),
        "meeting_start_time": beijing_text(meeting.starts_ms()),
        "meeting_end_time": beijing_text(meeting.ends_ms()),
        "meeting_duration": format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
        "number_of_participants": people,
        "number_of_devices": people,
        "audio": true,
        "video": true,
        "sharing": false,
        "recording": meeting.minute.is_some(),
        "telephone": false,
        "is_external": false,
        "meeting_subtype": 0,
    })
}
