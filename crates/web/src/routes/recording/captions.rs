//! `GET /recordings/{token}/captions.vtt`: the transcript for the player's captions (WebVTT).

use archive::audit::Verb;
use archive::library::Document;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::reading_room::{ReadingRoom, unreadable};
use crate::session::SignedIn;

pub(super) async fn captions(
    State(room): State<ReadingRoom>,
    Path(token): Path<String>,
    who: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Response> {
    // Part of one and the same playing.
    let opened = room.open_part(&who, &token, (Verb::Played, "media"), &headers).await?;
    let document = Document::read(&room.store, &opened).await.map_err(unreadable)?;
    let headers = [(CONTENT_TYPE, "text/vtt; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    Ok((headers, document.transcript.to_webvtt()).into_response())
}
