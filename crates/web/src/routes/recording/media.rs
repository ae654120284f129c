//! `GET /recordings/{token}/media`: audio or video, whole or in part, for players and downloads (`?download=1`).
//! Its ETag is its SHA-256, so that whoever keeps it can prove what it is.

use std::path::Path;

use archive::audit::Verb;
use archive::library::{Kind, Opened};
use archive::model::{Artifact, ArtifactKind};
use archive::store::StoreError;
use axum::extract::{Path as Named, Query, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tracing::error;

use crate::attachment::{Disposition, disposition};
use crate::figures::http_date;
use crate::notice::Notice;
use crate::partial::Whole;
use crate::reading_room::{ReadingRoom, done};
use crate::session::SignedIn;
use crate::streaming;

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
    let opened = room.open(&who, &token, verb).await?;
    let Some(media) = done(&opened, ArtifactKind::Media) else {
        return Err(Notice::NotFound.into_response());
    };
    serve(&room, &opened, media, how, &method, &headers).await
}

/// The file, or the part of it that is asked for.
pub(crate) async fn serve(
    room: &ReadingRoom,
    opened: &Opened,
    media: &Artifact,
    how: Disposition,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Response> {
    let name = media.file_name.as_deref().unwrap_or_default();
    let path = Path::new(opened.recording.dir.as_deref().unwrap_or_default()).join(name);
    let file = match room.store.open_read(&path).await {
        Ok(file) => file.into_std().await,
        Err(error) => return Err(missing(opened, &error)),
    };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if media.bytes.is_some_and(|bytes| u64::try_from(bytes) != Ok(length)) {
        error!(recording = %opened.recording.minute_token, length, "a media file is not as long as it was archived");
        return Err(Notice::NotNow.into_response());
    }
    let whole = Whole {
        bytes: length,
        etag: format!("\"{}\"", media.sha256.as_deref().unwrap_or_default()),
        modified: Some(http_date(media.done_at.unwrap_or_default())),
        content_type: if Kind::of(name) == Kind::Audio { "audio/mp4" } else { "video/mp4" },
        disposition: disposition(how, name),
    };
    Ok(whole.answer(method, headers, |range| streaming::stream(file, range)))
}

fn missing(opened: &Opened, error: &StoreError) -> Response {
    error!(recording = %opened.recording.minute_token, %error, "a media file cannot be opened");
    Notice::NotNow.into_response()
}
