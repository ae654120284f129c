//! Where the bytes of one recording are: an address that lives for a day, asked for with a member's grant, and asked
//! for again when it dies in mid-transfer.

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
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    address: Option<Address>,
    is_dead: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(archive: &'a Archive, token: &'a MinuteToken, reachers: &'a Reachers) -> Self {
        Self { archive, token, reachers, state: Mutex::default() }
    }

    /// The address, asked for if need be.
    pub(super) async fn address(&self) -> Result<Address, Miss> {
        let mut state = self.state.lock().await;
        if let Some(address) = state.address.as_ref().filter(|_| !state.is_dead) {
            return Ok(address.clone());
        }
        let ask = |client: Client, access| {
            let token = self.token.clone();
            async move { client.media_url(&access, &token).await }
        };
        let (via, url) = self.archive.ask_with_grants(self.reachers, ask).await?;
        let number = state.address.as_ref().map_or(0, |last| last.number) + 1;
        let address = Address { url, via, number };
        *state = State { address: Some(address.clone()), is_dead: false };
        Ok(address)
    }

    /// The address of this number is dead.
    pub(super) async fn expired(&self, number: u32) {
        let mut state = self.state.lock().await;
        if state.address.as_ref().is_some_and(|address| address.number == number) {
            state.is_dead = true;
        }
    }
}
