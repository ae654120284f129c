//! `GET /search?q=`: what was said and written in the recordings that somebody may open. `/search/next` leads to the
//! first place in the next recording that answers, for the key `n`.

use archive::audit::Verb;
use archive::library::{Found, SearchQuery};
use archive::model::MinuteToken;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use url::form_urlencoded;

use crate::page::show;
use crate::pages::FoundPage;
use crate::reading_room::{ReadingRoom, not_now, unsearchable};
use crate::session::SignedIn;
use crate::visitor::Visitor;

/// Recordings on one page.
const SHOWN: usize = 20;

pub(crate) fn router(room: ReadingRoom) -> Router {
    Router::new().route("/search", get(search)).route("/search/next", get(next)).with_state(room)
}

#[derive(Deserialize)]
struct Wish {
    q: Option<String>,
    before: Option<String>,
}

async fn search(
    State(room): State<ReadingRoom>,
    Query(wish): Query<Wish>,
    visitor: Visitor,
    who: SignedIn,
) -> Result<Response, Response> {
    let sought = wish.q.unwrap_or_default();
    let before = wish.before.and_then(|before| before.parse().ok());
    let page = match SearchQuery::parse(&sought) {
        Some(query) => {
            room.note(&who, Verb::Searched, &sought, None).await?;
            Some(
                room.catalog
                    .search(&room.store, &who.viewer, &query, before, SHOWN)
                    .await
                    .map_err(unsearchable)?,
            )
        }
        None => None,
    };
    let is_first = before.is_none();
    let waiting = room.catalog.unindexed().await.map_err(not_now)?;
    Ok(show(StatusCode::OK, &FoundPage::new(&room, &visitor, &who, sought, page, is_first, waiting)))
}

#[derive(Deserialize)]
struct After {
    q: Option<String>,
    after: Option<String>,
}

async fn next(
    State(room): State<ReadingRoom>,
    Query(wish): Query<After>,
    who: SignedIn,
) -> Result<Response, Response> {
    let sought = wish.q.unwrap_or_default();
    let token = wish.after.and_then(|token| MinuteToken::parse(&token).ok());
    let found = match (SearchQuery::parse(&sought), token) {
        (Some(query), Some(token)) => {
            room.note(&who, Verb::Searched, &sought, None).await?;
            let after = room.catalog.document_number(&who.viewer, &token).await.map_err(not_now)?;
            let page = room
                .catalog
                .search(&room.store, &who.viewer, &query, after, 1)
                .await
                .map_err(unsearchable)?;
            page.found.into_iter().next()
        }
        _ => None,
    };
    let place = found.map_or_else(
        || {
            format!(
                "/search?{}",
                form_urlencoded::Serializer::new(String::new()).append_pair("q", &sought).finish()
            )
        },
        |found| place_of(&found, &sought),
    );
    Ok(Redirect::to(&room.site.path(&place)).into_response())
}

/// The first second of a recording at which something was found.
fn place_of(found: &Found, sought: &str) -> String {
    let second = found.excerpts.excerpts.iter().find_map(|excerpt| excerpt.at_ms).unwrap_or(0) / 1_000;
    let wish = form_urlencoded::Serializer::new(String::new())
        .append_pair("t", &second.to_string())
        .append_pair("q", sought)
        .finish();
    format!("/recordings/{}?{wish}", found.opened.recording.minute_token)
}
