//! Into the trash and out of it, by administrators. They see titles and no content.

use archive::audit::Verb;
use archive::model::MinuteToken;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::notice::Notice;
use crate::routes::rooms::Rooms;
use crate::session::{Submitted, administrators_only};

/// A recording, and the rule in whose list it was seen.
#[derive(Deserialize)]
pub(super) struct Which {
    token: String,
    #[serde(default)]
    rule: String,
}

impl Which {
    fn recording(&self) -> Result<MinuteToken, Notice> {
        MinuteToken::parse(&self.token).map_err(|_| Notice::BadForm)
    }

    fn page(&self) -> String {
        let is_number = self.rule.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        match self.rule.as_str() {
            rule if is_number && !rule.is_empty() => format!("/storage/rules/{rule}"),
            _ => "/storage".to_owned(),
        }
    }
}

pub(super) async fn put(
    State(rooms): State<Rooms>,
    submitted: Submitted<Which>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let token = form.recording().map_err(Notice::into_response)?;
    let deed = who.deed(Verb::Deleted, token.as_str(), Some("trash".to_owned()));
    rooms.trash.put(&token, &deed).await.map_err(|error| Notice::of_trash(&error).into_response())?;
    Ok(rooms.back(&form.page(), "trashed", 1))
}

#[derive(Deserialize)]
pub(super) struct WhoseTake {
    rule: String,
}

/// All that one rule has taken.
pub(super) async fn restore_all(
    State(rooms): State<Rooms>,
    submitted: Submitted<WhoseTake>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let said = format!("restored from the trash all that rule {} took", form.rule);
    let deed = who.deed(Verb::Changed, "retention", Some(said));
    let restored = rooms.trash.restore_all_of(&form.rule, &deed).await;
    let count = restored.map_err(|error| Notice::of_trash(&error).into_response())?;
    Ok(rooms.back("/storage", "restoring", count))
}

pub(super) async fn restore(
    State(rooms): State<Rooms>,
    submitted: Submitted<Which>,
) -> Result<Response, Response> {
    let Submitted { who, form } = administrators_only(submitted).map_err(Notice::into_response)?;
    let token = form.recording().map_err(Notice::into_response)?;
    let deed = who.deed(Verb::Changed, token.as_str(), Some("restored from the trash".to_owned()));
    rooms.trash.restore(&token, &deed).await.map_err(|error| Notice::of_trash(&error).into_response())?;
    Ok(rooms.back("/storage", "restored", 1))
}
