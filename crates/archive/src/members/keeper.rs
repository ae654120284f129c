//! The keeper: renews every grant ahead of its end, used or idle, so that one authorisation lasts until
//! the platform's own bound of 365 days.

use std::time::Duration;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::Grants;
use crate::catalog::{CatalogError, args};
use crate::model::OpenId;

/// Renewals at once; the platform allows 50 a second.
const AT_ONCE: usize = 8;
/// A grant that has just come may be due sooner than all that were there.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
const SHORTEST_SLEEP: Duration = Duration::from_millis(200);

/// Keeps all grants fresh until told to stop.
pub async fn keep_fresh(grants: Grants, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let sleep = match round(&grants).await {
            Ok(sleep) => sleep,
            Err(error) => {
                warn!(%error, "cannot look for grants to renew; trying again");
                LONGEST_SLEEP
            }
        };
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Renews what is due; how long to sleep till the next one.
async fn round(grants: &Grants) -> Result<Duration, CatalogError> {
    grants.take_in_what_waits().await;
    let due: Vec<(String,)> = grants
        .catalog
        .db()
        .rows(
            "SELECT g.open_id FROM grants g JOIN members m ON m.open_id = g.open_id
             WHERE m.state = 'active' AND g.refresh IS NOT NULL AND g.refresh_due_at <= $1
             ORDER BY g.refresh_due_at LIMIT 500",
            args![grants.clock.now_ms()],
        )
        .await?;
    futures_util::stream::iter(due.iter().filter_map(|(id,)| OpenId::parse(id).ok()))
        // What goes wrong is written down with the member and tried again when it is due.
        .for_each_concurrent(AT_ONCE, |member| async move { drop(grants.access(&member).await) })
        .await;
    let next: Option<(Option<i64>,)> = grants
        .catalog
        .db()
        .row(
            "SELECT MIN(g.refresh_due_at) FROM grants g JOIN members m ON m.open_id = g.open_id
             WHERE m.state = 'active' AND g.refresh IS NOT NULL",
            args![],
        )
        .await?;
    let wait = next.and_then(|(due_at,)| due_at).map(|due_at| due_at - grants.clock.now_ms());
    let sleep = wait.map_or(LONGEST_SLEEP, |ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
    Ok(sleep.clamp(SHORTEST_SLEEP, LONGEST_SLEEP))
}
