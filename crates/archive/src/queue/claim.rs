//! Whose turn it is: the most urgent lane first; in it whoever has nothing under way, so that one person's
//! three hundred recordings do not hold up everybody else's; of those the newest. Every eighth turn goes to
//! what has waited longest, so that nothing waits for ever.

use std::sync::atomic::Ordering;

use super::{LEASE_MS, LONGEST_WAIT_MS, Queue, Task, TaskKind};
use crate::catalog::{Arg, CatalogError, args};

const TURNS_UNTIL_THE_OLDEST: u64 = 8;

/// Held by nobody and not paused; `$2` is now, `$3` the time beyond which only a clock that ran ahead can have put
/// something.
macro_rules! free {
    () => {
        concat!("(lease_until IS NULL OR lease_until < $2 OR lease_until > $3) AND ", not_paused!())
    };
}

/// That, and due.
macro_rules! claimable {
    () => {
        concat!("kind = $1 AND (run_at <= $2 OR run_at > $3) AND ", free!())
    };
}

/// By the index of due times alone: most of the time nothing is due, and ten thousand that wait are not gone
/// through to see that.
const ANYTHING: &str = concat!(
    "SELECT lane FROM tasks WHERE kind = $1 AND run_at <= $2 AND ",
    free!(),
    " UNION ALL SELECT lane FROM tasks WHERE kind = $1 AND run_at > $3 AND ",
    free!(),
    " LIMIT 1"
);

const MOST_URGENT_LANE: &str =
    concat!("SELECT lane FROM tasks WHERE ", claimable!(), " ORDER BY lane LIMIT 1");

const LONGEST_WAITING: &str =
    concat!("SELECT subject FROM tasks WHERE ", claimable!(), " ORDER BY run_at, created_at LIMIT 1");

const OF_SOMEBODY_IDLE: &str = concat!(
    "SELECT subject FROM tasks WHERE lane = $4 AND ",
    claimable!(),
    " AND (party = '' OR party NOT IN
        (SELECT party FROM tasks WHERE kind = $1 AND lease_until >= $2 AND lease_until <= $3))
     ORDER BY made_ms DESC, run_at LIMIT 1"
);

const OF_ANYBODY: &str = concat!(
    "SELECT subject FROM tasks WHERE lane = $4 AND ",
    claimable!(),
    " ORDER BY made_ms DESC, run_at LIMIT 1"
);

impl Queue {
    /// Claims the task of a kind whose turn it is.
    pub async fn claim(&self, kind: TaskKind) -> Result<Option<Task>, CatalogError> {
        let _one_at_a_time = self.choosing.lock().await;
        let now_ms = self.clock.now_ms();
        // The choice goes through the reader: the writer is not bothered while there is nothing to do.
        while let Some(subject) = self.choose(kind, now_ms).await? {
            if let Some(task) = self.take(kind, &subject, now_ms).await? {
                self.claims.fetch_add(1, Ordering::Relaxed);
                return Ok(Some(task));
            }
            // Another process was quicker: it has that one, and there may be others.
        }
        Ok(None)
    }

    async fn choose(&self, kind: TaskKind, now_ms: i64) -> Result<Option<String>, CatalogError> {
        let due = || args![kind.as_str(), now_ms, now_ms + LONGEST_WAIT_MS];
        if self.catalog.db().row::<(i64,)>(ANYTHING, due()).await?.is_none() {
            return Ok(None);
        }
        let Some((lane,)) = self.catalog.db().row::<(i64,)>(MOST_URGENT_LANE, due()).await? else {
            return Ok(None);
        };
        if self.claims.load(Ordering::Relaxed) % TURNS_UNTIL_THE_OLDEST == TURNS_UNTIL_THE_OLDEST - 1 {
            return self.first(LONGEST_WAITING, due()).await;
        }
        let in_lane = || [due(), args![lane]].concat();
        match self.first(OF_SOMEBODY_IDLE, in_lane()).await? {
            Some(subject) => Ok(Some(subject)),
            None => self.first(OF_ANYBODY, in_lane()).await,
        }
    }

    async fn first(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<String>, CatalogError> {
        let row: Option<(String,)> = self.catalog.db().row(sql, args).await?;
        Ok(row.map(|(subject,)| subject))
    }

    async fn take(&self, kind: TaskKind, subject: &str, now_ms: i64) -> Result<Option<Task>, CatalogError> {
        let taken: Vec<Task> = self
            .catalog
            .db()
            .execute_returning(
                concat!(
                    "UPDATE tasks SET lease = $6, lease_until = $5, node = $7 WHERE subject = $4 AND ",
                    claimable!(),
                    " RETURNING kind, subject, payload, lane, lease, wakes, attempts, created_at"
                ),
                args![
                    kind.as_str(),
                    now_ms,
                    now_ms + LONGEST_WAIT_MS,
                    subject,
                    now_ms + LEASE_MS,
                    // Counting up would begin again with a task that was finished and called for anew, and an
                    // old holder of the first would hold the second.
                    rand::random::<i64>(),
                    &*self.node
                ],
            )
            .await?;
        Ok(taken.into_iter().next())
    }
}
