//! Where the link's standing is kept up: in the catalogue for other processes, as a metric for monitoring. Written
//! beside the link's work and never in its way, so that a slow database delays no answer.

use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use tokio::sync::watch;
use tracing::warn;

use crate::catalog::Catalog;
use crate::model::{Clock, LinkStanding, LinkState, LinkTrouble, to_ms};

/// Pongs are written down no more often than this.
const BETWEEN_SIGNS_OF_LIFE: Duration = Duration::from_secs(30);
/// A node that noted nothing for so long is no more.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(168);

/// What the link says of itself.
pub(super) struct Board {
    standing: watch::Sender<LinkStanding>,
    clock: Arc<dyn Clock>,
}

impl Board {
    /// A board for this node, and what [`keep_noted`] reads.
    pub(super) fn new(node: &str, clock: Arc<dyn Clock>) -> (Self, watch::Receiver<LinkStanding>) {
        let now_ms = clock.now_ms();
        let (standing, watched) = watch::channel(LinkStanding {
            node: node.to_owned(),
            state: LinkState::Connecting,
            state_at: now_ms,
            trouble: None,
            detail: None,
            retry_at: None,
            heard_at: None,
            noted_at: now_ms,
        });
        (Self { standing, clock }, watched)
    }

    pub(super) fn connecting(&self) {
        // What went wrong before stays to be read until it goes right.
        self.change(LinkState::Connecting, |standing| standing.retry_at = None);
    }

    pub(super) fn connected(&self) {
        let now_ms = self.clock.now_ms();
        self.change(LinkState::Connected, |standing| {
            (standing.trouble, standing.detail, standing.retry_at) = (None, None, None);
            standing.heard_at = Some(now_ms);
        });
    }

    /// Something came over the link.
    pub(super) fn heard(&self) {
        let now_ms = self.clock.now_ms();
        self.standing.send_if_modified(|standing| {
            let before_ms = standing.heard_at.unwrap_or_default();
            // A clock that was set back must not silence it.
            let is_news = (now_ms - before_ms).abs() >= to_ms(BETWEEN_SIGNS_OF_LIFE);
            if is_news {
                (standing.heard_at, standing.noted_at) = (Some(now_ms), now_ms);
            }
            is_news
        });
    }

    /// There is none, and it is tried again after `wait`.
    pub(super) fn waiting(&self, trouble: Option<LinkTrouble>, detail: String, wait: Duration) {
        let state = if trouble.is_some() { LinkState::Refused } else { LinkState::Waiting };
        let retry_at = self.clock.now_ms().saturating_add(to_ms(wait));
        self.change(state, |standing| {
            standing.trouble = trouble.map(|trouble| trouble.as_str().to_owned());
            (standing.detail, standing.retry_at) = (Some(detail), Some(retry_at));
        });
    }

    pub(super) fn closed(&self) {
        self.change(LinkState::Closed, |standing| standing.retry_at = None);
    }

    fn change(&self, state: LinkState, more: impl FnOnce(&mut LinkStanding)) {
        gauge!("vault_long_connection_up").set(if state == LinkState::Connected { 1.0 } else { 0.0 });
        let now_ms = self.clock.now_ms();
        self.standing.send_modify(|standing| {
            if standing.state != state {
                (standing.state, standing.state_at) = (state, now_ms);
            }
            standing.noted_at = now_ms;
            more(standing);
        });
    }
}

/// Writes down what the board says, until it is dropped; the last word included.
pub(super) async fn keep_noted(catalog: &Catalog, mut standing: watch::Receiver<LinkStanding>) {
    let started_at = standing.borrow().noted_at;
    if let Err(error) = catalog.forget_links(started_at - to_ms(FORGOTTEN_AFTER)).await {
        warn!(%error, "nodes that are no more could not be forgotten");
    }
    loop {
        let now = standing.borrow_and_update().clone();
        if let Err(error) = catalog.set_link(&now).await {
            warn!(%error, "how the long connection stands could not be noted");
        }
        if standing.changed().await.is_err() {
            return;
        }
    }
}
