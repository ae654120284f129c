//! What an event means to somebody who keeps recordings. Feishu docs: vc-v1/meeting/events,
//! minutes-v1/events, auth-v4/revoked.

use serde_json::Value;

use crate::ids::{MeetingId, MinuteToken, OpenId};
use crate::lenient;

/// The events that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// `vc.meeting.recording_ready_v1`: a recording exists. Sent only for meetings reserved through the API.
    RecordingReady {
        /// The meeting.
        meeting_id: Option<MeetingId>,
        /// The minute.
        minute_token: MinuteToken,
        /// The meeting's owner.
        owner: Option<OpenId>,
        /// The meeting's topic.
        topic: Option<String>,
        /// Length in milliseconds.
        duration_ms: Option<i64>,
    },
    /// `vc.meeting.all_meeting_ended_v1`: a meeting ended; whether it was recorded is to be asked.
    MeetingEnded {
        /// The meeting.
        meeting_id: MeetingId,
        /// The meeting's owner.
        owner: Option<OpenId>,
        /// The meeting's topic.
        topic: Option<String>,
        /// The nine digits that people dial.
        meeting_no: Option<String>,
        /// Unix milliseconds.
        start_time_ms: Option<i64>,
        /// Unix milliseconds.
        end_time_ms: Option<i64>,
    },
    /// `minutes.minute.generated_v1`: a minute exists; its media may not be ready.
    MinuteGenerated {
        /// The minute.
        minute_token: MinuteToken,
        /// The meeting it came from; none for uploads.
        meeting_id: Option<MeetingId>,
        /// The subscribed people who can see it.
        subscribers: Vec<OpenId>,
    },
    /// `auth.user_access_token.revoked_v4`: a person's grant ended.
    GrantRevoked {
        /// Whose.
        open_id: OpenId,
        /// In the platform's English words; may be empty.
        reason: String,
    },
    /// Any other kind.
    Other,
}

/// An event of a known kind without the field that makes it useful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event {kind} has no usable {field}")]
pub struct Garbled {
    /// The event's kind.
    pub kind: &'static str,
    /// Which field.
    pub field: &'static str,
}

impl Notice {
    /// Reads the `event` object of an event of this kind.
    pub fn read(kind: &str, body: &Value) -> Result<Self, Garbled> {
        match kind {
            "vc.meeting.recording_ready_v1" => recording_ready(body),
            "vc.meeting.all_meeting_ended_v1" => meeting_ended(body),
            "minutes.minute.generated_v1" => minute_generated(body),
            "auth.user_access_token.revoked_v4" => grant_revoked(body),
            _ => Ok(Self::Other),
        }
    }
}

fn recording_ready(body: &Value) -> Result<Notice, Garbled> {
    let meeting = body.get("meeting").unwrap_or(&Value::Null);
    let minute_token = lenient::text(body, "url").and_then(|url| MinuteToken::from_url(&url));
    Ok(Notice::RecordingReady {
        meeting_id: meeting_id(meeting, "id"),
        minute_token: minute_token.ok_or(Garbled { kind: "vc.meeting.recording_ready_v1", field: "url" })?,
        owner: owner(meeting),
        topic: lenient::text(meeting, "topic"),
        duration_ms: lenient::integer(body, "duration"),
    })
}

fn meeting_ended(body: &Value) -> Result<Notice, Garbled> {
    let meeting = body.get("meeting").unwrap_or(&Value::Null);
    let meeting_id = meeting_id(meeting, "id");
    Ok(Notice::MeetingEnded {
        meeting_id: meeting_id
            .ok_or(Garbled { kind: "vc.meeting.all_meeting_ended_v1", field: "meeting.id" })?,
        owner: owner(meeting),
        topic: lenient::text(meeting, "topic"),
        meeting_no: lenient::text(meeting, "meeting_no"),
        start_time_ms: time_ms(meeting, "start_time"),
        end_time_ms: time_ms(meeting, "end_time"),
    })
}

fn minute_generated(body: &Value) -> Result<Notice, Garbled> {
    let minute_token = lenient::text(body, "minute_token").and_then(|token| MinuteToken::parse(&token).ok());
    let source = body.get("minute_source").unwrap_or(&Value::Null);
    let from_meeting = lenient::text(source, "source_type").as_deref() == Some("meeting");
    Ok(Notice::MinuteGenerated {
        minute_token: minute_token
            .ok_or(Garbled { kind: "minutes.minute.generated_v1", field: "minute_token" })?,
        meeting_id: meeting_id(source, "source_entity_id").filter(|_| from_meeting),
        subscribers: lenient::list(body, "subscriber_ids").iter().filter_map(open_id).collect(),
    })
}

fn grant_revoked(body: &Value) -> Result<Notice, Garbled> {
    Ok(Notice::GrantRevoked {
        open_id: open_id(body)
            .ok_or(Garbled { kind: "auth.user_access_token.revoked_v4", field: "open_id" })?,
        reason: lenient::text(body, "revoke_reason").unwrap_or_default(),
    })
}

fn meeting_id(object: &Value, key: &str) -> Option<MeetingId> {
    MeetingId::parse(&lenient::text(object, key)?).ok()
}

/// Meetings tell the time in seconds.
fn time_ms(meeting: &Value, key: &str) -> Option<i64> {
    lenient::integer(meeting, key)?.checked_mul(1000)
}

fn owner(meeting: &Value) -> Option<OpenId> {
    open_id(meeting.get("owner")?.get("id")?)
}

fn open_id(ids: &Value) -> Option<OpenId> {
    OpenId::parse(&lenient::text(ids, "open_id")?).ok()
}
