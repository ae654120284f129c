//! `GET /recordings/{token}/cover`: the picture of a recording. Lists bring it with each row, so that only a refusal is
//! written down.

use archive::model::ArtifactKind;
use archive::verify::picture_type;
use axum::extract::{Path as Named, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};

use super::file::serve;
use crate::attachment::Disposition;
use crate::notice::Notice;
use crate::reading_room::{ReadingRoom, done};
use crate::session::SignedIn;

pub(super) async fn cover(
    State(room): State<ReadingRoom>,
    Named(token): Named<String>,
    who: SignedIn,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let opened = room.glance(&who, &token).await?;
    let cover = done(&opened, ArtifactKind::Cover);
    let name = cover.and_then(|cover| cover.file_name.as_deref()).unwrap_or_default();
    let (Some(cover), Some(kind)) = (cover, picture_type(name)) else {
        return Err(Notice::NotFound.into_response());
    };
    serve(&room, &opened, cover, kind, Disposition::Inline, &method, &headers).await
}
