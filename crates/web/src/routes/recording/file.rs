//! One file of a recording on its way to whoever may open it. It is what was archived, or it does not come.

use std::path::Path;

use archive::library::Opened;
use archive::model::Artifact;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use tracing::error;

use crate::attachment::{Disposition, disposition};
use crate::notice::Notice;
use crate::partial::Whole;
use crate::reading_room::{ReadingRoom, unreadable};
use crate::streaming;

/// The file, or the part of it that is asked for.
pub(crate) async fn serve(
    room: &ReadingRoom,
    opened: &Opened,
    artifact: &Artifact,
    content_type: &'static str,
    how: Disposition,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Response> {
    let name = artifact.file_name.as_deref().unwrap_or_default();
    let path = Path::new(opened.recording.dir.as_deref().unwrap_or_default()).join(name);
    let file = room.store.open_read(&path).await.map_err(unreadable)?.into_std().await;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if artifact.bytes.is_some_and(|bytes| u64::try_from(bytes) != Ok(length)) {
        let (recording, kind) = (&opened.recording.minute_token, artifact.kind);
        error!(%recording, %kind, length, "a file is not as long as it was archived");
        return Err(Notice::NotNow.into_response());
    }
    let whole = Whole {
        bytes: length,
        etag: format!("\"{}\"", artifact.sha256.as_deref().unwrap_or_default()),
        modified_ms: artifact.done_at,
        content_type,
        disposition: disposition(how, name),
    };
    Ok(whole.answer(method, headers, |range| streaming::stream(file, range)))
}
