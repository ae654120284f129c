//! `/recordings`: everyone's home, the list of what they may see; and what they take away of it.

mod export;
mod list;
pub(crate) mod wishes;
mod zip;

use axum::Router;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use url::form_urlencoded;

use crate::reading_room::ReadingRoom;

pub(crate) fn router(room: ReadingRoom) -> Router {
    Router::new()
        .route("/recordings", get(list::list))
        .route("/recordings.csv", get(export::csv))
        .route("/recordings.xlsx", get(export::xlsx))
        .route("/recordings.zip", get(zip::zip))
        .with_state(room)
}

/// To the list as it was, which says why nothing came of what was wanted.
fn back(room: &ReadingRoom, query: Option<&str>, said: &str) -> Response {
    let mut wish = form_urlencoded::Serializer::new(String::new());
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    wish.extend_pairs(pairs.filter(|(name, _)| !["r", "undo", "said", "count"].contains(&name.as_ref())));
    let wish = wish.append_pair("said", said).finish();
    Redirect::to(&room.site.path(&format!("/recordings?{wish}"))).into_response()
}
