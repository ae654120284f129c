//! What bears on when each member is looked at next.

use super::{Catalog, CatalogError, args};
use crate::model::{LinkState, OpenId};

/// Nothing at all for longer than this, and events may as well not come any more, ms.
const SILENCE_MS: i64 = 24 * 3_600_000;

/// A member whose grant can be used, as far as the patrol's plan needs to know them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Patrolled {
    /// The member.
    #[sqlx(try_from = "String")]
    pub open_id: OpenId,
    /// When they were last looked at with success, unix ms.
    pub patrolled_at: Option<i64>,
    /// 1: they are subscribed to the event of new minutes, and it was not refused the last time.
    pub is_subscribed: i64,
    /// 1: they have met lately.
    pub has_met: i64,
    /// When their next look is due, unix ms; none while it is under way, or put off for a trouble.
    pub run_at: Option<i64>,
    /// How urgent that look is, as the queue has it; none as above.
    pub lane: Option<i64>,
}

impl Catalog {
    /// All members whose grant can be used; "lately" is since `since_ms`, unix ms.
    pub async fn patrolled(&self, since_ms: i64) -> Result<Vec<Patrolled>, CatalogError> {
        self.db
            .rows(
                "SELECT m.open_id, m.patrolled_at, t.run_at, t.lane,
                    CAST(CASE WHEN m.subscribed_at IS NOT NULL AND m.subscription_reason IS NULL
                        THEN 1 ELSE 0 END AS BIGINT) AS is_subscribed,
                    CAST(CASE WHEN m.heard_at >= $1 OR m.open_id IN
                        (SELECT owner_id FROM meetings WHERE start_ms >= $1 AND owner_id IS NOT NULL
                         UNION SELECT owner_id FROM recordings WHERE COALESCE(created_ms, found_at) >= $1
                            AND created_ms >= $1 AND owner_id IS NOT NULL) THEN 1 ELSE 0 END AS BIGINT)
                        AS has_met
                 FROM members m LEFT JOIN tasks t ON t.kind = 'patrol' AND t.subject = m.open_id
                    AND t.lease_until IS NULL AND t.attempts = 0 AND m.patrol_error IS NULL
                 WHERE m.state = 'active' ORDER BY m.open_id",
                args![since_ms],
            )
            .await
    }

    /// Whether events of the platform reach us at all, as far as can be seen.
    pub async fn events_arrive(&self, now_ms: i64) -> Result<bool, CatalogError> {
        let links = self.links().await?;
        if links.iter().any(|link| link.state == LinkState::Connected) {
            return Ok(true);
        }
        let last: Option<(Option<i64>,)> =
            self.db.row("SELECT MAX(received_at) FROM events", args![]).await?;
        let Some((Some(last_at),)) = last else { return Ok(false) };
        // Where a connection is lost, only what came since came by another way.
        let is_lost = |since_ms| last_at < since_ms;
        let is_cut_off = links.iter().any(|link| link.state != LinkState::Closed && is_lost(link.state_at));
        Ok(!is_cut_off && now_ms - last_at < SILENCE_MS)
    }
}
