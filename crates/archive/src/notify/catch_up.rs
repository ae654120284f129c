//! What is over: the card that asked is put right, once what was missed has been fetched.

use super::book::NoticeRow;
use super::{Facts, Herald, Matter};
use crate::catalog::{Catalog, CatalogError, MemberRow, args};
use crate::members::{Footing, Standing};
use crate::model::{Member, OpenId};

/// After so long the count is told as it stands.
const LONGEST_MS: i64 = 3_600_000;

impl Herald {
    pub(super) async fn catch_up(&self, members: &[MemberRow], now_ms: i64) -> Result<(), CatalogError> {
        for row in self.catalog.open_notices().await? {
            let Some(id) = &row.member else { continue };
            let Some(member) = members.iter().map(|row| &row.member).find(|it| it.open_id.as_str() == id)
            else {
                continue;
            };
            let standing = Standing::of(member, self.features, now_ms);
            if !is_mended(&row, member, &standing) {
                continue;
            }
            if !row.is_told() || row.matter == Matter::Unreachable {
                self.catalog.end_notice(&row, &row.facts(), now_ms).await?;
            } else if self.has_settled(member, now_ms).await? {
                let count = self.catalog.archived_since_click(member).await?;
                let facts = Facts { count: Some(count), ..row.facts() };
                self.catalog.end_notice(&row, &facts, now_ms).await?;
            }
        }
        Ok(())
    }

    /// Whether what the click made possible has been done, as far as it can be done now.
    async fn has_settled(&self, member: &Member, now_ms: i64) -> Result<bool, CatalogError> {
        let Some(clicked_ms) = member.authorised_at else { return Ok(true) };
        if now_ms - clicked_ms > LONGEST_MS {
            return Ok(true);
        }
        if member.patrolled_at.is_none_or(|at| at < clicked_ms) {
            return Ok(false);
        }
        let at_work: Option<(i64,)> = self
            .catalog
            .db()
            .row(
                "SELECT COUNT(*) FROM tasks WHERE kind = 'archive' AND party = $1
                    AND (run_at <= $2 OR lease_until IS NOT NULL)",
                args![&member.open_id, now_ms],
            )
            .await?;
        Ok(at_work.is_none_or(|(count,)| count == 0))
    }
}

fn is_mended(row: &NoticeRow, member: &Member, standing: &Standing) -> bool {
    let works = matches!(standing.footing, Footing::Active | Footing::Expiring);
    match row.matter {
        Matter::Invitation | Matter::Ended | Matter::Unreachable => works,
        Matter::Ending => {
            let about = row.about.rsplit(' ').next().unwrap_or_default();
            let clicked = about.split('/').next().and_then(|at| at.parse::<i64>().ok());
            clicked != member.authorised_at
        }
        Matter::Standstill | Matter::Summary => false,
    }
}

impl Catalog {
    /// Recordings within a member's reach that were archived since they last clicked.
    async fn archived_since_click(&self, member: &Member) -> Result<i64, CatalogError> {
        let row: Option<(i64,)> = self
            .db()
            .row(
                "SELECT COUNT(*) FROM recordings r WHERE r.archived_at >= $2 AND (r.owner_id = $1
                    OR r.minute_token IN (SELECT s.minute_token FROM sightings s WHERE s.open_id = $1))",
                args![&member.open_id, member.authorised_at.unwrap_or_default()],
            )
            .await?;
        Ok(row.map_or(0, |(count,)| count))
    }

    /// Recordings of this owner that are not in the archive and might have been.
    pub(super) async fn unfetched_of(&self, owner: &OpenId) -> Result<i64, CatalogError> {
        let row: Option<(i64,)> = self
            .db()
            .row(
                "SELECT COUNT(*) FROM recordings WHERE owner_id = $1
                    AND state IN ('found', 'waiting', 'denied', 'no_grant', 'lost', 'failed')",
                args![owner],
            )
            .await?;
        Ok(row.map_or(0, |(count,)| count))
    }
}
