//! `/recordings/{token}`: the player and everything that it shows and plays. A file is found by the catalogue alone;
//! no part of a path comes from a request.

mod captions;
mod cover;
pub(crate) mod file;
pub(crate) mod media;
mod player;
mod text;
mod trash;

use axum::Router;
use axum::routing::{get, post};

use crate::reading_room::ReadingRoom;

pub(crate) fn router(room: ReadingRoom) -> Router {
    Router::new()
        .route("/recordings/{token}", get(player::player))
        .route("/recordings/{token}/media", get(media::media))
        .route("/recordings/{token}/cover", get(cover::cover))
        .route("/recordings/{token}/captions.vtt", get(captions::captions))
        .route("/recordings/{token}/text/{kind}", get(text::text))
        .route("/recordings/{token}/trash", post(trash::trash))
        .route("/recordings/{token}/restore", post(trash::restore))
        .with_state(room)
}
