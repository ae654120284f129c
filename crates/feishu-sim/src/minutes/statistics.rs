//! Feishu docs: minutes-v1/minute-statistics/get.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use super::part;
use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::platform::Shared;
use crate::world::Part;

/// `GET …/:minute_token/statistics` → page views, and who saw it last when. Counts are strings.
pub(super) async fn statistics(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let world = platform.world();
    let row = part(&world, &minute_token, Part::Basic, &caller, now)?;
    let last_seen: BTreeMap<_, _> = row.views.iter().map(|(open_id, at_ms)| (open_id, at_ms)).collect();
    Ok(data(json!({
        "statistics": {
            "user_view_count": last_seen.len().to_string(),
            "page_view_count": row.views.len().to_string(),
            "user_view_list": last_seen
                .iter()
                .map(|(open_id, at_ms)| json!({ "user_id": open_id, "view_time": at_ms.to_string() }))
                .collect::<Vec<_>>(),
        },
    })))
}
