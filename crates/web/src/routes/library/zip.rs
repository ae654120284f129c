//! `GET /recordings.zip?r=…&r=…`: all files of the ticked recordings, as far as they may be opened. While
//! nothing of them changes the same ticks make the same bytes, so that a download which broke off goes on where it was.

use std::path::Path;

use archive::audit::Verb;
use archive::library::Opened;
use archive::members::Features;
use archive::model::{Artifact, ArtifactKind, ArtifactState, Reason};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::back;
use super::wishes::Wishes;
use crate::attachment::{Disposition, disposition};
use crate::partial::{Whole, is_later_part};
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
    let (mut members, mut left_out, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    for token in Wishes::of(query.as_deref()).ticked() {
        // Whoever may list everything can tick what they may not open; to anybody else such a row was never shown.
        if who.viewer.may_list_everything()
            && !room.catalog.may_open(&who.viewer, &token).await.map_err(not_now)?
        {
            let listed = room.catalog.listed_one(&who.viewer, &token).await.map_err(not_now)?;
            left_out.push(match listed {
                Some(item) => {
                    let title = titled(item.title.as_deref(), words);
                    format!("{title} [{token}]: {}", words.say("zip-not-theirs"))
                }
                None => format!("[{token}]: {}", words.say("zip-gone")),
            });
            continue;
        }
        let opened = room.opened(&who, token.as_ref(), Verb::Exported).await?;
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
                _ if is_no_loss(file, room.features) => {}
                _ => left_out.push(missing(&opened, file, words)),
            }
        }
        taken.push(opened);
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
    let (store, sums) = (room.store.clone(), room.zip_sums.clone());
    let answer = whole.answer(&method, &headers, |range| stream(store, sums, members, range));
    let is_later = is_later_part(&answer);
    for opened in &taken {
        room.note_file(&who, (Verb::Exported, "zip"), opened, is_later).await?;
    }
    Ok(answer)
}

/// Whether nobody misses this part: it is not kept here, or the platform never had one.
fn is_no_loss(file: &Artifact, features: Features) -> bool {
    let never_was = file.state == ArtifactState::Absent
        && file.kind != ArtifactKind::Media
        && !matches!(file.reason(), Some(Reason::Lost | Reason::HeldElsewhere | Reason::Deleted));
    never_was || !features.wants(file.kind)
}

/// What is not here of a recording, and why.
fn missing(opened: &Opened, file: &Artifact, words: Words) -> String {
    let recording = &opened.recording;
    let title = titled(recording.title.as_deref(), words);
    let why = file.reason().map_or_else(|| words.artifact_state(file.state), |reason| words.reason(reason));
    format!("{title} [{}]: {} – {why}", recording.minute_token, words.artifact_kind(file.kind))
}
