//! Lets go of rows that are older than the log is kept.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::prune;
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{Clock, to_ms};
use crate::slow_time;

/// Where the catalogue keeps this room's time.
const TIME: &str = "audit_time";
const FIRST_LOOK: Duration = Duration::from_hours(1);
const LOOK_EVERY: Duration = Duration::from_hours(24);

/// Keeps so much of the log and no more, until told to stop.
pub async fn keep(catalog: &Catalog, clock: &dyn Clock, keep: Duration, stop: &CancellationToken) {
    let mut wait = FIRST_LOOK;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
        wait = LOOK_EVERY;
        match let_go(catalog, clock.now_ms(), keep).await {
            Ok(0) => {}
            Ok(rows) => info!(rows, "rows of the audit log were let go for their age"),
            Err(error) => {
                warn!(%error, "old rows of the audit log could not be let go; trying again tomorrow");
            }
        }
    }
}

async fn let_go(catalog: &Catalog, now_ms: i64, keep: Duration) -> Result<u64, CatalogError> {
    let rows = prune(catalog, slow_time::advance(catalog, TIME, now_ms).await? - to_ms(keep)).await?;
    // Of whom nothing is told any more, the name goes, too.
    let forgotten = "DELETE FROM people WHERE open_id NOT IN (SELECT actor FROM audit)
        AND open_id NOT IN (SELECT open_id FROM sessions)";
    catalog.db().execute(forgotten, args![]).await?;
    Ok(rows)
}
