//! How each member's subscription to the event of new minutes stands, as far as can be known.

use super::{Catalog, CatalogError, Tx, args};
use crate::model::{OpenId, Reason};

impl Catalog {
    /// Notes that the platform was asked to tell of this member's new minutes, and why it refused if it did.
    pub(crate) async fn set_subscription_asked(
        &self,
        member: &OpenId,
        refusal: Option<(Reason, &str)>,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let (reason, error) = refusal.unzip();
        self.db
            .execute(
                "UPDATE members SET subscription_asked_at = $2, subscription_reason = $3, subscription_error = $4,
                    subscribed_at = CASE WHEN $3 IS NULL THEN COALESCE(subscribed_at, $2) ELSE subscribed_at END
                 WHERE open_id = $1",
                args![member, now_ms, reason.map(Reason::as_str), error],
            )
            .await?;
        Ok(())
    }

    /// Notes that the subscription was found to have ended.
    pub(crate) async fn set_lapsed(&self, member: &OpenId) -> Result<(), CatalogError> {
        let sql = "UPDATE members SET subscribed_at = NULL WHERE open_id = $1";
        self.db.execute(sql, args![member]).await?;
        Ok(())
    }

    /// Whether a minute that this member made since the subscription was last asked for was found before
    /// `found_before` (unix ms) and no event told this member of it.
    pub(crate) async fn has_unheard_minute(
        &self,
        member: &OpenId,
        found_before: i64,
    ) -> Result<bool, CatalogError> {
        let row: Option<(i64,)> = self
            .db
            .row(
                "SELECT COUNT(*) FROM recordings r JOIN members m ON m.open_id = r.owner_id
                 WHERE r.owner_id = $1 AND r.created_ms > m.subscription_asked_at AND r.found_at <= $2
                    AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.minute_token = r.minute_token
                        AND s.track = 'minute_generated' AND s.open_id = r.owner_id)",
                args![member, found_before],
            )
            .await?;
        Ok(row.is_some_and(|(count,)| count > 0))
    }
}

/// Notes that the event came for this member.
pub(crate) async fn set_heard(tx: &mut Tx, member: &OpenId, now_ms: i64) -> Result<(), CatalogError> {
    tx.execute("UPDATE members SET heard_at = $2 WHERE open_id = $1", args![member, now_ms]).await?;
    Ok(())
}
