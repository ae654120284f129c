//! `/recordings`: everyone's home, the list of what they may see; and what they take away of it.

mod export;
mod list;
pub(crate) mod wishes;
mod zip;

use axum::Router;
use axum::routing::get;

use crate::reading_room::ReadingRoom;

pub(crate) fn router(room: ReadingRoom) -> Router {
    Router::new()
        .route("/recordings", get(list::list))
        .route("/recordings.csv", get(export::csv))
        .route("/recordings.xlsx", get(export::xlsx))
        .route("/recordings.zip", get(zip::zip))
        .with_state(room)
}
