//! Search among the recordings that a person may view.
//!
//! Feishu docs: minutes-v1/minute/search. As seen: `page_size` and `page_token` count in the query
//! only, and the hits silently stop after some fifty.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::get::minute_url;
use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::paging::{Page, PageError, page};
use crate::platform::Shared;
use crate::time_range::TimeRange;
use crate::world::MinuteRow;

const PAGE_SIZE: usize = 15;
const PAGE_SIZE_AT_MOST: usize = 30;
const QUERY_AT_MOST: usize = 50;
const IDS_AT_MOST: usize = 100;

#[derive(Deserialize)]
pub(super) struct Paging {
    page_size: Option<String>,
    page_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    query: String,
    filter: Filter,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    owner_ids: Vec<String>,
    participant_ids: Vec<String>,
    create_time: TimeRange,
}

/// `POST /open-apis/minutes/v1/minutes/search?page_size&page_token`
pub(super) async fn search(
    State(platform): State<Shared>,
    Query(paging): Query<Paging>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Refusal> {
    let filter = Conditions::read(&body)?;
    let now = platform.now();
    let world = platform.world();
    if caller.open_id().is_none() && !world.knobs.search_by_tenant {
        let msg = "user identity not found, please check your access token";
        return Err(Refusal::new(401, 2_094_011, msg));
    }
    let visible =
        |row: &MinuteRow| !row.minute.deleted && caller.open_id().is_none_or(|open_id| row.may_view(open_id));
    let mut hits: Vec<_> = world.minutes.iter().filter(|row| visible(row) && filter.takes(row)).collect();
    hits.sort_by_key(|row| std::cmp::Reverse((row.created_ms(), row.minute.token.clone())));
    hits.truncate(world.knobs.search_hits);

    let key = format!("{:?} {}", caller.open_id(), String::from_utf8_lossy(&body));
    let Page { items, total, next } = page(
        hits,
        paging.page_size.as_deref(),
        paging.page_token.as_deref(),
        PAGE_SIZE..=PAGE_SIZE_AT_MOST,
        &key,
        now,
    )
    .map_err(page_refusal)?;
    let mut answer = json!({
        "items": items.into_iter().map(item).collect::<Vec<_>>(),
        "total": total,
        "has_more": next.is_some(),
    });
    if let Some(next) = next {
        answer["page_token"] = json!(next);
    }
    Ok(data(answer))
}

fn page_refusal(error: PageError) -> Refusal {
    match error {
        PageError::Size => Refusal::new(400, 2_094_001, "invalid request parameter"),
        PageError::TooLarge => Refusal::new(400, 2_094_006, "page_size exceeds maximum allowed value"),
        PageError::Token => {
            Refusal::new(400, 2_094_005, "page_token is invalid or expired, please start a new search")
        }
    }
}

/// No owner, time or duration: `GET minutes/:token` has them.
fn item(row: &MinuteRow) -> Value {
    let minute = &row.minute;
    json!({
        "token": minute.token,
        "display_info": minute.title,
        "meta_data": {
            "app_link": minute_url(&minute.token),
            "avatar": "https://p3-lark-file.byteimg.com/img/minutes.jpg",
            "description": minute.title,
        },
    })
}

struct Conditions {
    query: String,
    owner_ids: Vec<String>,
    participant_ids: Vec<String>,
    created_ms: std::ops::RangeInclusive<i64>,
}

impl Conditions {
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        let refuse = |code, msg: &str| Refusal::new(400, code, msg);
        let Body { query, filter } =
            serde_json::from_slice(body).map_err(|_| refuse(2_094_001, "invalid request parameter"))?;
        if query.chars().count() > QUERY_AT_MOST {
            return Err(refuse(2_094_002, "query is too long"));
        }
        if filter.owner_ids.len() > IDS_AT_MOST || filter.participant_ids.len() > IDS_AT_MOST {
            return Err(refuse(2_094_003, "invalid filter"));
        }
        let created_ms = filter
            .create_time
            .millis()
            .map_err(|_| refuse(2_094_102, "minutes time format is invalid, expected ISO 8601"))?;
        if created_ms.is_empty() {
            return Err(refuse(2_094_003, "invalid filter"));
        }
        let unconditional = query.is_empty()
            && filter.owner_ids.is_empty()
            && filter.participant_ids.is_empty()
            && filter.create_time.is_open();
        if unconditional {
            return Err(refuse(2_094_001, "invalid request parameter"));
        }
        let Filter { owner_ids, participant_ids, .. } = filter;
        Ok(Self { query, owner_ids, participant_ids, created_ms })
    }

    fn takes(&self, row: &MinuteRow) -> bool {
        let minute = &row.minute;
        let any =
            |wanted: &[String], is: &dyn Fn(&String) -> bool| wanted.is_empty() || wanted.iter().any(is);
        minute.title.contains(&self.query)
            && any(&self.owner_ids, &|id| *id == minute.owner)
            && any(&self.participant_ids, &|id| *id == minute.owner || minute.viewers.contains(id))
            && self.created_ms.contains(&row.created_ms())
    }
}
