//! The inbox: events go to disk in batches, so that a burst costs a few syncs and not hundreds. Whoever
//! brought an event is told only when it is durable.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use tracing::error;

use crate::catalog::{Catalog, CatalogError, args};
use crate::model::Clock;
use crate::queue::{Queue, TaskKind, enqueue};

/// Events that may wait for the writer; beyond that the platform is told to come again.
const ROOM: usize = 2_048;
/// Events in one transaction.
const BATCH: usize = 256;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Stored; work follows.
    New,
    /// It had come before; nothing changed.
    Seen,
    /// Stored as a number only: a kind that we do not handle.
    Unhandled,
}

/// Why an event could not be stored. The platform delivers it again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InboxError {
    /// Too many are waiting.
    #[error("too many events are waiting to be stored")]
    Full,
    /// The catalogue did not take it.
    #[error("the event could not be stored: {0}")]
    Catalog(Arc<CatalogError>),
    /// The program is stopping.
    #[error("the program is stopping")]
    Stopping,
}

struct Letter {
    event: feishu::Event,
    reply: oneshot::Sender<Result<Accepted, InboxError>>,
}

/// Where events are handed in. Cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    letters: mpsc::Sender<Letter>,
}

impl Inbox {
    /// Starts the writer; it ends when the last `Inbox` is dropped.
    pub fn open(catalog: Catalog, queue: Queue, clock: Arc<dyn Clock>, tracker: &TaskTracker) -> Self {
        let (letters, mut incoming) = mpsc::channel::<Letter>(ROOM);
        tracker.spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while incoming.recv_many(&mut batch, BATCH).await > 0 {
                let outcome = store(&catalog, &batch, clock.now_ms()).await.map_err(Arc::new);
                if let Err(error) = &outcome {
                    error!(events = batch.len(), %error, "events could not be stored; the platform will bring them again");
                }
                queue.nudge(TaskKind::Event);
                for (index, letter) in batch.drain(..).enumerate() {
                    let answer = match &outcome {
                        Ok(accepted) => accepted.get(index).copied().ok_or(InboxError::Stopping),
                        Err(error) => Err(InboxError::Catalog(Arc::clone(error))),
                    };
                    // Nobody listens any more when the platform hung up; the event is stored all the same.
                    let _ = letter.reply.send(answer);
                }
            }
        });
        Self { letters }
    }

    /// Stores an event; returns when it is durable.
    pub async fn accept(&self, event: feishu::Event) -> Result<Accepted, InboxError> {
        let (reply, answer) = oneshot::channel();
        self.letters.try_send(Letter { event, reply }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => InboxError::Full,
            mpsc::error::TrySendError::Closed(_) => InboxError::Stopping,
        })?;
        answer.await.unwrap_or(Err(InboxError::Stopping))
    }
}

async fn store(catalog: &Catalog, batch: &[Letter], now_ms: i64) -> Result<Vec<Accepted>, CatalogError> {
    let mut tx = catalog.db().begin().await?;
    let mut accepted = Vec::with_capacity(batch.len());
    for Letter { event, .. } in batch {
        let handled = super::notices::is_handled(&event.kind);
        let inserted = tx
            .execute(
                "INSERT INTO events (event_id, kind, received_at, created_ms, body, handled_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (event_id) DO NOTHING",
                args![
                    event.id.as_str(),
                    event.kind.as_str(),
                    now_ms,
                    event.created_ms,
                    handled.then(|| event.body.to_string()),
                    (!handled).then_some(now_ms)
                ],
            )
            .await?
            > 0;
        accepted.push(match (inserted, handled) {
            (false, _) => Accepted::Seen,
            (true, false) => Accepted::Unhandled,
            (true, true) => {
                enqueue(&mut tx, TaskKind::Event, &event.id, None, now_ms, now_ms).await?;
                Accepted::New
            }
        });
    }
    tx.commit().await?;
    Ok(accepted)
}
