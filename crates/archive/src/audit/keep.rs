//! Lets go of rows that are older than the log is kept.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::prune;
use crate::catalog::Catalog;
use crate::model::{Clock, to_ms};

const LOOK_EVERY: Duration = Duration::from_hours(24);

/// Keeps so much of the log and no more, until told to stop.
pub async fn keep(catalog: &Catalog, clock: &dyn Clock, keep: Duration, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match prune(catalog, clock.now_ms() - to_ms(keep)).await {
            Ok(0) => {}
            Ok(rows) => info!(rows, "rows of the audit log were let go for their age"),
            Err(error) => {
                warn!(%error, "old rows of the audit log could not be let go; trying again tomorrow");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}
