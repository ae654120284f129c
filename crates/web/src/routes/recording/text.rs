//! `GET /recordings/{token}/text/{kind}`: transcript, captions, notes and description as the files that they are.

use std::path::Path;

use archive::audit::Verb;
use archive::model::ArtifactKind;
use axum::body::Body;
use axum::extract::{Path as Named, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::attachment::{Disposition, disposition};
use crate::notice::Notice;
use crate::reading_room::{ReadingRoom, done, unreadable};
use crate::session::SignedIn;
use crate::streaming;

pub(super) async fn text(
    State(room): State<ReadingRoom>,
    Named((token, kind)): Named<(String, String)>,
    who: SignedIn,
) -> Result<Response, Response> {
    let kind = kind.parse().ok().filter(|kind| *kind != ArtifactKind::Media);
    let Some(kind) = kind else { return Err(Notice::NotFound.into_response()) };
    let opened = room.open(&who, &token, Verb::Exported).await?;
    let Some(name) = done(&opened, kind).and_then(|text| text.file_name.as_deref()) else {
        return Err(Notice::NotFound.into_response());
    };
    let path = Path::new(opened.recording.dir.as_deref().unwrap_or_default()).join(name);
    let file = room.store.open_read(&path).await.map_err(unreadable)?.into_std().await;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_LENGTH, HeaderValue::from(length)),
        (CONTENT_DISPOSITION, disposition(Disposition::Attachment, name)),
    ];
    Ok((StatusCode::OK, headers, Body::from_stream(streaming::stream(file, 0..length))).into_response())
}
