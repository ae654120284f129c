//! Where the bytes of one recording are: an address that lives for a day, asked for with a member's grant, and asked
//! for again when it dies in mid-transfer.

use std::sync::atomic::{AtomicU32, Ordering};

use feishu::{Client, MediaUrl};
use tokio::sync::Mutex;

use crate::Archive;
use crate::fetch::miss::Miss;
use crate::fetch::reach::Reachers;
use crate::model::{MinuteToken, OpenId};

/// The address in use.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) url: MediaUrl,
    /// With whose grant it was asked for.
    pub(super) via: OpenId,
    /// Which one it is, counted from 1.
    pub(super) number: u32,
}

/// Hands out the address, a new one when the last is dead.
pub(super) struct Source<'a> {
    archive: &'a Archive,
    token: &'a MinuteToken,
    reachers: &'a Reachers,
    /// Held while a new one is asked for: many connections find out at once that it is dead.
    latest: Mutex<Option<Address>>,
    /// Addresses up to this number are dead. Not behind the lock: whoever reports a dead address polls the connection,
    /// too, that is asking for a new one.
    dead: AtomicU32,
}

impl<'a> Source<'a> {
    pub(super) fn new(archive: &'a Archive, token: &'a MinuteToken, reachers: &'a Reachers) -> Self {
        Self { archive, token, reachers, latest: Mutex::default(), dead: AtomicU32::new(0) }
    }

    /// The address, asked for if need be.
    pub(super) async fn address(&self) -> Result<Address, Miss> {
        let mut latest = self.latest.lock().await;
        let dead = self.dead.load(Ordering::Relaxed);
        if let Some(address) = latest.as_ref().filter(|address| address.number > dead) {
            return Ok(address.clone());
        }
        let ask = |client: Client, access| {
            let token = self.token.clone();
            async move { client.media_url(&access, &token).await }
        };
        let (via, url) = self.archive.ask_with_grants(self.reachers, ask).await?;
        let number = latest.as_ref().map_or(0, |last| last.number) + 1;
        Ok(latest.insert(Address { url, via, number }).clone())
    }

    /// The address of this number is dead.
    pub(super) fn expired(&self, number: u32) {
        self.dead.fetch_max(number, Ordering::Relaxed);
    }
}
