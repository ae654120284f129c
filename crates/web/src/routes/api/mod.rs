//! `/api/v1`: what the pages show, for programs. Whoever comes brings a token ([`Caller`]), which is good for what it
//! names and never for more than its maker may see; nothing can be changed here. `openapi.json` says all of it, and is
//! made from the handlers themselves.

mod asked;
mod content;
mod document;
mod feed;
mod recordings;
mod search;
mod service;

use axum::Router;
use axum::routing::get;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::reading_room::ReadingRoom;
#[cfg(doc)]
use crate::session::Caller;

pub(crate) fn router(room: ReadingRoom) -> Router {
    Router::new()
        .route("/api/v1/openapi.json", get(document::document))
        .route("/api/v1/me", get(service::me))
        .route("/api/v1/recordings", get(recordings::list))
        .route("/api/v1/recordings/{minute_token}", get(recordings::one))
        .route("/api/v1/recordings/{minute_token}/media", get(content::media))
        .route("/api/v1/recordings/{minute_token}/transcript", get(content::transcript))
        .route("/api/v1/recordings/{minute_token}/notes", get(content::notes))
        .route("/api/v1/search", get(search::search))
        .route("/api/v1/status", get(service::status))
        .route("/api/v1/members", get(service::members))
        .route("/api/v1/audit", get(service::audit))
        .route("/api/v1/feed.rss", get(feed::feed))
        .with_state(room)
}

/// Somebody of the company.
#[derive(Serialize, ToSchema)]
struct Person {
    /// `ou_…`
    open_id: String,
    /// Their name, once they have authorised.
    name: Option<String>,
}

/// A moment in UTC, RFC 3339 to the millisecond.
fn moment(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}
