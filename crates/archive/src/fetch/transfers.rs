//! Transfers under way, for progress bars and pages. Kept in memory only: what lasts is in the catalogue.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::sums::SumsTurns;
use crate::model::MinuteToken;
use crate::store::Ranges;

/// One transfer.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Transfer {
    /// What people call the recording.
    pub title: String,
    /// Bytes that have come.
    pub bytes: u64,
    /// Bytes that were promised.
    pub total: Option<u64>,
    /// Connections that fetch it.
    pub connections: usize,
    /// Which bytes have come, as the connections bring them; looked at several times a second.
    pub come: Ranges,
}

/// All transfers under way. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Transfers {
    running: Arc<Mutex<BTreeMap<MinuteToken, Transfer>>>,
    received: Arc<AtomicU64>,
    pub(crate) sums: SumsTurns,
}

impl Transfers {
    /// What is under way now.
    #[must_use]
    pub fn running(&self) -> Vec<(MinuteToken, Transfer)> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().map(|(token, transfer)| (token.clone(), transfer.clone())).collect()
    }

    /// Media bytes received since the start of the program.
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self, token: &MinuteToken, title: &str, total: Option<u64>) -> Running {
        let transfer =
            Transfer { title: title.to_owned(), bytes: 0, total, connections: 1, come: Ranges::default() };
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), transfer);
        Running { transfers: self.clone(), token: token.clone() }
    }
}

/// A transfer's entry, gone when dropped.
pub(super) struct Running {
    transfers: Transfers,
    token: MinuteToken,
}

impl Running {
    pub(super) fn add(&self, bytes: usize) {
        let bytes = bytes as u64;
        self.transfers.received.fetch_add(bytes, Ordering::Relaxed);
        metrics::counter!("vault_media_bytes_total").increment(bytes);
        self.change(|transfer| transfer.bytes += bytes);
    }

    /// So much will be there in the end, and this is there already.
    pub(super) fn expect(&self, total: Option<u64>, have: Ranges) {
        self.change(|transfer| (transfer.total, transfer.bytes, transfer.come) = (total, have.bytes(), have));
    }

    /// So many connections are at it, and this has come.
    pub(super) fn segments(&self, connections: usize, come: Ranges) {
        self.change(|transfer| (transfer.connections, transfer.come) = (connections, come));
    }

    fn change(&self, change: impl FnOnce(&mut Transfer)) {
        let mut running = self.transfers.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transfer) = running.get_mut(&self.token) {
            change(transfer);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.transfers.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.token);
    }
}
