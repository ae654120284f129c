//! The `event` part of each event type.

use serde_json::{Value, json};

use crate::clock::{Ms, SECOND};
use crate::minutes::minute_url;
use crate::scenario::{Meeting, Minute};
use crate::world::{Revocation, World};

/// Feishu docs: vc-v1/meeting/events/recording_ready.
pub(super) fn recording_ready(world: &World, meeting: &Meeting, minute: &Minute) -> Value {
    let mut about = about(meeting);
    about["owner"] = json!({ "id": ids(world, &meeting.owner) });
    json!({
        "meeting": about,
        "url": minute_url(&minute.token),
        "duration": minute.duration_ms.unwrap_or_default().to_string(),
    })
}

/// Feishu docs: vc-v1/meeting/events/all_meeting_ended. No recording URL: it must be asked for.
pub(super) fn all_meeting_ended(world: &World, meeting: &Meeting) -> Value {
    let user = json!({ "id": ids(world, &meeting.owner), "user_role": 2, "user_type": 1 });
    let seconds = |ms: Ms| ms.div_euclid(SECOND).to_string();
    let mut about = about(meeting);
    about["start_time"] = json!(seconds(meeting.starts_ms()));
    about["end_time"] = json!(seconds(meeting.ends_ms()));
    about["host_user"] = user.clone();
    about["owner"] = user.clone();
    about["calendar_event_id"] = json!("");
    json!({ "meeting": about, "operator": user })
}

/// As seen, for the people who subscribed. An upload has no source.
pub(super) fn minute_generated(world: &World, minute: &Minute, subscribers: &[String]) -> Value {
    let mut event = json!({
        "minute_token": minute.token,
        "subscriber_ids": subscribers.iter().map(|open_id| ids(world, open_id)).collect::<Vec<_>>(),
    });
    if let Some(meeting_id) = &minute.meeting_id {
        event["minute_source"] = json!({ "source_type": "meeting", "source_entity_id": meeting_id });
    }
    event
}

/// Feishu docs: auth-v4/user_access_token/events/revoked.
pub(super) fn token_revoked(world: &World, open_id: &str, by: Revocation) -> Value {
    let mut event = ids(world, open_id);
    event["revoke_token_type"] = json!("user_access_token refresh_token");
    event["revoke_reason"] = json!(by.reason());
    event
}

fn about(meeting: &Meeting) -> Value {
    json!({
        "id": meeting.id,
        "topic": meeting.topic,
        "meeting_no": meeting.meeting_no,
        "meeting_source": meeting.source,
        "meeting_sub_type": 1,
        "security_setting": {
            "security_level": 1,
            "group_ids": [],
            "user_ids": [],
            "room_ids": [],
            "has_set_security_contacts_and_group": true,
        },
        "webinar_setting": { "webinar_type": 1 },
    })
}

fn ids(world: &World, open_id: &str) -> Value {
    let person = world.people.get(open_id).map(|row| &row.person);
    let mut ids = json!({ "open_id": open_id, "union_id": person.map_or("", |person| &person.union_id) });
    // The tenant's own id needs `contact:user.employee_id:readonly`.
    ids["user_id"] = match person {
        Some(person) if world.app.scopes.contains("contact:user.employee_id:readonly") => {
            json!(person.user_id)
        }
        _ => json!(""),
    };
    ids
}
