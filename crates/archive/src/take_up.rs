//! The start: whatever was under way when the program last ended, however it ended, is taken up.

use feishu::Priority;
use tracing::info;

use crate::Archive;
use crate::catalog::{CatalogError, args};
use crate::discover::call_for_looks;
use crate::members::remove_purged_files;
use crate::model::{ArtifactKind, ArtifactState, MinuteToken};
use crate::queue::{TaskKind, lane_of};
use crate::retention::{TrashError, take_up_trash};
use crate::store::{StoreError, Unfinished};

/// Work that must be in the queue as long as the catalogue says that it is not done. It only adds what is
/// missing: a queue that survived has it all.
const MISSING_LOOKS: &str = "INSERT INTO tasks (kind, subject, run_at, created_at, lane)
     SELECT $3, open_id, $1, $1, $2 FROM members WHERE state = 'active'
     ON CONFLICT (kind, subject) DO NOTHING";

/// Of patrols the one that is due for longest goes first, so they must be in one lane.
const PATROLS_IN_ONE_LANE: &str = "UPDATE tasks SET lane = $1 WHERE kind = 'patrol' AND lane <> $1";

/// Asking again is harmless, and mends a subscription that the platform has forgotten while nobody listened.
const ALL_SUBSCRIPTIONS: &str = "INSERT INTO tasks (kind, subject, run_at, created_at)
     SELECT 'subscription', open_id, $1, $1 FROM members WHERE state = 'active'
     ON CONFLICT (kind, subject) DO UPDATE SET run_at = excluded.run_at";

const MISSING_MEETINGS: &str = "INSERT INTO tasks (kind, subject, run_at, created_at)
     SELECT 'meeting', meeting_id, $1, heard_at FROM meetings WHERE outcome = 'asking'
     ON CONFLICT (kind, subject) DO NOTHING";

/// Recordings that lack something that is wanted: also archived ones, whose texts were switched on later.
const MISSING_RECORDINGS: &str = "INSERT INTO tasks (kind, subject, run_at, created_at)
     SELECT DISTINCT 'archive', minute_token, $1, $1 FROM artifacts
     WHERE state IN ('pending', 'waiting', 'failed') AND COALESCE(reason, '') NOT IN ('no_grant', 'held_elsewhere')
        AND (kind = 'media' OR (kind LIKE 'transcript%' AND $2 = 1) OR (kind = 'summary' AND $3 = 1))
     ON CONFLICT (kind, subject) DO NOTHING";

/// Why nothing could be taken up.
#[derive(Debug, thiserror::Error)]
pub enum TakeUpError {
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive's disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Files that were on their way into the trash or out of it are still where they were.
    #[error(transparent)]
    Trash(#[from] TrashError),
}

impl Archive {
    /// Gives back the leases of the process that was here before, calls for what is not done, and sweeps the
    /// archive folder. For the start, before any worker.
    pub async fn take_up(&self) -> Result<(), TakeUpError> {
        self.sweep().await?;
        self.heed_clock_of_last_life().await?;
        remove_purged_files::<TakeUpError>(&self.catalog, &self.store).await?;
        take_up_trash(self).await?;
        let released = self.queue.release_own_leases().await?;
        self.catalog.db().execute("UPDATE members SET subscription_asked_at = NULL", args![]).await?;
        self.catalog.db().execute(ALL_SUBSCRIPTIONS, args![self.clock.now_ms()]).await?;
        self.call_for_backfills().await?;
        let patrol = lane_of(Priority::Patrol);
        let mut missing = 0;
        for (kind, lane) in [(TaskKind::Patrol, patrol), (TaskKind::Attended, lane_of(Priority::Backfill))] {
            let looks = args![self.clock.now_ms(), lane, kind.as_str()];
            missing += self.catalog.db().execute(MISSING_LOOKS, looks).await?;
        }
        self.catalog.db().execute(PATROLS_IN_ONE_LANE, args![patrol]).await?;
        if self.administrators.is_empty() {
            self.catalog.follow_nothing(self.clock.now_ms()).await?;
        }
        missing += self.catalog.db().execute(MISSING_MEETINGS, args![self.clock.now_ms()]).await?;
        if !self.administrators.is_empty() {
            let mut tx = self.catalog.db().begin().await?;
            call_for_looks(&mut tx, self.clock.now_ms()).await?;
            tx.commit().await?;
        }
        let wants = |kind| i64::from(self.features.wants(kind));
        let wanted =
            args![self.clock.now_ms(), wants(ArtifactKind::TranscriptTxt), wants(ArtifactKind::Summary)];
        missing += self.catalog.db().execute(MISSING_RECORDINGS, wanted).await?;
        if released + missing > 0 {
            info!(released, missing, "took up work that was under way");
        }
        Ok(())
    }

    /// Removes unfinished files that nobody will finish.
    async fn sweep(&self) -> Result<(), TakeUpError> {
        let (mut removed, unfinished) = self.store.sweep_parts().await?;
        let (mut kept, mut kept_bytes) = (0_u64, 0);
        for part in unfinished {
            if self.is_awaited(&part).await? {
                (kept, kept_bytes) = (kept + 1, kept_bytes + part.bytes);
            } else {
                self.store.give_up(part).await?;
                removed += 1;
            }
        }
        if removed + kept > 0 {
            info!(removed, kept, kept_bytes, "swept what was being written when the program last ended");
        }
        Ok(())
    }

    async fn is_awaited(&self, part: &Unfinished) -> Result<bool, CatalogError> {
        let Ok(token) = MinuteToken::parse(&part.subject) else { return Ok(false) };
        let artifacts = self.catalog.artifacts(&token).await?;
        let media = artifacts.iter().find(|artifact| artifact.kind == ArtifactKind::Media);
        Ok(media.is_some_and(|media| !matches!(media.state, ArtifactState::Done | ArtifactState::Absent)))
    }
}
