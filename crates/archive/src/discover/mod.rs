//! How the archive comes to know that a recording exists and who can reach it. Several tracks, one
//! truth: whatever a track sees becomes a sighting, and sightings of one minute_token make one recording.
//!
//! Invariant: an event is durable before it is acknowledged; work on it happens later.

mod attended;
mod backfill;
mod backlog;
mod company_record;
mod inbox;
mod long_connection;
mod look;
mod meeting;
mod notices;
mod patrol;
mod plan;
mod rounds;
mod search;
mod subscriptions;
mod webhook;

pub(crate) use company_record::call_for_looks;
pub use company_record::{ReconcileError, Reconciled, look_since};
pub use inbox::{Accepted, Inbox, InboxError};
pub use long_connection::LongConnection;
pub use plan::{Allowance, LONGEST_MS, Members, Need, Plan};
pub use rounds::{Rounds, Survey};
pub use webhook::{Reception, Webhook};

use crate::catalog::{CatalogError, Novelty, Sighting, Tx, record_sighting};
use crate::model::Track;
use crate::queue::{Call, TaskKind, enqueue};

/// Records a sighting and calls for the recording when it is new, or when somebody new may reach it. Every
/// track ends here. Nudge the queue ([`TaskKind::Archive`]) after the commit.
pub async fn sight(tx: &mut Tx, sighting: &Sighting, now_ms: i64) -> Result<Novelty, CatalogError> {
    sight_made(tx, sighting, now_ms, now_ms).await
}

/// The same for a recording that was made around `made_ms`, unix ms: of those that wait the newest goes first.
async fn sight_made(
    tx: &mut Tx,
    sighting: &Sighting,
    made_ms: i64,
    now_ms: i64,
) -> Result<Novelty, CatalogError> {
    let novelty = record_sighting(tx, sighting, now_ms).await?;
    if novelty == Novelty::Recording {
        metrics::counter!("vault_recordings_found_total", "track" => sighting.track.as_str()).increment(1);
        let is_new_on_the_platform =
            matches!(sighting.track, Track::Patrol | Track::MeetingEnded | Track::RecordingReady);
        if let Some(owner) = sighting.owner.as_ref().filter(|_| is_new_on_the_platform) {
            subscriptions::doubt(tx, owner, now_ms).await?;
        }
    }
    if novelty != Novelty::None {
        let party = sighting.owner.as_ref().or(sighting.member.as_ref());
        let call =
            Call::new(TaskKind::Archive, sighting.minute_token.as_ref(), sighting.track.priority(), now_ms)
                .of(party.map(AsRef::as_ref))
                .made(made_ms);
        enqueue(tx, &call, now_ms).await?;
    }
    Ok(novelty)
}
