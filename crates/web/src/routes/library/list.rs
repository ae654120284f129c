//! `GET /recordings`: the library.

use archive::audit::Verb;
use archive::library::Wish;
use archive::model::MinuteToken;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::wishes::Wishes;
use crate::page::show;
use crate::pages::LibraryPage;
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::SignedIn;
use crate::visitor::Visitor;

/// Rows of one page.
const ROWS: i64 = 50;

pub(super) async fn list(
    State(room): State<ReadingRoom>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
    who: SignedIn,
) -> Result<Response, Response> {
    let wishes = Wishes::of(query.as_deref());
    let wish = wished(&room, &wishes, &visitor, &who, ROWS).await?;
    room.note(&who, Verb::Viewed, "/recordings", None).await?;
    let (listed, count) = tokio::try_join!(
        room.catalog.listed(&who.viewer, &wish),
        room.catalog.count_listed(&who.viewer, &wish)
    )
    .map_err(not_now)?;
    // Who has nothing here may not know that their own click is what is missing.
    let is_stranger = query.as_deref().is_none_or(str::is_empty)
        && listed.items.is_empty()
        && room.catalog.member(&who.viewer.open_id).await.map_err(not_now)?.is_none();
    let undo = match MinuteToken::parse(wishes.get("undo")) {
        Ok(token) => {
            let is_theirs = room.catalog.is_in_own_trash(&token, &who.viewer.open_id).await;
            is_theirs.map_err(not_now)?.then_some(token)
        }
        Err(_) => None,
    };
    let mut page = LibraryPage::new(&room, &visitor, &who, wishes, &wish, listed, count);
    page.is_stranger = is_stranger;
    page.undo = undo.map(|token| room.site.path(&format!("/recordings/{token}/restore")));
    Ok(show(StatusCode::OK, &page))
}

/// What is wished for, people by their ids.
pub(super) async fn wished(
    room: &ReadingRoom,
    wishes: &Wishes,
    visitor: &Visitor,
    who: &SignedIn,
    rows: i64,
) -> Result<Wish, Response> {
    let mut wish = wishes.wish(&who.viewer, visitor.zone_or(&room.zone), rows);
    let named = wishes.get("person").trim();
    if !named.is_empty() && wish.owners.is_empty() {
        wish.owners = room.catalog.owners_named(&who.viewer, named).await.map_err(not_now)?;
        if wish.owners.is_empty() {
            // Somebody of whom nothing is to be seen has no recordings here.
            wish.owners.push("?".to_owned());
        }
    }
    Ok(wish)
}
