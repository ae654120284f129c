//! Feishu docs: vc-v1/meeting/list_by_no.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{KEPT_MS, param_error};
use crate::caller::Caller;
use crate::clock::SECOND;
use crate::envelope::{Refusal, data};
use crate::paging::page;
use crate::platform::Shared;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    meeting_no: String,
    start_time: String,
    end_time: String,
    page_size: Option<String>,
    page_token: Option<String>,
}

/// `GET /open-apis/vc/v1/meetings/list_by_no?meeting_no&start_time&end_time`, times in seconds.
pub(super) async fn list_by_no(
    State(platform): State<Shared>,
    Query(form): Query<Form>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let second = |text: &str| text.parse::<i64>().map(|second| second.saturating_mul(SECOND));
    let (Ok(start), Ok(end)) = (second(&form.start_time), second(&form.end_time)) else {
        return Err(param_error());
    };
    if form.meeting_no.len() != 9 || start >= end {
        return Err(param_error());
    }
    let now = platform.now();
    let world = platform.world();
    let found = world
        .meetings
        .iter()
        .filter(|meeting| meeting.meeting_no == form.meeting_no)
        .filter(|meeting| (start..end).contains(&meeting.starts_ms()) && meeting.starts_ms() >= now - KEPT_MS)
        .filter(|meeting| caller.open_id().is_none_or(|open_id| meeting.owner == open_id))
        .collect();
    let key = format!("{} {start} {end}", form.meeting_no);
    let page = page(found, form.page_size.as_deref(), form.page_token.as_deref(), 20..=50, &key, now)
        .map_err(|_| param_error())?;
    let mut answer = json!({
        "has_more": page.next.is_some(),
        "meeting_briefs": page
            .items
            .iter()
            .map(|meeting| {
                json!({ "id": meeting.id, "topic": meeting.topic, "meeting_no": meeting.meeting_no })
            })
            .collect::<Vec<_>>(),
    });
    if let Some(next) = page.next {
        answer["page_token"] = json!(next);
    }
    Ok(data(answer))
}
