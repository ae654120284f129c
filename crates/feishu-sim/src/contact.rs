//! Who is in a department.
//!
//! Feishu docs: contact-v3/user/find_by_department. The stand-in's departments have no ids beside their names.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::envelope::{Refusal, data};
use crate::paging::{PageError, page};
use crate::platform::Shared;

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/open-apis/contact/v3/users/find_by_department", get(find_by_department))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    department_id: String,
    page_size: Option<String>,
    page_token: Option<String>,
}

/// `GET /open-apis/contact/v3/users/find_by_department`: the people directly in it.
async fn find_by_department(
    State(platform): State<Shared>,
    Query(form): Query<Form>,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let world = platform.world();
    let found: Vec<Value> = world
        .people
        .values()
        .filter(|row| row.person.department == form.department_id && !row.suspended)
        .map(|row| json!({ "open_id": row.person.open_id, "union_id": row.person.union_id }))
        .collect();
    if found.is_empty() {
        return Err(Refusal::new(403, 40_004, "no dept authority error"));
    }
    let page =
        page(found, form.page_size.as_deref(), form.page_token.as_deref(), 10..=50, &form.department_id, now)
            .map_err(|error| match error {
                PageError::Token => Refusal::new(400, 40_012, "page token is invalid error"),
                PageError::Size | PageError::TooLarge => Refusal::new(400, 40_011, "page size is invalid"),
            })?;
    let mut answer = json!({ "has_more": page.next.is_some(), "items": page.items });
    if let Some(next) = page.next {
        answer["page_token"] = json!(next);
    }
    Ok(data(answer))
}
