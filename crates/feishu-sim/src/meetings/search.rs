//! Feishu docs: vc-v1/meeting/search. Refusals come with HTTP 500; at most 150 results.

use std::ops::RangeInclusive;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::caller::Caller;
use crate::clock::beijing_text;
use crate::envelope::{Refusal, data};
use crate::paging::{PageError, page};
use crate::platform::Shared;
use crate::scenario::Meeting;
use crate::time_range::TimeRange;

const HITS_AT_MOST: usize = 150;
const QUERY_AT_MOST: usize = 50;
const IDS_AT_MOST: usize = 128;

#[derive(Deserialize)]
pub(super) struct Paging {
    page_size: Option<String>,
    page_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    query: String,
    meeting_filter: Filter,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    organizer_ids: Vec<String>,
    participant_ids: Vec<String>,
    start_time: TimeRange,
}

/// `POST /open-apis/vc/v1/meetings/search?page_size&page_token`
pub(super) async fn search(
    State(platform): State<Shared>,
    Query(paging): Query<Paging>,
    caller: Caller,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let body: Body = serde_json::from_slice(&bytes).map_err(|_| refuse(121_001))?;
    let started_ms = check(&body)?;
    let now = platform.now();
    let world = platform.world();
    let me = caller.open_id().unwrap_or_default().to_owned();
    let mut hits: Vec<_> =
        world.meetings.iter().filter(|meeting| takes(&body, &started_ms, meeting, &me)).collect();
    hits.sort_by_key(|meeting| std::cmp::Reverse((meeting.starts_ms(), meeting.id.clone())));
    hits.truncate(HITS_AT_MOST);
    let key = format!("{me} {}", String::from_utf8_lossy(&bytes));
    let page = page(hits, paging.page_size.as_deref(), paging.page_token.as_deref(), 15..=30, &key, now)
        .map_err(|error| match error {
            PageError::Size => refuse(121_001),
            PageError::TooLarge => refuse(121_021),
            PageError::Token => refuse(121_020),
        })?;
    let item = |meeting: &&Meeting| {
        let organizer = world.people.get(&meeting.owner).map_or("", |row| &row.person.name);
        let time = beijing_text(meeting.starts_ms());
        let description = format!("{time} | 组织者：{organizer} | ID：{}", meeting.meeting_no);
        json!({
            "id": meeting.id,
            "display_info": format!("{}\n{description}", meeting.topic),
            "meta_data": {
                "app_link": format!("https://vc.feishu.cn/j/{}", meeting.meeting_no),
                "avatar": "https://lf-package.example/meeting.png",
                "description": description,
            },
        })
    };
    let mut answer = json!({
        "total": page.total,
        "has_more": page.next.is_some(),
        "items": page.items.iter().map(item).collect::<Vec<_>>(),
    });
    if let Some(next) = page.next {
        answer["page_token"] = json!(next);
    }
    Ok(data(answer))
}

fn check(body: &Body) -> Result<RangeInclusive<i64>, Refusal> {
    let filter = &body.meeting_filter;
    if body.query.chars().count() > QUERY_AT_MOST {
        return Err(refuse(121_011));
    }
    if filter.organizer_ids.len() > IDS_AT_MOST || filter.participant_ids.len() > IDS_AT_MOST {
        return Err(refuse(121_012));
    }
    let started_ms = filter.start_time.millis().map_err(|_| refuse(122_601))?;
    if started_ms.is_empty() { Err(refuse(122_602)) } else { Ok(started_ms) }
}

/// Among the meetings one took part in.
fn takes(body: &Body, started_ms: &RangeInclusive<i64>, meeting: &Meeting, me: &str) -> bool {
    let was_there = |id: &str| meeting.owner == id || meeting.participants.iter().any(|other| other == id);
    let filter = &body.meeting_filter;
    was_there(me)
        && meeting.topic.contains(&body.query)
        && (filter.organizer_ids.is_empty() || filter.organizer_ids.contains(&meeting.owner))
        && (filter.participant_ids.is_empty() || filter.participant_ids.iter().any(|id| was_there(id)))
        && started_ms.contains(&meeting.starts_ms())
}

fn refuse(code: i64) -> Refusal {
    let says = match code {
        121_011 => "query is too long",
        121_012 => "invalid filter",
        121_020 => "page_token is invalid or expired",
        121_021 => "page_size exceeds maximum allowed value",
        122_601 => "meeting time format is invalid",
        122_602 => "failed to build meeting filter",
        _ => "invalid param",
    };
    Refusal::new(500, code, says)
}
