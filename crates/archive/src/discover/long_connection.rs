//! The other way in: events that come over a connection of our own. Checked, stored, answered, as by webhook; the
//! connection is opened again for ever, as the platform wants it.
//!
//! Invariant: no answer says 200 before the event is durable, and nothing but the end of the program ends the attempts.

mod board;
mod retries;

use std::sync::Arc;
use std::time::Duration;

use feishu::{Client, Delivery, EventVerifier, Link, LinkError, News, Verdict};
use metrics::counter;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

use self::board::{Board, keep_noted};
use self::retries::{Pace, Retries};
use super::{Accepted, Inbox};
use crate::catalog::Catalog;
use crate::model::{Clock, LinkTrouble};

/// The platform gives up after 3 s; what is stored by then but not answered comes again and is known.
const DEADLINE: Duration = Duration::from_millis(2_500);

/// What a long connection works with.
pub struct LongConnection {
    /// The platform.
    pub client: Client,
    /// Whose events are taken.
    pub verifier: EventVerifier,
    /// Where they go.
    pub inbox: Inbox,
    /// Where it is noted how the connection stands.
    pub catalog: Catalog,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Which node this is.
    pub node: String,
    /// Between two attempts while the platform refuses, and once its own number of attempts is over.
    ///
    /// What refuses is mended elsewhere, in the developer console or by another program that ends, and nobody tells us.
    pub calm: Duration,
}

impl LongConnection {
    /// Receives events until `stop`; what has come by then is still stored and answered.
    pub async fn run(self, stop: CancellationToken, tracker: TaskTracker) {
        let (board, standing) = Board::new(&self.node, Arc::clone(&self.clock));
        let catalog = self.catalog.clone();
        let retries = Retries::new(self.calm);
        let keeper = Keeper { way: self, board, retries, told: None, stop, tracker };
        tokio::join!(keeper.keep_connected(), keep_noted(&catalog, standing));
    }
}

/// The connection and its history.
struct Keeper {
    way: LongConnection,
    board: Board,
    retries: Retries,
    /// Of what refusal the operator has been told since there was last a connection.
    told: Option<LinkTrouble>,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Keeper {
    async fn keep_connected(mut self) {
        while let Some(error) = self.connect_and_receive().await {
            let (wait, pace) = self.retries.wait_after(&error, rand::random());
            self.tell(&error, wait, pace);
            let trouble = match &error {
                LinkError::Refused { why, .. } => Some((*why).into()),
                LinkError::Passing { .. } => None,
            };
            self.board.waiting(trouble, error.to_string(), wait);
            if self.stop.run_until_cancelled(sleep(wait)).await.is_none() {
                break;
            }
        }
        self.board.closed();
    }

    /// One connection from its address to its end; none when the program stops.
    async fn connect_and_receive(&mut self) -> Option<LinkError> {
        self.board.connecting();
        let stop = self.stop.clone();
        let link = match stop.run_until_cancelled(self.connect()).await? {
            Ok(link) => link,
            Err(error) => return Some(error),
        };
        self.board.connected();
        self.told = None;
        counter!("vault_long_connection_opened_total").increment(1);
        info!("the long connection is open");
        self.receive(link).await
    }

    async fn connect(&mut self) -> Result<Link, LinkError> {
        let address = self.way.client.link_address().await?;
        self.retries.heed(address.settings());
        self.way.client.open_link(address).await
    }

    async fn receive(&mut self, mut link: Link) -> Option<LinkError> {
        loop {
            let news = tokio::select! {
                biased;
                () = self.stop.cancelled() => {
                    link.close(DEADLINE).await;
                    return None;
                }
                news = link.next() => news,
            };
            match news {
                Ok(News::Event(delivery)) => self.take(delivery),
                Ok(News::Alive) => self.retries.heed(link.settings()),
                Ok(News::Unusable(why)) => {
                    warn!(%why, "a message of the long connection cannot be used");
                    continue;
                }
                Err(error) => return Some(error),
            }
            self.retries.alive();
            self.board.heard();
        }
    }

    /// Stores an event beside the reading of the next one, and answers it.
    fn take(&self, delivery: Delivery) {
        let event = match self.way.verifier.read_unsealed(delivery.payload()) {
            Ok(event) => event,
            Err(refusal) => {
                warn!(%refusal, trace_id = ?delivery.trace_id(), "an event was refused");
                count("refused");
                return delivery.answer(Verdict::Redeliver);
            }
        };
        let inbox = self.way.inbox.clone();
        self.tracker.spawn(async move {
            let (verdict, outcome) = match timeout(DEADLINE, inbox.accept(event)).await {
                Ok(Ok(Accepted::New)) => (Verdict::Stored, "new"),
                Ok(Ok(Accepted::Seen)) => (Verdict::Stored, "seen"),
                Ok(Ok(Accepted::Unhandled)) => (Verdict::Stored, "unhandled"),
                // The inbox has logged why, once for all that waited.
                Ok(Err(_)) => (Verdict::Redeliver, "not_stored"),
                Err(_) => {
                    warn!("an event could not be stored in time; the platform will bring it again");
                    (Verdict::Redeliver, "not_stored")
                }
            };
            count(outcome);
            delivery.answer(verdict);
        });
    }

    /// Says each thing once: a loss, the end of the platform's own attempts, and each refusal that somebody has to see
    /// to. What goes on as it was is for who looks closer.
    fn tell(&mut self, trouble: &LinkError, wait: Duration, pace: Pace) {
        let wait_s = wait.as_secs();
        match trouble {
            LinkError::Refused { why, .. } => {
                let why = LinkTrouble::from(*why);
                if self.told.replace(why) == Some(why) {
                    debug!(error = %trouble, wait_s, "the long connection is still refused");
                } else {
                    error!(
                        error = %trouble, trouble = %why, wait_s,
                        "the platform refuses the long connection until somebody acts: see minutes-vault doctor. It is tried again all the same"
                    );
                }
            }
            LinkError::Passing { .. } => match pace {
                Pace::First => {
                    warn!(error = %trouble, wait_s, "the long connection is down; it is opened again");
                }
                Pace::Usual => debug!(error = %trouble, wait_s, "the long connection is still down"),
                Pace::Calm if self.retries.has_just_calmed() => warn!(
                    error = %trouble, wait_s,
                    "the long connection is down after as many attempts as the platform wants; they go on, calmly"
                ),
                Pace::Calm => debug!(error = %trouble, wait_s, "the long connection is still down"),
            },
        }
    }
}

fn count(outcome: &'static str) {
    counter!("vault_long_connection_events_total", "outcome" => outcome).increment(1);
}
