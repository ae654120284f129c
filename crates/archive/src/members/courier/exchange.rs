//! One exchange: room for the outcome first, then the platform, then the outcome on disk.

use std::sync::Arc;
use std::time::Duration;

use tracing::error;

use super::outcomes::{Outcomes, Renewed};
use super::wire::{Order, Report};
use crate::members::refusal::Refusal;
use crate::model::Clock;
use crate::queue::Backoff;

const KEEP_AGAIN: Backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(5) };

pub(super) struct Exchange {
    client: feishu::Client,
    outcomes: Outcomes,
    clock: Arc<dyn Clock>,
}

impl Exchange {
    pub(super) fn new(client: feishu::Client, outcomes: Outcomes, clock: Arc<dyn Clock>) -> Self {
        Self { client, outcomes, clock }
    }

    /// Exchanges a pair; asked again for the same one, it finds the outcome and leaves the platform alone. Not to
    /// be cancelled half-way. The caller holds the folder's lock.
    pub(super) async fn run(&self, order: &Order) -> Report {
        if self.outcomes.holds(&order.renewal) {
            return Report::Kept;
        }
        // A full disk must be known before the old token is spent.
        let room = match self.outcomes.reserve(&order.renewal).await {
            Ok(room) => room,
            Err(error) => return Report::Refused(Refusal::cannot_keep(&error)),
        };
        let pair = match self.client.refresh(&order.refresh_token()).await {
            Ok(pair) => pair,
            Err(refusal) => {
                room.give_back().await;
                return Report::Refused(refusal.into());
            }
        };
        let outcome = room.seal(&Renewed { pair, received_at: self.clock.now_ms() });
        let mut attempts = 0;
        while let Err(error) = room.keep(&outcome).await {
            error!(%error, "a new pair cannot be written down yet; trying until it can");
            let wait_ms = KEEP_AGAIN.wait_ms(attempts).unsigned_abs();
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            attempts += 1;
        }
        Report::Kept
    }
}
