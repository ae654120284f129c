//! `GET /recordings/{token}`: the player, with what was said, the notes, and the proof of what is kept. `?t=` begins at
//! that second, `?q=` marks what was searched for.

use archive::audit::Verb;
use archive::library::{Document, SearchQuery};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::page::show;
use crate::pages::PlayerPage;
use crate::reading_room::{ReadingRoom, not_now, unreadable};
use crate::session::SignedIn;
use crate::visitor::Visitor;

#[derive(Deserialize)]
pub(super) struct Wish {
    t: Option<String>,
    q: Option<String>,
}

pub(super) async fn player(
    State(room): State<ReadingRoom>,
    Path(token): Path<String>,
    Query(wish): Query<Wish>,
    visitor: Visitor,
    who: SignedIn,
) -> Result<Response, Response> {
    let opened = room.open(&who, &token, Verb::Viewed).await?;
    let sightings = room.catalog.sightings(&opened.recording.minute_token).await.map_err(not_now)?;
    let at_source = room.catalog.source(&opened.recording.minute_token).await.map_err(not_now)?;
    let document = Document::read(&room.store, &opened).await.map_err(unreadable)?;
    let second = wish.t.and_then(|second| second.parse::<u32>().ok());
    let sought = wish.q.unwrap_or_default();
    let query = SearchQuery::parse(&sought);
    let page = PlayerPage::new(&room, &visitor, &who, &opened, &document, &sightings, at_source)
        .beginning_at(second)
        .marking(&document, query.as_ref(), &sought);
    Ok(show(StatusCode::OK, &page))
}
