//! `GET /recordings/{token}/media`: audio or video, whole or in part, for players and downloads (`?download=1`).
//! RFC 9110 §13, §14. Its ETag is its SHA-256, so that whoever keeps it can prove what it is.

use std::path::Path;

use archive::audit::Verb;
use archive::library::{Kind, Opened};
use archive::model::{Artifact, ArtifactKind};
use archive::store::StoreError;
use axum::body::Body;
use axum::extract::{Path as Named, Query, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tracing::error;

use crate::attachment::{Disposition, disposition};
use crate::figures::http_date;
use crate::notice::Notice;
use crate::range::{Wanted, wanted};
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
    let etag = format!("\"{}\"", media.sha256.as_deref().unwrap_or_default());
    let modified = http_date(media.done_at.unwrap_or_default());
    let mut answer = Response::default();
    let mut put = |name: HeaderName, value: &str| {
        answer.headers_mut().extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
    };
    put(ETAG, &etag);
    put(LAST_MODIFIED, &modified);
    put(ACCEPT_RANGES, "bytes");
    // Kept by this browser alone, and asked for again each time: rights may have changed.
    put(CACHE_CONTROL, "private, no-cache");
    if is_known(headers, &etag, &modified) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    put(CONTENT_TYPE, if Kind::of(name) == Kind::Audio { "audio/mp4" } else { "video/mp4" });
    let range = match part(method, headers, &etag, &modified, length) {
        Wanted::Whole => 0..length,
        Wanted::Part(range) => {
            put(CONTENT_RANGE, &format!("bytes {}-{}/{length}", range.start, range.end - 1));
            *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
            range
        }
        Wanted::Beyond => {
            put(CONTENT_RANGE, &format!("bytes */{length}"));
            *answer.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(answer);
        }
    };
    let headers = answer.headers_mut();
    headers.insert(CONTENT_DISPOSITION, disposition(how, name));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if method != Method::HEAD {
        *answer.body_mut() = Body::from_stream(streaming::stream(file, range));
    }
    Ok(answer)
}

/// Whether the browser has it already.
fn is_known(headers: &HeaderMap, etag: &str, modified: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(IF_NONE_MATCH) {
        Some(known) => {
            known.split(',').map(str::trim).any(|it| it == "*" || it.trim_start_matches("W/") == etag)
        }
        None => text(IF_MODIFIED_SINCE) == Some(modified),
    }
}

/// The part that is asked for, unless it is asked for of another file than this (If-Range).
fn part(method: &Method, headers: &HeaderMap, etag: &str, modified: &str, length: u64) -> Wanted {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_of_this = text(IF_RANGE).is_none_or(|known| known == etag || known == modified);
    match text(RANGE).filter(|_| is_of_this && method == Method::GET) {
        Some(range) => wanted(range, length),
        None => Wanted::Whole,
    }
}

fn missing(opened: &Opened, error: &StoreError) -> Response {
    error!(recording = %opened.recording.minute_token, %error, "a media file cannot be opened");
    Notice::NotNow.into_response()
}
