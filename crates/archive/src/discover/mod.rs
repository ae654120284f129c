//! How the archive comes to know that a recording exists and who can reach it. Several tracks, one
//! truth: whatever a track sees becomes a sighting, and sightings of one minute_token make one recording.
//!
//! Invariant: an event is durable before it is acknowledged; work on it happens later.

mod inbox;
mod meeting;
mod notices;
mod patrol;
mod search;
mod webhook;

pub use inbox::{Accepted, Inbox, InboxError};
pub use webhook::{Reception, Webhook};

use crate::catalog::{Catalog, CatalogError, Sighting, Tx, record_sighting};
use crate::queue::{TaskKind, enqueue};

/// Records a sighting and, when there may be work left on it, calls for the recording.
async fn sight(tx: &mut Tx, sighting: &Sighting, now_ms: i64) -> Result<bool, CatalogError> {
    let is_new = record_sighting(tx, sighting, now_ms).await?;
    if is_new {
        metrics::counter!("vault_recordings_found_total", "track" => sighting.track.as_str()).increment(1);
    }
    if is_new || Catalog::is_unsettled(tx, &sighting.minute_token).await? {
        enqueue(tx, TaskKind::Archive, sighting.minute_token.as_ref(), None, now_ms, now_ms).await?;
    }
    Ok(is_new)
}
