//! `GET /recordings.zip?r=…&r=…`: all files of the ticked recordings, as far as they may be opened. While
//! nothing of them changes the same ticks make the same bytes, so that a download which broke off goes on where it was.

use std::path::Path;

use archive::audit::Verb;
use archive::library::Opened;
use archive::model::{Artifact, ArtifactState};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::back;
use super::wishes::Wishes;
use crate::attachment::{Disposition, disposition};
use crate::partial::Whole;
use crate::reading_room::{ReadingRoom, not_now, titled};
use crate::session::SignedIn;
use crate::visitor::Visitor;
use crate::words::Words;
use crate::zip::{Content, Member, length, make_unique, stream, tag};

pub(super) async fn zip(
    State(room): State<ReadingRoom>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
    who: SignedIn,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let words = visitor.words;
    let (mut members, mut left_out) = (Vec::new(), Vec::new());
    for token in Wishes::of(query.as_deref()).ticked() {
        // Whoever may list everything can tick what they may not open; to anybody else such a row was never shown.
        if who.viewer.may_list_everything()
            && !room.catalog.may_open(&who.viewer, &token).await.map_err(not_now)?
        {
            let listed = room.catalog.listed_one(&who.viewer, &token).await.map_err(not_now)?;
            let title = titled(listed.and_then(|item| item.title).as_deref(), words);
            left_out.push(format!("{title} [{token}]: {}", words.say("zip-not-theirs")));
            continue;
        }
        let opened = room.open_part(&who, token.as_ref(), (Verb::Exported, "zip"), &headers).await?;
        let made_ms = opened.recording.created_ms.unwrap_or(opened.recording.found_at);
        let made = Timestamp::from_millisecond(made_ms).unwrap_or_default();
        for file in &opened.artifacts {
            match (&file.file_name, &opened.recording.dir, file.state) {
                (Some(name), Some(dir), ArtifactState::Done) => members.push(Member {
                    name: name.clone(),
                    content: Content::Stored(Path::new(dir).join(name)),
                    sha256: file.sha256.clone().unwrap_or_default(),
                    bytes: file.bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
                    at: made.to_zoned_datetime(room.zone.clone()).datetime(),
                }),
                // There is none at the platform, either.
                (_, _, ArtifactState::Absent) => {}
                _ => left_out.push(missing(&opened, file, words)),
            }
        }
    }
    if members.is_empty() {
        return Ok(back(&room, query.as_deref(), "zip-empty"));
    }
    if !left_out.is_empty() {
        let text = format!("{}\r\n\r\n{}\r\n", words.say("zip-left-out"), left_out.join("\r\n"));
        members.push(Member::of_text(words.say("zip-left-out-name"), text, DateTime::ZERO));
    }
    make_unique(&mut members);
    let whole = Whole {
        bytes: length(&members),
        etag: tag(&members),
        modified_ms: None,
        content_type: "application/zip",
        disposition: disposition(Disposition::Attachment, "recordings.zip"),
    };
    Ok(whole.answer(&method, &headers, |range| stream(room.store, room.zip_sums, members, range)))
}

/// What is not here of a recording, and why.
fn missing(opened: &Opened, file: &Artifact, words: Words) -> String {
    let recording = &opened.recording;
    let title = titled(recording.title.as_deref(), words);
    let why = file.reason().map_or_else(|| words.artifact_state(file.state), |reason| words.reason(reason));
    format!("{title} [{}]: {} – {why}", recording.minute_token, words.artifact_kind(file.kind))
}
