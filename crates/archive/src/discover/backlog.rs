//! Events that are stored and not yet worked through. Their table is itself the queue: oldest first, many
//! to a transaction, so that they cost a sync together and the inbox gets its turn in between. An event
//! that breaks down is put off with its reason; the others go on without it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tracing::{error, warn};

use crate::Archive;
use crate::catalog::{CatalogError, args};
use crate::queue::{Backoff, LONGEST_WAIT_MS, TaskKind};

/// Events in one transaction.
const CHUNK: i64 = 32;
/// Nobody sleeps longer than this without a look: another node's events make no sound here.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// Nor shorter, when only events that were put off are left.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);
const TROUBLE: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_hours(1) };
const CATALOG_TROUBLE: Backoff =
    Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(30) };

/// An event that waits.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Stored {
    pub(super) event_id: String,
    pub(super) kind: String,
    pub(super) body: Option<String>,
    pub(super) created_ms: Option<i64>,
    attempts: i64,
}

/// Why events were not worked through.
enum Trouble {
    /// Nothing can be worked through at present.
    Catalog(CatalogError),
    /// Something about one of them.
    Event(String),
}

impl Archive {
    /// Works through events until told to stop.
    pub(crate) async fn work_on_events(self: Arc<Self>) {
        let mut troubles = 0;
        while !self.stop.is_cancelled() {
            // Listen before looking, so that an event between the two is not missed.
            let arrived = self.events_arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            let idle = match self.work_on_some_events().await {
                Ok(idle) => {
                    troubles = 0;
                    idle
                }
                Err(error) => {
                    let wait_ms = CATALOG_TROUBLE.wait_ms(troubles);
                    troubles += 1;
                    error!(%error, wait_ms, "events cannot be worked through; trying again");
                    sleep(Duration::from_millis(wait_ms.unsigned_abs())).await;
                    continue;
                }
            };
            tokio::select! {
                () = arrived => {}
                () = sleep(idle) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// Works through what is due, at most [`CHUNK`] events; how long to sleep when nothing more comes.
    async fn work_on_some_events(self: &Arc<Self>) -> Result<Duration, CatalogError> {
        let due = self.due_events().await?;
        if due.is_empty() {
            return self.until_next_event().await;
        }
        match self.attempt(due.clone()).await {
            Ok(()) => {}
            Err(Trouble::Catalog(error)) => return Err(error),
            Err(Trouble::Event(_)) => {
                for event in due {
                    match self.attempt(vec![event.clone()]).await {
                        Ok(()) => {}
                        Err(Trouble::Catalog(error)) => return Err(error),
                        Err(Trouble::Event(why)) => self.put_off(&event, &why).await?,
                    }
                }
            }
        }
        self.queue.nudge(TaskKind::Archive);
        self.queue.nudge(TaskKind::Meeting);
        Ok(Duration::ZERO)
    }

    async fn due_events(&self) -> Result<Vec<Stored>, CatalogError> {
        let now_ms = self.clock.now_ms();
        // To the last id in one order: nodes that are at the same events wait for each other and not mutually.
        self.catalog
            .db()
            .rows(
                "SELECT event_id, kind, body, created_ms, attempts FROM events
                 WHERE handled_at IS NULL AND (due_at <= $1 OR due_at > $2)
                 ORDER BY due_at, received_at, event_id LIMIT $3",
                args![now_ms, now_ms + LONGEST_WAIT_MS, CHUNK],
            )
            .await
    }

    async fn until_next_event(&self) -> Result<Duration, CatalogError> {
        let next: Option<(Option<i64>,)> =
            self.catalog.db().row("SELECT MIN(due_at) FROM events WHERE handled_at IS NULL", args![]).await?;
        let Some((Some(due_at),)) = next else { return Ok(LONGEST_SLEEP) };
        let wait_ms = u64::try_from(due_at - self.clock.now_ms()).unwrap_or(0);
        Ok(Duration::from_millis(wait_ms).clamp(SHORTEST_SLEEP, LONGEST_SLEEP))
    }

    /// All of them, or none; even a panic takes nobody else with it.
    async fn attempt(self: &Arc<Self>, events: Vec<Stored>) -> Result<(), Trouble> {
        let archive = Arc::clone(self);
        match tokio::spawn(async move { archive.handle_events(&events).await }).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if error.is_of_the_whole() => Err(Trouble::Catalog(error)),
            Ok(Err(error)) => Err(Trouble::Event(error.to_string())),
            Err(panic) => {
                error!(%panic, "work on events broke down");
                Err(Trouble::Event("internal error".to_owned()))
            }
        }
    }

    async fn put_off(&self, event: &Stored, why: &str) -> Result<(), CatalogError> {
        let wait_ms = TROUBLE.wait_ms(event.attempts);
        warn!(
            event_id = event.event_id,
            kind = event.kind,
            why,
            again_in_ms = wait_ms,
            attempts = event.attempts + 1,
            "an event could not be worked through; the others go on"
        );
        metrics::counter!("vault_events_put_off_total").increment(1);
        self.catalog
            .db()
            .execute(
                "UPDATE events SET attempts = attempts + 1, due_at = $2, note = $3
                 WHERE event_id = $1 AND handled_at IS NULL",
                args![event.event_id.as_str(), self.clock.now_ms() + wait_ms, why],
            )
            .await?;
        Ok(())
    }
}
