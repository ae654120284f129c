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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Deed, Verb, record};
    use crate::catalog::Db;
    use crate::model::OpenId;

    const DAY_MS: i64 = 86_400_000;
    const KEEP: Duration = Duration::from_hours(24);

    async fn names(catalog: &Catalog) -> Vec<String> {
        let rows: Vec<(String,)> =
            catalog.db().rows("SELECT name FROM people ORDER BY name", args![]).await.unwrap();
        rows.into_iter().map(|(name,)| name).collect()
    }

    #[tokio::test]
    async fn a_name_stays_as_long_as_the_log_speaks_of_its_owner_or_they_are_signed_in() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(Db::open_sqlite(&folder.path().join("catalogue.db")).await.unwrap());
        for (open_id, at_ms) in [("ou_early", 0), ("ou_late", 2 * DAY_MS)] {
            let known = "INSERT INTO people (open_id, name) VALUES ($1, $1)";
            catalog.db().execute(known, args![open_id]).await.unwrap();
            let actor = OpenId::parse(open_id).unwrap();
            let (subject, from) = ("x".to_owned(), "10.0.0.1".to_owned());
            let deed = Deed { actor, verb: Verb::Viewed, subject, detail: None, from, at_ms };
            record(&catalog, &deed).await.unwrap();
        }
        let signed_in = "INSERT INTO sessions (hash, open_id, name, from_address, agent, began_at, seen_at)
            VALUES ('x', 'ou_here', 'ou_here', '', '', 0, 0)";
        catalog.db().execute(signed_in, args![]).await.unwrap();
        let known = "INSERT INTO people (open_id, name) VALUES ('ou_here', 'ou_here')";
        catalog.db().execute(known, args![]).await.unwrap();

        assert_eq!(let_go(&catalog, DAY_MS, KEEP).await.unwrap(), 0);
        assert_eq!(names(&catalog).await, ["ou_early", "ou_here", "ou_late"]);
        assert_eq!(let_go(&catalog, 2 * DAY_MS, KEEP).await.unwrap(), 1);
        assert_eq!(names(&catalog).await, ["ou_here", "ou_late"], "nothing is told of the other any more");
    }
}
