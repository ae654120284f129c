//! `GET /api/v1/search`: what was said and written in what the token's maker may open.

use archive::audit::Verb;
use archive::library::{Excerpt, Found, SearchQuery};
use archive::members::ApiScope;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, limit};
use crate::reading_room::{ReadingRoom, unsearchable};
use crate::session::Caller;

/// What is searched for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParams {
    /// Words; in double quotes those that stand together.
    q: String,
    /// What the page before gave as `next`.
    before: Option<i64>,
    /// Recordings of a page.
    #[param(minimum = 1, maximum = 50, default = 20)]
    limit: Option<i64>,
}

/// A sentence in which something was found.
#[derive(Serialize, ToSchema)]
struct Sentence {
    /// When it was said, or what time it is about.
    at_ms: Option<i64>,
    /// Null in notes.
    speaker: Option<String>,
    /// The line before it.
    before: String,
    text: String,
    /// The line after it.
    after: String,
}

impl Sentence {
    fn of(excerpt: Excerpt) -> Self {
        Self {
            at_ms: excerpt.at_ms,
            speaker: excerpt.speaker,
            before: excerpt.before,
            text: excerpt.text.into_iter().map(|stretch| stretch.text).collect(),
            after: excerpt.after,
        }
    }
}

/// A recording in which something was found.
#[derive(Serialize, ToSchema)]
struct Hit {
    minute_token: String,
    title: Option<String>,
    /// The first of them.
    sentences: Vec<Sentence>,
    /// How many more there are.
    more: usize,
}

impl Hit {
    fn of(found: Found) -> Self {
        Self {
            minute_token: found.opened.recording.minute_token.to_string(),
            title: found.opened.recording.title,
            sentences: found.excerpts.excerpts.into_iter().map(Sentence::of).collect(),
            more: found.excerpts.more,
        }
    }
}

/// A page of what was found, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Hits {
    hits: Vec<Hit>,
    /// For `before` of the next page; null on the last.
    next: Option<i64>,
}

/// What was said and written in the recordings that the token's maker may open.
#[utoipa::path(get, path = "/search", tag = "content", params(SearchParams),
    responses((status = 200, body = Hits)))]
pub(super) async fn search(
    State(room): State<ReadingRoom>,
    caller: Caller,
    Asked(params): Asked<SearchParams>,
) -> Result<Json<Hits>, Response> {
    let who = caller.with(ApiScope::Content)?;
    let limit = usize::try_from(limit(params.limit, 20, 50)?).unwrap_or(1);
    let Some(query) = SearchQuery::parse(&params.q) else {
        return Ok(Json(Hits { hits: Vec::new(), next: None }));
    };
    room.note(&who, Verb::Searched, &params.q, None).await?;
    let found = room.catalog.search(&room.store, &who.viewer, &query, params.before, limit).await;
    let page = found.map_err(unsearchable)?;
    Ok(Json(Hits { hits: page.found.into_iter().map(Hit::of).collect(), next: page.next }))
}
