//! `GET /recordings/{token}/cover`: the picture of a recording. Lists bring it with each row, so that only a refusal is
//! written down.

use std::path::Path;

use archive::model::ArtifactKind;
use archive::verify::picture_type;
use axum::body::Body;
use axum::extract::{Path as Named, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::notice::Notice;
use crate::reading_room::{ReadingRoom, done, unreadable};
use crate::session::SignedIn;
use crate::streaming;

pub(super) async fn cover(
    State(room): State<ReadingRoom>,
    Named(token): Named<String>,
    who: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let opened = room.glance(&who, &token).await?;
    let cover = done(&opened, ArtifactKind::Cover);
    let name = cover.and_then(|cover| cover.file_name.as_deref()).unwrap_or_default();
    let (Some(cover), Some(kind)) = (cover, picture_type(name)) else {
        return Err(Notice::NotFound.into_response());
    };
    let etag = format!("\"{}\"", cover.sha256.as_deref().unwrap_or_default());
    // Kept by this browser alone, and asked for again each time: rights may have changed.
    let mut told = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))]);
    told.extend(HeaderValue::from_str(&etag).map(|etag| (ETAG, etag)));
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, told).into_response());
    }
    let path = Path::new(opened.recording.dir.as_deref().unwrap_or_default()).join(name);
    let file = room.store.open_read(&path).await.map_err(unreadable)?.into_std().await;
    let length = file.metadata().map_err(|_| Notice::NotNow.into_response())?.len();
    told.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    told.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok((told, Body::from_stream(streaming::stream(file, 0..length))).into_response())
}
