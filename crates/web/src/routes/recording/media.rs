//! `GET /recordings/{token}/media`: audio or video, whole or in part, for players and downloads (`?download=1`).
//! Its ETag is its SHA-256, so that whoever keeps it can prove what it is.

use archive::audit::Verb;
use archive::library::Kind;
use archive::model::{Artifact, ArtifactKind};
use axum::extract::{Path as Named, Query, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::file::serve;
use crate::attachment::Disposition;
use crate::notice::Notice;
use crate::partial::is_later_part;
use crate::reading_room::{ReadingRoom, done};
use crate::session::SignedIn;

#[derive(Deserialize)]
pub(super) struct Wish {
    download: Option<String>,
}

pub(super) async fn media(
    State(room): State<ReadingRoom>,
    Named(token): Named<String>,
    Query(wish): Query<Wish>,
    who: SignedIn,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let how = if wish.download.is_some() { Disposition::Attachment } else { Disposition::Inline };
    let verb = if how == Disposition::Attachment { Verb::Exported } else { Verb::Played };
    let opened = room.opened(&who, &token, verb).await?;
    let Some(media) = done(&opened, ArtifactKind::Media) else {
        return Err(Notice::NotFound.into_response());
    };
    let answer = serve(&room, &opened, media, media_type(media), how, &method, &headers).await?;
    room.note_file(&who, (verb, "media"), &opened, is_later_part(&answer)).await?;
    Ok(answer)
}

/// What a browser is told that it is.
pub(crate) fn media_type(media: &Artifact) -> &'static str {
    match Kind::of(media.file_name.as_deref().unwrap_or_default()) {
        Kind::Audio => "audio/mp4",
        Kind::Video => "video/mp4",
    }
}
