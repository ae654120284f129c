//! Durable tasks in the catalogue's database: claim with a lease, heartbeat, back-off, last error.
//! A restart takes up everything. What a task does is none of this room's business.
//!
//! Invariant: one row per (kind, subject); a call for a task that is running makes it run once more.

/// Nobody has paused it. A condition on `tasks` whose `$1` is the kind.
macro_rules! not_paused {
    () => {
        "NOT ($1 = 'archive' AND EXISTS (SELECT 1 FROM pauses WHERE pauses.subject IN ('', tasks.subject)))"
    };
}

mod backoff;
mod call;
mod claim;
mod waiting;
mod worker;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use feishu::Priority;
use tokio::sync::futures::Notified;
use tokio::sync::{Mutex, Notify};

use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{Clock, text_enum};
pub use backoff::Backoff;
pub(crate) use backoff::CATALOG_TROUBLE;
pub use call::Call;
pub(crate) use call::{enqueue, lane_of};
pub use waiting::{RecordingTask, Waiting, WaitingPage};
pub use worker::{Next, Worker};

text_enum! {
    /// What kinds of work there are.
    pub enum TaskKind {
        /// Ask a meeting for its recording; subject: meeting id.
        Meeting = "meeting",
        /// Look for a member's recordings; subject: open_id.
        Patrol = "patrol",
        /// Look through a member's history; subject: open_id.
        Backfill = "backfill",
        /// Look for what a member attended and somebody else owns; subject: open_id.
        Attended = "attended",
        /// Keep a member's subscription alive; subject: open_id.
        Subscription = "subscription",
        /// Bring a recording into the archive; subject: minute_token.
        Archive = "archive",
        /// Read the company's own record of its meetings; subject: how far back.
        Reconcile = "reconcile",
        /// Bring a message to its receiver; subject: its id.
        Notice = "notice",
    }
}

/// How long a lease lasts without a heartbeat.
pub(crate) const LEASE_MS: i64 = 60_000;
/// What waits longer than any policy makes it wait was written by a clock that ran ahead: it is due now.
pub(crate) const LONGEST_WAIT_MS: i64 = 8 * 86_400_000;

/// A claimed task.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Task {
    /// Which kind.
    #[sqlx(try_from = "String")]
    pub kind: TaskKind,
    /// What it is about.
    pub subject: String,
    /// What the kind needs to know beyond the subject.
    pub payload: Option<String>,
    /// How urgent it is, as [`Task::priority`] reads it.
    pub lane: i64,
    /// Fencing number, another for each claim: only the holder of the latest may finish it.
    pub lease: i64,
    /// Calls that had come when it was claimed.
    pub wakes: i64,
    /// Failed attempts before this one.
    pub attempts: i64,
    /// When it was first called for, unix ms.
    pub created_at: i64,
}

impl Task {
    /// How urgent it is.
    #[must_use]
    pub fn priority(&self) -> Priority {
        call::priority_of(self.lane)
    }
}

/// One waiting task, for tables.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct TaskRow {
    /// Which kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Due at, unix ms.
    pub run_at: i64,
    /// Held until, unix ms, while a worker is at it.
    pub lease_until: Option<i64>,
    /// Failed attempts so far.
    pub attempts: i64,
    /// What the last one failed on.
    pub last_error: Option<String>,
}

/// The queue. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    catalog: Catalog,
    clock: Arc<dyn Clock>,
    node: Arc<str>,
    /// One per kind, in the order of [`TaskKind::ALL`].
    called: Arc<[Notify; TaskKind::ALL.len()]>,
    /// Workers of this process choose one after another, or all would choose the same task.
    choosing: Arc<Mutex<()>>,
    claims: Arc<AtomicU64>,
}

impl Queue {
    /// A queue over the catalogue; `node` names this process's data folder.
    pub fn new(catalog: Catalog, clock: Arc<dyn Clock>, node: &str) -> Self {
        Self {
            catalog,
            clock,
            node: node.into(),
            called: Arc::default(),
            choosing: Arc::default(),
            claims: Arc::default(),
        }
    }

    /// Calls for a task outside any transaction.
    pub async fn call(&self, call: Call<'_>) -> Result<(), CatalogError> {
        let mut tx = self.catalog.db().begin().await?;
        enqueue(&mut tx, &call, self.clock.now_ms()).await?;
        tx.commit().await?;
        self.nudge(call.kind);
        Ok(())
    }

