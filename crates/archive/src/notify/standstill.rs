//! Is all archiving held up? Looked at as often as everything else; told once when it begins and once when it is over.

use tracing::{error, info};

use super::{Facts, Herald, Matter, Standstill};
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::to_ms;

/// Wrong app id, wrong secret. Feishu docs: auth/v3/tenant_access_token/internal.
const WRONG_CREDENTIALS: [i64; 2] = [10_014, 10_015];
/// Work that is due for so long while nothing at all gets done is stuck.
const STUCK_MS: i64 = 2 * 3_600_000;

impl Herald {
    pub(super) async fn look_for_standstills(&self, now_ms: i64) -> Result<(), CatalogError> {
        let open: Vec<_> = self
            .catalog
            .open_notices()
            .await?
            .into_iter()
            .filter(|row| row.matter == Matter::Standstill)
            .collect();
        for what in Standstill::ALL {
            let told: Vec<_> = open.iter().filter(|row| row.about == what.as_str()).collect();
            if self.stands_still(*what, now_ms).await? {
                if told.is_empty() {
                    error!(%what, "archiving stands still");
                }
                let facts = Facts { what: Some(*what), ..Facts::default() };
                self.tell_administrators(Matter::Standstill, what.as_str(), None, &facts, now_ms).await?;
                continue;
            }
            for row in told {
                info!(%what, "archiving goes on");
                self.catalog.end_notice(row, &row.facts(), now_ms).await?;
            }
        }
        Ok(())
    }

    async fn stands_still(&self, what: Standstill, now_ms: i64) -> Result<bool, CatalogError> {
        match what {
            Standstill::Disk => {
                Ok(self.store.prove_writable().await.is_err() || self.catalog.lacks_disk().await?)
            }
            Standstill::Credentials => {
                let refused = match self.client.tenant_token().await {
                    Ok(_) => false,
                    Err(error) => error.code().is_some_and(|code| WRONG_CREDENTIALS.contains(&code)),
                };
                Ok(refused || self.catalog.app_is_refused().await?)
            }
            Standstill::Silence => match self.settings.silence {
                Some(silence) => self.catalog.is_silent(now_ms - to_ms(silence)).await,
                None => Ok(false),
            },
            Standstill::Queue => self.catalog.is_stuck(now_ms, STUCK_MS).await,
        }
    }
}

impl Catalog {
    async fn lacks_disk(&self) -> Result<bool, CatalogError> {
        let row: Option<(i64,)> = self
            .db()
            .row(
                "SELECT CAST(1 AS BIGINT) FROM artifacts WHERE state <> 'done'
                    AND reason IN ('disk_full', 'archive_not_writable') LIMIT 1",
                args![],
            )
            .await?;
        Ok(row.is_some())
    }

    /// The platform has refused the app itself while grants were to be renewed.
    async fn app_is_refused(&self) -> Result<bool, CatalogError> {
        let sql =
            "SELECT CAST(1 AS BIGINT) FROM members WHERE state = 'active' AND reason = 'app_misconfigured'
             LIMIT 1";
        Ok(self.db().row::<(i64,)>(sql, args![]).await?.is_some())
    }

    /// No event since `before_ms`, although the patrol has found what was recorded after the last one.
    async fn is_silent(&self, before_ms: i64) -> Result<bool, CatalogError> {
        let row: Option<(i64,)> = self
            .db()
            .row(
                "SELECT CAST(1 AS BIGINT) FROM recordings r
                 JOIN sightings s ON s.minute_token = r.minute_token AND s.track = 'patrol'
                 WHERE r.found_at <= $1 AND r.created_ms IS NOT NULL
                    AND COALESCE(r.created_ms, r.found_at) > COALESCE((SELECT MAX(received_at) FROM events),
                        (SELECT MIN(authorised_at) FROM members WHERE state = 'active'), $1)
                    AND COALESCE((SELECT MAX(received_at) FROM events), 0) <= $1 LIMIT 1",
                args![before_ms],
            )
            .await?;
        Ok(row.is_some())
    }

    /// Something is due since long ago, nobody has paused it, and nothing was archived since.
    async fn is_stuck(&self, now_ms: i64, stuck_ms: i64) -> Result<bool, CatalogError> {
        let row: Option<(i64,)> = self
            .db()
            .row(
                "SELECT CAST(1 AS BIGINT) FROM tasks t WHERE t.kind = 'archive' AND t.run_at <= $1
                    AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.subject IN ('', t.subject))
                    AND NOT EXISTS (SELECT 1 FROM tasks held WHERE held.kind = 'archive' AND held.lease_until > $2)
                    AND NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.done_at > $1) LIMIT 1",
                args![now_ms - stuck_ms, now_ms],
            )
            .await?;
        Ok(row.is_some())
    }
}
