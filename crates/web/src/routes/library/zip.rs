//! `GET /recordings.zip?r=…&r=…`: all files of the ticked recordings, as far as they may be opened. The same ticks make
//! the same bytes, so that a download which broke off goes on where it was.

use std::path::Path;

use archive::audit::Verb;
use archive::model::ArtifactState;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use url::form_urlencoded;

use super::wishes::Wishes;
use crate::attachment::{Disposition, disposition};
use crate::partial::Whole;
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::SignedIn;
use crate::zip::{Member, length, make_unique, stream, tag};

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
    method: Method,
    headers: HeaderMap,
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
                sha256: file.sha256.clone().unwrap_or_default(),
                bytes: file.bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
                at: at.to_zoned_datetime(room.zone.clone()).datetime(),
            });
        }
    }
    if members.is_empty() {
        return Ok(back(&room, query.as_deref()).into_response());
    }
    make_unique(&mut members);
    let whole = Whole {
        bytes: length(&members),
        etag: tag(&members),
        modified: None,
        content_type: "application/zip",
        disposition: disposition(Disposition::Attachment, "recordings.zip"),
    };
    Ok(whole.answer(&method, &headers, |range| stream(room.store, room.zip_sums, members, range)))
}
