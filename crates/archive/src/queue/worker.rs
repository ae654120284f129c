//! Workers: so many at once of each kind, each claiming one task at a time. A task that fails takes
//! nobody with it; a catalogue that fails is asked again until it answers.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, warn};

use super::{Backoff, LEASE_MS, Queue, Task, TaskKind};
use crate::catalog::CatalogError;

/// Nobody sleeps longer than this without a look: calls from other nodes make no sound here.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
const CATALOG_TROUBLE: Backoff =
    Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(30) };

/// What becomes of a task after a run.
#[derive(Debug)]
pub enum Next {
    /// It is over.
    Done,
    /// It runs again at this time, unix ms; not a failure.
    At(i64),
    /// What it asks for is not there yet; again at this time, unix ms, and later each time.
    NotYet {
        /// When to ask again, unix ms.
        at: i64,
        /// What is not there.
        why: String,
    },
    /// It failed; again at this time, unix ms, with what a person should know.
    Failed {
        /// When to try again, unix ms.
        at: i64,
        /// What it failed on.
        error: String,
    },
}

/// Runs tasks of one kind until told to stop.
pub struct Worker {
    queue: Queue,
    kind: TaskKind,
    stop: CancellationToken,
}

impl Worker {
    /// A worker for one kind; `stop` keeps it from claiming more.
    #[must_use]
    pub fn new(queue: Queue, kind: TaskKind, stop: CancellationToken) -> Self {
        Self { queue, kind, stop }
    }

    /// Starts `count` of them.
    pub fn spawn<F, Fut>(&self, tracker: &TaskTracker, count: usize, work: &F)
    where
        F: Fn(Task) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Next> + Send + 'static,
    {
        for _ in 0..count {
            let worker = Self { queue: self.queue.clone(), kind: self.kind, stop: self.stop.clone() };
            tracker.spawn(worker.run(work.clone()));
        }
    }

    async fn run<F, Fut>(self, work: F)
    where
        F: Fn(Task) -> Fut + Send,
        Fut: Future<Output = Next> + Send + 'static,
    {
        let mut troubles = 0;
        while !self.stop.is_cancelled() {
            match self.step(&work).await {
                Ok(()) => troubles = 0,
                Err(error) => {
                    let wait_ms = CATALOG_TROUBLE.wait_ms(troubles);
                    troubles += 1;
                    error!(kind = %self.kind, %error, wait_ms, "the queue cannot be worked on; trying again");
                    self.sleep_unless_stopped(Duration::from_millis(wait_ms.unsigned_abs())).await;
                }
            }
        }
    }

    async fn step<F, Fut>(&self, work: &F) -> Result<(), CatalogError>
    where
        F: Fn(Task) -> Fut + Send,
        Fut: Future<Output = Next> + Send + 'static,
    {
        let Some(task) = self.claim_or_wait().await? else { return Ok(()) };
        // Where there was one there may be more.
        self.queue.nudge(self.kind);
        let next = self.run_with_heartbeat(&task, work(task.clone())).await;
        self.settle(&task, next).await
    }

    /// A task; or none, after a wait, when there may be one now. Who has a task no longer listens: a call
    /// would wake a busy worker while an idle one sleeps.
    async fn claim_or_wait(&self) -> Result<Option<Task>, CatalogError> {
        // Listen before looking, so that a call between the two is not missed.
        let called = self.queue.called(self.kind);
        tokio::pin!(called);
        called.as_mut().enable();
        let claimed = self.queue.claim(self.kind).await?;
        if claimed.is_none() {
            let idle = self.queue.until_next(self.kind, LONGEST_SLEEP).await?.max(Duration::from_millis(20));
            tokio::select! {
                () = &mut called => {}
                () = sleep(idle) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(claimed)
    }

    async fn run_with_heartbeat(
        &self,
        task: &Task,
        work: impl Future<Output = Next> + Send + 'static,
    ) -> Next {
        let mut running = tokio::spawn(work);
        let period = Duration::from_millis(LEASE_MS.unsigned_abs() / 3);
        let mut beat = interval_at(Instant::now() + period, period);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = &mut running => {
                    return ended.unwrap_or_else(|panic| {
                        error!(kind = %task.kind, subject = %task.subject, %panic, "a task broke down");
                        Next::Failed { at: self.queue.clock().now_ms() + LEASE_MS, error: "internal error".to_owned() }
                    });
                }
                _ = beat.tick() => match self.queue.heartbeat(task).await {
                    Ok(true) => {}
                    Ok(false) => {
                        warn!(kind = %task.kind, subject = %task.subject, "lost the lease; leaving the task to its new holder");
                        running.abort();
                    }
                    Err(error) => warn!(kind = %task.kind, subject = %task.subject, %error, "heartbeat failed"),
                },
            }
        }
    }

    /// Writes down what came out of a task. If the catalogue does not take it the lease runs out and the
    /// task runs again, which every task must bear anyway.
    async fn settle(&self, task: &Task, next: Next) -> Result<(), CatalogError> {
        match next {
            Next::Done => self.queue.finish(task).await,
            Next::At(run_at) => self.queue.put_back(task, run_at, 0, None).await,
            Next::NotYet { at, why } => {
                debug!(kind = %task.kind, subject = %task.subject, attempts = task.attempts + 1, why, "not yet");
                self.queue.put_back(task, at, task.attempts + 1, Some(&why)).await
            }
            Next::Failed { at, error } => {
                warn!(kind = %task.kind, subject = %task.subject, attempts = task.attempts + 1, %error, "task failed");
                self.queue.put_back(task, at, task.attempts + 1, Some(&error)).await
            }
        }
    }

    async fn sleep_unless_stopped(&self, wait: Duration) {
        tokio::select! {
            () = sleep(wait) => {}
            () = self.stop.cancelled() => {}
        }
    }
}
