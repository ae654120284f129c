//! What is done when the machine's clock is set back: what waits for a time waits no longer than it would have. A clock
//! that ran a day ahead and was set right would otherwise leave every task, and every renewal, to the next day.
//!
//! Within a life the monotonic clock tells; between two lives the time that was noted in the catalogue last.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::{error, warn};

use crate::Archive;
use crate::catalog::{CatalogError, args};
use crate::model::to_ms;
use crate::queue::LEASE_MS;

const NOTE: &str = "clock";
const LOOK_EVERY: Duration = Duration::from_secs(5);
const NOTE_EVERY: Duration = Duration::from_mins(1);
/// Small corrections need nothing, and nodes that share a catalogue may differ by as much.
const TOLERANCE_MS: i64 = 60_000;

/// `$1`: now; `$2`: by how much the clock was set back.
const MOVES: [&str; 8] = [
    "UPDATE tasks SET run_at = run_at - $2 WHERE run_at > $1",
    "UPDATE artifacts SET due_at = due_at - $2 WHERE due_at > $1",
    "UPDATE events SET due_at = due_at - $2 WHERE due_at > $1 AND handled_at IS NULL",
    "UPDATE grants SET refresh_due_at = refresh_due_at - $2 WHERE refresh_due_at > $1",
    // Read, or looked at, in a future that did not come.
    "UPDATE artifacts SET verified_at = verified_at - $2 WHERE verified_at > $1",
    "UPDATE sources SET asked_at = asked_at - $2 WHERE asked_at > $1",
    // What was put there in that future goes no later than it would have.
    "UPDATE trash SET trashed_at = trashed_at - $2 WHERE trashed_at > $1",
    // The last token of somebody who has left is tried no longer for it.
    "UPDATE members SET sweep_until = sweep_until - $2 WHERE sweep_until > $1",
];

impl Archive {
    /// Watches the clock until told to stop.
    pub(crate) async fn keep_time(self: Arc<Self>) {
        let mut seen = (self.clock.now_ms(), Instant::now());
        let mut noted = Instant::now();
        while !self.stop.is_cancelled() {
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                () = self.stop.cancelled() => return,
            }
            let kept = async {
                self.heed_clock(seen.0 + to_ms(seen.1.elapsed())).await?;
                seen = (self.clock.now_ms(), Instant::now());
                if noted.elapsed() >= NOTE_EVERY {
                    self.catalog.set_meta(NOTE, &seen.0.to_string()).await?;
                    noted = Instant::now();
                }
                Ok::<_, CatalogError>(())
            };
            if let Err(error) = kept.await {
                error!(%error, "the time cannot be noted; trying again");
            }
        }
    }

    /// For the start: has the clock been set back since the last life?
    pub(crate) async fn heed_clock_of_last_life(&self) -> Result<(), CatalogError> {
        let noted = self.catalog.meta(NOTE).await?.and_then(|text| text.parse().ok());
        self.heed_clock(noted.unwrap_or(0)).await?;
        self.catalog.set_meta(NOTE, &self.clock.now_ms().to_string()).await
    }

    /// It is to be at least `expected_ms`; if it is not, everything that lies ahead is moved back with it.
    async fn heed_clock(&self, expected_ms: i64) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        let back_ms = expected_ms - now_ms;
        if back_ms <= TOLERANCE_MS {
            return Ok(());
        }
        warn!(back_ms, "the clock was set back; what waits is moved with it");
        let mut tx = self.catalog.db().begin().await?;
        for sql in MOVES {
            tx.execute(sql, args![now_ms, back_ms]).await?;
        }
        // Those at work renew theirs; no good lease reaches so far.
        let longest = now_ms + 2 * LEASE_MS;
        tx.execute("UPDATE tasks SET lease_until = NULL WHERE lease_until > $1", args![longest]).await?;
        tx.commit().await?;
        self.queue.nudge_all();
        self.events_arrived.notify_one();
        Ok(())
    }
}
