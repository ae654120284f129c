//! What somebody wants to have tried again now, and not when it would be due: one recording, or all that stand where
//! they stand for one reason.

use feishu::Priority;

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{MinuteToken, Reason};
use crate::queue::{Queue, TaskKind, lane_of};

/// What is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again<'a> {
    /// What this recording lacks.
    Recording(&'a MinuteToken),
    /// Whatever is missing for this reason.
    Cause(Reason),
}

/// Has it tried again before all other work, and writes the deed down; how many recordings that are. What is archived
/// is left alone, and what was removed stays away.
pub async fn try_again(
    catalog: &Catalog,
    queue: &Queue,
    what: Again<'_>,
    deed: &Deed,
) -> Result<u64, CatalogError> {
    let (token, reason) = match what {
        Again::Recording(token) => (token.as_str(), ""),
        Again::Cause(reason) => ("", reason.as_str()),
    };
    let mut tx = catalog.db().begin().await?;
    audit::record_in(&mut tx, deed).await?;
    let called = tx
        .execute(
            "INSERT INTO tasks (kind, subject, run_at, created_at, lane, party, made_ms)
             SELECT 'archive', r.minute_token, $3, $3, $4, COALESCE(r.owner_id, ''), COALESCE(r.created_ms, r.found_at)
             FROM recordings r
             WHERE ($1 = '' OR r.minute_token = $1) AND r.state NOT IN ('trashed', 'purged') AND EXISTS (
                SELECT 1 FROM artifacts a WHERE a.minute_token = r.minute_token AND a.state <> 'done'
                    AND a.kind <> 'sidecar' AND ($2 = '' OR a.reason = $2))
             ON CONFLICT (kind, subject) DO UPDATE SET wakes = tasks.wakes + 1, run_at = excluded.run_at,
                lane = CASE WHEN excluded.lane < tasks.lane THEN excluded.lane ELSE tasks.lane END",
            args![token, reason, deed.at_ms, lane_of(Priority::Person)],
        )
        .await?;
    tx.execute(
        "UPDATE artifacts SET state = 'pending', reason = NULL, reason_detail = NULL, attempts = 0, due_at = 0
         WHERE state <> 'done' AND kind <> 'sidecar' AND COALESCE(reason, '') NOT IN ('trashed', 'purged')
            AND ($1 = '' OR minute_token = $1) AND ($2 = '' OR reason = $2)",
        args![token, reason],
    )
    .await?;
    tx.commit().await?;
    queue.nudge(TaskKind::Archive);
    Ok(called)
}