    /// Makes an idle worker of this kind look again; it wakes the next one when it finds work. Call it
    /// after committing an [`enqueue`].
    pub fn nudge(&self, kind: TaskKind) {
        self.called[kind as usize].notify_one();
    }

    /// The same for all kinds.
    pub(crate) fn nudge_all(&self) {
        for kind in TaskKind::ALL {
            self.nudge(*kind);
        }
    }

    /// Gives back what this node held when it last died.
    pub async fn release_own_leases(&self) -> Result<u64, CatalogError> {
        self.catalog
            .db()
            .execute(
                "UPDATE tasks SET lease_until = NULL WHERE node = $1 AND lease_until IS NOT NULL",
                args![&*self.node],
            )
            .await
    }

    /// Keeps a lease; false when somebody else has the task by now.
    pub async fn heartbeat(&self, task: &Task) -> Result<bool, CatalogError> {
        let kept = self
            .catalog
            .db()
            .execute(
                "UPDATE tasks SET lease_until = $4 WHERE kind = $1 AND subject = $2 AND lease = $3",
                args![task.kind.as_str(), task.subject.as_str(), task.lease, self.clock.now_ms() + LEASE_MS],
            )
            .await?;
        Ok(kept > 0)
    }

    /// Puts a task back to run at `run_at`, or at once if it was called for meanwhile.
    pub async fn put_back(
        &self,
        task: &Task,
        run_at: i64,
        attempts: i64,
        error: Option<&str>,
    ) -> Result<(), CatalogError> {
        self.catalog
            .db()
            .execute(
                "UPDATE tasks SET lease_until = NULL, attempts = $5, last_error = $6,
                    run_at = CASE WHEN wakes = $7 THEN $4 ELSE $8 END
                 WHERE kind = $1 AND subject = $2 AND lease = $3",
                args![
                    task.kind.as_str(),
                    task.subject.as_str(),
                    task.lease,
                    run_at,
                    attempts,
                    error,
                    task.wakes,
                    self.clock.now_ms()
                ],
            )
            .await?;
        // Whoever sleeps until the next due time has to look again.
        self.nudge(task.kind);
        Ok(())
    }

    /// Ends a task; if it was called for meanwhile it runs once more instead.
    pub async fn finish(&self, task: &Task) -> Result<(), CatalogError> {
        let ended = self
            .catalog
            .db()
            .execute(
                "DELETE FROM tasks WHERE kind = $1 AND subject = $2 AND lease = $3 AND wakes = $4",
                args![task.kind.as_str(), task.subject.as_str(), task.lease, task.wakes],
            )
            .await?;
        if ended == 0 {
            self.put_back(task, self.clock.now_ms(), 0, None).await?;
        }
        Ok(())
    }

    /// When the next task of a kind falls due: how long to sleep, at most `longest`.
    pub async fn until_next(&self, kind: TaskKind, longest: Duration) -> Result<Duration, CatalogError> {
        let next: Option<(Option<i64>,)> = self
            .catalog
            .db()
            .row(
                concat!(
                    "SELECT MIN(run_at) FROM tasks WHERE kind = $1 AND lease_until IS NULL AND ",
                    not_paused!()
                ),
                args![kind.as_str()],
            )
            .await?;
        let Some((Some(run_at),)) = next else { return Ok(longest) };
        let wait_ms = u64::try_from(run_at - self.clock.now_ms()).unwrap_or(0);
        Ok(Duration::from_millis(wait_ms).min(longest))
    }

    /// All tasks of a kind, the next due first.
    pub async fn list(&self, kind: TaskKind, limit: i64) -> Result<Vec<TaskRow>, CatalogError> {
        self.catalog
            .db()
            .rows(
                "SELECT kind, subject, run_at, lease_until, attempts, last_error FROM tasks
                 WHERE kind = $1 ORDER BY run_at, subject LIMIT $2",
                args![kind.as_str(), limit],
            )
            .await
    }

    /// The task about one thing, if there is one.
    pub async fn task(&self, kind: TaskKind, subject: &str) -> Result<Option<TaskRow>, CatalogError> {
        self.catalog
            .db()
            .row(
                "SELECT kind, subject, run_at, lease_until, attempts, last_error FROM tasks
                 WHERE kind = $1 AND subject = $2",
                args![kind.as_str(), subject],
            )
            .await
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(crate) fn called(&self, kind: TaskKind) -> Notified<'_> {
        self.called[kind as usize].notified()
    }
}
