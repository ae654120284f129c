//! Feishu docs: minutes-v1/minute/artifacts. `keywords` was seen, and is not documented.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::part;
use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::platform::Shared;
use crate::scenario::Artifacts;
use crate::world::Part;

/// `GET …/:minute_token/artifacts`
pub(super) async fn artifacts(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let world = platform.world();
    let row = part(&world, &minute_token, Part::Artifacts, &caller, now)?;
    let none = Artifacts::default();
    let artifacts = row.minute.artifacts.as_ref().unwrap_or(&none);
    let mut answer = json!({
        "summary": artifacts.summary,
        "minute_chapters": chapters(&artifacts.chapters, row.duration_ms()),
        "minute_todos": artifacts
            .todos
            .iter()
            .map(|(content, assignees)| json!({ "content": content, "assignees": assignees }))
            .collect::<Vec<_>>(),
    });
    if !artifacts.keywords.is_empty() {
        answer["keywords"] = json!(artifacts.keywords);
    }
    Ok(data(answer))
}

/// Chapters share the recording evenly; their times are strings.
fn chapters(titles: &[String], duration_ms: i64) -> Vec<Value> {
    let each_ms = duration_ms / i64::try_from(titles.len().max(1)).unwrap_or(1);
    (0_i64..)
        .zip(titles)
        .map(|(index, title)| {
            json!({
                "title": title,
                "start_ms": (index * each_ms).to_string(),
                "stop_ms": ((index + 1) * each_ms).to_string(),
                "summary_content": format!("本章讨论了{title}。"),
            })
        })
        .collect()
}
