//! Feishu docs: minutes-v1/minute-media/get.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use super::{not_found, part};
use crate::caller::Caller;
use crate::envelope::{Refusal, data};
use crate::media::download_url;
use crate::platform::Shared;
use crate::world::Part;

/// `GET /open-apis/minutes/v1/minutes/:minute_token/media` → a download URL, valid one day.
///
/// A recording without a file (under 5 s) answers 2091002 here while its metadata reads; which code
/// the real platform uses for that is not documented.
pub(super) async fn media(
    State(platform): State<Shared>,
    Path(minute_token): Path<String>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let now = platform.now();
    let world = platform.world();
    let row = part(&world, &minute_token, Part::Media, &caller, now)?;
    if row.minute.media.is_none() {
        return Err(not_found());
    }
    let expires_ms = now + world.knobs.media_url_ttl_ms;
    let own = || download_url(&platform.base, &world.app.app_secret, &minute_token, expires_ms);
    let url = row.minute.download_url.clone().unwrap_or_else(own);
    Ok(data(json!({ "download_url": url })))
}
