//! Back-fills: how far each member's history has been gone through, and what came of it.

use super::{Catalog, CatalogError, args};
use crate::model::{Backfill, BackfillYield, MediaMeasure, OpenId, Scope};

/// The columns of [`Backfill`], with what is done with them.
macro_rules! backfill_columns {
    ($rest:literal) => {
        concat!(
            "SELECT b.open_id, b.scope, b.to_ms, b.goal_ms, b.reached_ms, b.span_ms, b.windows, b.searches,
                b.began_at, b.ended_at, b.error FROM backfills b ",
            $rest
        )
    };
}

/// What came of what the back-fill saw, of one member or of all ($1 is '').
const YIELD: &str = "SELECT COUNT(*) AS found, COUNT(CASE WHEN r.state = 'archived' THEN 1 END) AS archived,
        COUNT(CASE WHEN r.state IN ('found', 'waiting', 'failed') THEN 1 END) AS open,
        COUNT(CASE WHEN r.state IN ('found', 'waiting', 'failed') AND r.duration_ms IS NOT NULL THEN 1 END) AS timed,
        CAST(COALESCE(SUM(CASE WHEN r.state IN ('found', 'waiting', 'failed') THEN r.duration_ms END), 0) AS BIGINT)
            AS timed_ms
     FROM recordings r WHERE r.minute_token IN
        (SELECT s.minute_token FROM sightings s WHERE s.track = 'backfill' AND ($1 = '' OR s.open_id = $1))";

impl Catalog {
    /// One member's back-fill, once it has begun.
    pub async fn backfill(&self, member: &OpenId) -> Result<Option<Backfill>, CatalogError> {
        self.db.row(backfill_columns!("WHERE b.open_id = $1"), args![member]).await
    }

    /// All back-fills of members whose grant can be used.
    pub async fn backfills(&self) -> Result<Vec<Backfill>, CatalogError> {
        self.db
            .rows(
                backfill_columns!(
                    "JOIN members m ON m.open_id = b.open_id WHERE m.state = 'active' ORDER BY b.open_id"
                ),
                args![],
            )
            .await
    }

    /// What came of one member's back-fill, or of everybody's.
    pub async fn backfill_yield(&self, member: Option<&OpenId>) -> Result<BackfillYield, CatalogError> {
        let row: Option<BackfillYield> =
            self.db.row(YIELD, args![member.map(AsRef::as_ref).unwrap_or_default()]).await?;
        Ok(row.unwrap_or_default())
    }

    /// How large the archived recordings are.
    pub async fn media_measure(&self) -> Result<MediaMeasure, CatalogError> {
        let row: Option<MediaMeasure> = self
            .db
            .row(
                "SELECT COUNT(*) AS recordings, CAST(COALESCE(SUM(a.bytes), 0) AS BIGINT) AS bytes,
                    CAST(COALESCE(SUM(r.duration_ms), 0) AS BIGINT) AS duration_ms
                 FROM artifacts a JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE a.kind = 'media' AND a.state = 'done' AND a.bytes > 0 AND r.duration_ms > 0",
                args![],
            )
            .await?;
        Ok(row.unwrap_or_default())
    }

    /// Begins a member's back-fill at `to_ms`; one that was there begins anew.
    pub(crate) async fn begin_backfill(
        &self,
        member: &OpenId,
        scope: Scope,
        (goal_ms, to_ms): (i64, i64),
        span_ms: i64,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        self.db
            .execute(
                "INSERT INTO backfills (open_id, scope, to_ms, goal_ms, reached_ms, span_ms, began_at)
                 VALUES ($1, $2, $3, $4, $3, $5, $6)
                 ON CONFLICT (open_id) DO UPDATE SET scope = excluded.scope, to_ms = excluded.to_ms,
                    goal_ms = excluded.goal_ms, reached_ms = excluded.reached_ms, span_ms = excluded.span_ms,
                    began_at = excluded.began_at, ended_at = NULL, error = NULL, windows = 0, searches = 0",
                args![member, scope.as_str(), to_ms, goal_ms, span_ms, now_ms],
            )
            .await?;
        Ok(())
    }

    /// Sets how far back a member's back-fill goes.
    pub(crate) async fn set_backfill_goal(&self, member: &OpenId, goal_ms: i64) -> Result<(), CatalogError> {
        let sql = "UPDATE backfills SET goal_ms = $2, ended_at = NULL WHERE open_id = $1";
        self.db.execute(sql, args![member, goal_ms]).await?;
        Ok(())
    }

    /// Notes a step: as far as `reached_ms` all is seen, and how many windows and calls that took.
    pub(crate) async fn set_backfill_reached(
        &self,
        member: &OpenId,
        (reached_ms, span_ms): (i64, i64),
        (windows, searches): (i64, i64),
    ) -> Result<(), CatalogError> {
        self.db
            .execute(
                "UPDATE backfills SET reached_ms = $2, span_ms = $3, windows = windows + $4,
                    searches = searches + $5, error = NULL
                 WHERE open_id = $1",
                args![member, reached_ms, span_ms, windows, searches],
            )
            .await?;
        Ok(())
    }

    /// Notes that a member's back-fill is over, or what stopped it.
    pub(crate) async fn set_backfill_ended(
        &self,
        member: &OpenId,
        outcome: Result<i64, &str>,
    ) -> Result<(), CatalogError> {
        let (ended_at, error) = (outcome.ok(), outcome.err());
        self.db
            .execute(
                "UPDATE backfills SET ended_at = $2, error = $3 WHERE open_id = $1",
                args![member, ended_at, error],
            )
            .await?;
        Ok(())
    }

    /// Fixes the platform's time from which on a member is patrolled, unless it is fixed; the one that counts.
    pub(crate) async fn fix_mark(&self, member: &OpenId, mark: i64) -> Result<i64, CatalogError> {
        self.db
            .execute(
                "UPDATE members SET patrolled_to = $2 WHERE open_id = $1 AND patrolled_to IS NULL",
                args![member, mark],
            )
            .await?;
        Ok(self.member(member).await?.and_then(|known| known.patrolled_to).unwrap_or(mark))
    }
}
