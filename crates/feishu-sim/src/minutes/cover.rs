//! A picture of the recording, at the address that its metadata gives. The documentation says nothing of who may fetch
//! it: here it is open, or for browsers that are signed in alone.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};

use crate::platform::Shared;
use crate::scenario::CoverAccess;

const PICTURES: [&[u8]; 3] = [
    include_bytes!("../../assets/cover-0.png"),
    include_bytes!("../../assets/cover-1.png"),
    include_bytes!("../../assets/cover-2.png"),
];

/// `GET /cover/:minute_token.png`
pub(super) async fn cover(State(platform): State<Shared>, Path(name): Path<String>) -> Response {
    let world = platform.world();
    let row =
        name.strip_suffix(".png").and_then(|token| world.minute(token)).filter(|row| !row.minute.deleted);
    if row.is_none() {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    }
    match world.knobs.cover {
        CoverAccess::Open => {
            let number: usize = name.bytes().map(usize::from).sum();
            ([(CONTENT_TYPE, "image/png")], PICTURES[number % PICTURES.len()]).into_response()
        }
        CoverAccess::Refused => StatusCode::FORBIDDEN.into_response(),
        CoverAccess::Login => {
            (StatusCode::FOUND, [(LOCATION, format!("{}/login", platform.base))]).into_response()
        }
    }
}

/// `GET /login`: where a browser that nobody has signed in to ends.
pub(super) async fn login() -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], "<!doctype html><title>Feishu</title>").into_response()
}
