//! `GET /recordings/{token}/text/{kind}`: transcript, captions, notes and description as the files that they are.

use archive::audit::Verb;
use archive::model::ArtifactKind;
use axum::extract::{Path as Named, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};

use super::file::serve;
use crate::attachment::Disposition;
use crate::notice::Notice;
use crate::partial::is_later_part;
use crate::reading_room::{ReadingRoom, done};
use crate::session::SignedIn;

pub(super) async fn text(
    State(room): State<ReadingRoom>,
    Named((token, kind)): Named<(String, String)>,
    who: SignedIn,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let kind = kind.parse::<ArtifactKind>().ok().filter(|kind| *kind != ArtifactKind::Media);
    let Some(kind) = kind else { return Err(Notice::NotFound.into_response()) };
    let opened = room.opened(&who, &token, Verb::Exported).await?;
    let Some(text) = done(&opened, kind) else { return Err(Notice::NotFound.into_response()) };
    // No browser takes it for a page.
    let as_bytes = "application/octet-stream";
    let answer = serve(&room, &opened, text, as_bytes, Disposition::Attachment, &method, &headers).await?;
    room.note_file(&who, (Verb::Exported, kind.as_str()), &opened, is_later_part(&answer)).await?;
    Ok(answer)
}
