//! The pace of what is shown live: a look now and then, for as long as the reader is signed in and the service runs.

use std::time::Duration;

use super::Rooms;
use crate::session::SignedIn;

/// Looks between two questions whether the reader is still signed in.
const ASK_EVERY: u32 = 10;

/// When the next look is due.
pub(super) struct Pace {
    every: Duration,
    looks: u32,
}

impl Pace {
    pub(super) const fn every(every: Duration) -> Self {
        Self { every, looks: 0 }
    }

    /// Returns when it is time to look; the first time at once. None: it is over.
    pub(super) async fn next(&mut self, rooms: &Rooms, who: &SignedIn) -> Option<u32> {
        if self.looks > 0 {
            tokio::select! {
                () = tokio::time::sleep(self.every) => {}
                () = rooms.office.stop.cancelled() => return None,
            }
        }
        if self.looks.is_multiple_of(ASK_EVERY)
            && !rooms.porter.sessions.is_open(&who.session).await.unwrap_or(false)
        {
            return None;
        }
        self.looks += 1;
        Some(self.looks)
    }
}
