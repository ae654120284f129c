//! `GET /recordings.zip?r=…&r=…`: all files of the ticked recordings, as far as they may be opened.

use std::path::Path;

use archive::audit::Verb;
use archive::model::ArtifactState;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use url::form_urlencoded;

use super::wishes::Wishes;
use crate::attachment::{Disposition, disposition};
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::SignedIn;
use crate::zip::{Member, length, make_unique, stream};

/// To the list as it was, which says that there is nothing in it.
fn back(room: &ReadingRoom, query: Option<&str>) -> Redirect {
    let mut wish = form_urlencoded::Serializer::new(String::new());
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    wish.extend_pairs(pairs.filter(|(name, _)| !["r", "said", "count"].contains(&name.as_ref())));
    let wish = wish.append_pair("said", "zip-empty").finish();
    Redirect::to(&room.site.path(&format!("/recordings?{wish}")))
}

pub(super) async fn zip(
    State(room): State<ReadingRoom>,
    RawQuery(query): RawQuery,
    who: SignedIn,
) -> Result<Response, Response> {
    let mut members = Vec::new();
    for token in Wishes::of(query.as_deref()).ticked() {
        // Whoever may list everything can tick what they may not open; to anybody else such a row was never shown.
        if who.viewer.may_list_everything()
            && !room.catalog.may_open(&who.viewer, &token).await.map_err(not_now)?
        {
            continue;
        }
        let opened = room.open(&who, token.as_ref(), Verb::Exported).await?;
        for file in opened.artifacts.iter().filter(|file| file.state == ArtifactState::Done) {
            let (Some(name), Some(dir)) = (&file.file_name, &opened.recording.dir) else { continue };
            let at = Timestamp::from_millisecond(file.done_at.unwrap_or_default()).unwrap_or_default();
            members.push(Member {
                name: name.clone(),
                path: Path::new(dir).join(name),
                bytes: file.bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
                at: at.to_zoned_datetime(room.zone.clone()).datetime(),
            });
        }
    }
    if members.is_empty() {
        return Ok(back(&room, query.as_deref()).into_response());
    }
    make_unique(&mut members);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_LENGTH, HeaderValue::from(length(&members))),
        (CONTENT_DISPOSITION, disposition(Disposition::Attachment, "recordings.zip")),
    ];
    Ok((StatusCode::OK, headers, Body::from_stream(stream(room.store, members))).into_response())
}
