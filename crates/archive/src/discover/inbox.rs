//! The inbox: events go to disk in batches, so that a burst costs a few syncs and not hundreds. Whoever
//! brought an event is told only when it is durable.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::task::TaskTracker;
use tracing::error;

use super::notices::is_handled;
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::Clock;

/// Events that may wait for the writer; beyond that the platform is told to come again.
const ROOM: usize = 2_048;
/// Events in one transaction.
const BATCH: usize = 64;

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
    /// Starts the writer; it ends when the last `Inbox` is dropped, and tells `arrived` of each batch.
    pub fn open(
        catalog: Catalog,
        clock: Arc<dyn Clock>,
        arrived: Arc<Notify>,
        tracker: &TaskTracker,
    ) -> Self {
        let (letters, mut incoming) = mpsc::channel::<Letter>(ROOM);
        tracker.spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while incoming.recv_many(&mut batch, BATCH).await > 0 {
                let outcome = store(&catalog, &batch, clock.now_ms()).await.map_err(Arc::new);
                if let Err(error) = &outcome {
                    error!(events = batch.len(), %error, "events could not be stored; the platform will bring them again");
                }
                arrived.notify_one();
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

/// Stores a batch in one statement, which is one transaction and one sync.
async fn store(catalog: &Catalog, batch: &[Letter], now_ms: i64) -> Result<Vec<Accepted>, CatalogError> {
    let mut args = Vec::with_capacity(batch.len() * COLUMNS);
    for Letter { event, .. } in batch {
        let is_handled = is_handled(&event.kind);
        args.extend(args![
            event.id.as_str(),
            event.kind.as_str(),
            now_ms,
            event.created_ms,
            is_handled.then(|| event.body.to_string()),
            (!is_handled).then_some(now_ms)
        ]);
    }
    let stored: Vec<(String,)> = catalog.db().store_first(insert(batch.len()), args, batch.len()).await?;
    let mut stored: HashSet<String> = stored.into_iter().map(|(event_id,)| event_id).collect();
    let accepted = batch.iter().map(|Letter { event, .. }| match stored.remove(&event.id) {
        true if is_handled(&event.kind) => Accepted::New,
        true => Accepted::Unhandled,
        // Known from before, or from earlier in this batch.
        false => Accepted::Seen,
    });
    Ok(accepted.collect())
}

const COLUMNS: usize = 6;

/// The statement for so many events; made once, prepared once.
fn insert(events: usize) -> &'static str {
    static STATEMENTS: [OnceLock<String>; BATCH + 1] = [const { OnceLock::new() }; BATCH + 1];
    STATEMENTS[events].get_or_init(|| {
        let row = |event: usize| {
            let values = (1..=COLUMNS).map(|column| format!("${}", event * COLUMNS + column));
            format!("({})", values.collect::<Vec<_>>().join(", "))
        };
        format!(
            "INSERT INTO events (event_id, kind, received_at, created_ms, body, handled_at) VALUES {}
             ON CONFLICT (event_id) DO NOTHING RETURNING event_id",
            (0..events).map(row).collect::<Vec<_>>().join(", ")
        )
    })
}
