//! Legal holds are placed and lifted by administrators and auditors.

use archive::audit::Verb;
use archive::model::MinuteToken;
use archive::retention::HoldOn;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::notice::Notice;
use crate::routes::rooms::person_named;
use crate::routes::rooms::{Rooms, not_now};
use crate::session::{Submitted, overseers_only};

/// Of a reason, in characters.
const LONGEST_REASON: usize = 500;

/// What somebody filled in.
#[derive(Deserialize)]
pub(super) struct Placed {
    /// A recording by its token or its address, or a person by their name or open_id.
    on: String,
    reason: String,
}

pub(super) async fn place(
    State(rooms): State<Rooms>,
    submitted: Submitted<Placed>,
) -> Result<Response, Response> {
    let Submitted { who, form } = overseers_only(submitted).map_err(Notice::into_response)?;
    let reason = short(&form.reason);
    if reason.is_empty() {
        return Err(Notice::BadForm.into_response());
    }
    let Some(on) = meant(&rooms, &form.on).await? else {
        return Ok(rooms.back("/storage", "unknown-subject", 0));
    };
    let subject = match &on {
        HoldOn::Recording(token) => token.to_string(),
        HoldOn::Person(person) => person.to_string(),
    };
    let deed = who.deed(Verb::Changed, subject, Some(format!("hold placed: {reason}")));
    match rooms.catalog.place_hold(&on, &reason, &deed).await.map_err(not_now)? {
        Some(_) => Ok(rooms.back("/storage", "hold-placed", 0)),
        None => Ok(rooms.back("/storage", "unknown-subject", 0)),
    }
}

#[derive(Deserialize)]
pub(super) struct Lifted {
    hold: String,
    #[serde(default)]
    why: String,
}

pub(super) async fn lift(
    State(rooms): State<Rooms>,
    submitted: Submitted<Lifted>,
) -> Result<Response, Response> {
    let Submitted { who, form } = overseers_only(submitted).map_err(Notice::into_response)?;
    let Some(hold) = rooms.catalog.hold(&form.hold).await.map_err(not_now)? else {
        return Err(Notice::NotFound.into_response());
    };
    let why = short(&form.why);
    let subject = hold.minute_token.or(hold.open_id).unwrap_or_default();
    let deed = who.deed(Verb::Changed, subject, Some(format!("hold {} lifted: {why}", hold.id)));
    let why = Some(why.as_str()).filter(|why| !why.is_empty());
    if !rooms.catalog.lift_hold(&hold.id, why, &deed).await.map_err(not_now)? {
        return Err(Notice::NotFound.into_response());
    }
    Ok(rooms.back("/storage", "hold-lifted", 0))
}

fn short(text: &str) -> String {
    text.trim().chars().take(LONGEST_REASON).collect()
}

/// What somebody means: an address first, then a recording that is known, then a person.
async fn meant(rooms: &Rooms, text: &str) -> Result<Option<HoldOn>, Response> {
    let text = text.trim();
    if let Some(token) = MinuteToken::from_url(text) {
        return Ok(Some(HoldOn::Recording(token)));
    }
    if let Ok(token) = MinuteToken::parse(text)
        && rooms.catalog.recording(&token).await.map_err(not_now)?.is_some()
    {
        return Ok(Some(HoldOn::Recording(token)));
    }
    Ok(person_named(&rooms.names().await?, text).map(HoldOn::Person))
}
