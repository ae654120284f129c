//! `GET /recordings/{token}/captions.vtt`: the transcript for the player's captions (WebVTT).

use archive::audit::Verb;
use archive::library::Document;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::reading_room::{ReadingRoom, unreadable};
use crate::session::SignedIn;

pub(super) async fn captions(
    State(room): State<ReadingRoom>,
    Path(token): Path<String>,
    who: SignedIn,
) -> Result<Response, Response> {
    let opened = room.opened(&who, &token, Verb::Played).await?;
    let document = Document::read(&room.store, &opened).await.map_err(unreadable)?;
    let headers = [(CONTENT_TYPE, "text/vtt; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    let answer = (headers, document.transcript.to_webvtt()).into_response();
    // One and the same playing.
    room.note_file(&who, (Verb::Played, "media"), &opened, false).await?;
    Ok(answer)
}
