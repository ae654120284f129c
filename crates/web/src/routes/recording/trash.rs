//! `POST /recordings/{token}/trash`: its owner puts it in the trash; `…/restore`: and takes it out again. What somebody
//! else or a rule has put there, an administrator can put back.

use archive::audit::{self, Verb};
use archive::model::MinuteToken;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::notice::Notice;
use crate::reading_room::{ReadingRoom, not_now};
use crate::session::{Nothing, Submitted};

pub(super) async fn trash(
    State(room): State<ReadingRoom>,
    Path(token): Path<String>,
    Submitted { who, .. }: Submitted<Nothing>,
) -> Result<Response, Response> {
    let opened = room.opened(&who, &token, Verb::Deleted).await?;
    let token = &opened.recording.minute_token;
    if opened.recording.owner_id.as_deref() != Some(who.viewer.open_id.as_str()) {
        let refused = who.deed(Verb::Refused, token.as_str(), Some(Verb::Deleted.as_str().to_owned()));
        audit::record(&room.catalog, &refused).await.map_err(not_now)?;
        return Err(Notice::NotFound.into_response());
    }
    let deed = who.deed(Verb::Deleted, token.as_str(), Some("trash".to_owned()));
    room.trash.put(token, &deed).await.map_err(|error| Notice::of_trash(&error).into_response())?;
    let list = format!("/recordings?undo={token}&said=trashed&count=1");
    Ok(Redirect::to(&room.site.path(&list)).into_response())
}

pub(super) async fn restore(
    State(room): State<ReadingRoom>,
    Path(token): Path<String>,
    Submitted { who, .. }: Submitted<Nothing>,
) -> Result<Response, Response> {
    let Ok(token) = MinuteToken::parse(&token) else { return Err(Notice::NotFound.into_response()) };
    let back = Redirect::to(&room.site.path("/recordings?said=restored&count=1"));
    if !room.catalog.is_in_own_trash(&token, &who.viewer.open_id).await.map_err(not_now)? {
        // Pressed twice: it is back already.
        let opened = room.catalog.opened(&who.viewer, &token).await.map_err(not_now)?;
        let owner = opened.and_then(|opened| opened.recording.owner_id);
        if owner.as_deref() == Some(who.viewer.open_id.as_str()) {
            return Ok(back.into_response());
        }
        let refused = who.deed(Verb::Refused, token.as_str(), Some(Verb::Changed.as_str().to_owned()));
        audit::record(&room.catalog, &refused).await.map_err(not_now)?;
        return Err(Notice::NotFound.into_response());
    }
    let deed = who.deed(Verb::Changed, token.as_str(), Some("restored from the trash".to_owned()));
    room.trash.restore(&token, &deed).await.map_err(|error| Notice::of_trash(&error).into_response())?;
    Ok(back.into_response())
}
