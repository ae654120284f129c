//! Looks every hour what the rules take, and what has lain in the trash for its time; and every minute whether files are
//! to be moved that somebody's click, or trouble with the disk, has left to this part.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

use super::rules::Rule;
use super::trash::{Trash, TrashError};
use crate::Archive;
use crate::audit::{Deed, Verb};
use crate::model::OpenId;
use crate::slow_time;

/// Where the catalogue keeps this room's time.
const TIME: &str = "retention_time";
const MOVE_EVERY: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// Recordings that a rule takes before their files are moved.
const AT_ONCE: i64 = 100;
/// Where the deeds of this room come from: from no browser.
pub(super) const FROM: &str = "retention";

/// What came of a look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundSum {
    /// Recordings that rules put in the trash.
    pub trashed: u64,
    /// Recordings that left the trash for good.
    pub emptied: u64,
}

/// Looks again and again until told to stop.
pub async fn keep_retention(archive: &Archive) {
    let trash = Trash::new(archive.catalog.clone(), archive.store.clone(), &archive.transfers);
    // Not at the start: who starts again and again with a wrong clock would take a day with each look.
    let mut looked = Instant::now();
    while !archive.stop.is_cancelled() {
        if looked.elapsed() >= LOOK_EVERY {
            looked = Instant::now();
            match look(archive).await {
                Ok(sum) if sum == RoundSum::default() => {}
                Ok(RoundSum { trashed, emptied }) => {
                    info!(trashed, emptied, "kept to the rules of retention");
                }
                Err(error) => {
                    warn!(%error, "the rules of retention cannot be kept now; trying again in an hour");
                }
            }
        } else {
            trash.mover.follow_soon(None).await;
        }
        tokio::select! {
            () = tokio::time::sleep(MOVE_EVERY) => {}
            () = archive.stop.cancelled() => {}
        }
    }
}

/// One look.
pub async fn look(archive: &Archive) -> Result<RoundSum, TrashError> {
    let trash = Trash::new(archive.catalog.clone(), archive.store.clone(), &archive.transfers);
    trash.mover.follow(None).await?;
    let time_ms = slow_time::advance(&archive.catalog, TIME, archive.clock.now_ms()).await?;
    let mut sum = RoundSum::default();
    for rule in archive.catalog.rules().await?.into_iter().filter(Rule::is_on) {
        sum.trashed += apply(archive, &trash, &rule, time_ms).await?;
    }
    sum.emptied = trash.empty(time_ms, archive.clock.now_ms()).await?;
    Ok(sum)
}

/// Puts in the trash what the rule takes; how many.
async fn apply(archive: &Archive, trash: &Trash, rule: &Rule, time_ms: i64) -> Result<u64, TrashError> {
    let Some(actor) = rule.on_by.as_deref().and_then(|by| OpenId::parse(by).ok()) else { return Ok(0) };
    let (mut after, mut taken) = (None, 0);
    while !archive.stop.is_cancelled() {
        let page = archive.catalog.candidates_of(rule, time_ms, after.as_deref(), AT_ONCE).await?;
        for candidate in &page.rows {
            let deed = Deed {
                actor: actor.clone(),
                verb: Verb::Deleted,
                subject: candidate.minute_token.to_string(),
                detail: Some(format!("trash, by rule {}", rule.id)),
                from: FROM.to_owned(),
                at_ms: archive.clock.now_ms(),
            };
            match trash.note_put(&candidate.minute_token, Some((rule, time_ms)), &deed).await {
                Ok(()) => taken += 1,
                // Held since, put back, switched off, or at work: the next look sees what stands then.
                Err(TrashError::Held | TrashError::Busy | TrashError::Unknown) => {}
                Err(error) => return Err(error),
            }
        }
        trash.mover.follow(None).await?;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(taken)
}
