//! Whether the platform still has what is here. Each archived recording is asked for again, seldom and below all other
//! work, so that the archive can say of which it is the only copy.

use std::time::Duration;

use feishu::Priority;
use tracing::{info, warn};

use super::miss::Miss;
use super::reach::Reachers;
use crate::Archive;
use crate::catalog::{CatalogError, SourceLook};
use crate::model::{MinuteToken, Reason, to_ms};

/// Recordings asked of the catalogue at once.
const PAGE: i64 = 50;
/// Files may be read again each minute; a platform is not asked as often.
const SHORTEST: Duration = Duration::from_hours(24);
const LONGEST_SLEEP: Duration = Duration::from_mins(10);
/// After trouble with the catalogue or the platform as a whole.
const TROUBLE_WAIT: Duration = Duration::from_mins(1);

/// Asks for each archived recording at least once in `every` (a day at least), until told to stop; `None`: not at all.
pub async fn keep_sources_known(archive: &Archive, every: Option<Duration>) {
    let Some(every) = every else { return archive.stop.cancelled().await };
    let every = every.max(SHORTEST);
    loop {
        let sleep = tokio::select! {
            () = archive.stop.cancelled() => return,
            round = archive.ask_for_sources(every) => round.unwrap_or_else(|error| {
                warn!(%error, "sources cannot be looked for now; trying later");
                TROUBLE_WAIT
            }),
        };
        tokio::select! {
            () = archive.stop.cancelled() => return,
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// What came in the way of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    OfAll,
}

impl Archive {
    /// Asks for those that are due, some of them; how long to sleep then.
    async fn ask_for_sources(&self, every: Duration) -> Result<Duration, CatalogError> {
        let due = self.catalog.sources_not_asked_since(self.clock.now_ms() - to_ms(every), PAGE).await?;
        for token in &due {
            let (look, trouble) = self.ask_for_source(token).await?;
            if look == Some(SourceLook::Gone) {
                info!(recording = %token, "the platform has this recording no more; it is kept here");
            }
            if let Some(look) = look {
                self.catalog.note_source(token, look, self.clock.now_ms()).await?;
            }
            if trouble == Trouble::OfAll {
                return Ok(TROUBLE_WAIT);
            }
        }
        Ok(if due.is_empty() { every.div_f64(100.0).min(LONGEST_SLEEP) } else { Duration::ZERO })
    }

    /// What the platform says, if anything, and whether there is a trouble that others have as well. One that is met
    /// while asking for this one alone is no reason to ask for it again before all others.
    async fn ask_for_source(
        &self,
        token: &MinuteToken,
    ) -> Result<(Option<SourceLook>, Trouble), CatalogError> {
        let members = self.catalog.reachers(token, self.clock.now_ms()).await?;
        let reachers = Reachers { members, priority: Priority::Backfill };
        Ok(match self.fetch_metadata(token, &reachers).await {
            Ok(_) => (Some(SourceLook::There), Trouble::None),
            Err(Miss { reason: Some(Reason::Deleted), .. }) => (Some(SourceLook::Gone), Trouble::None),
            Err(Miss { reason: Some(Reason::RateLimited | Reason::AppLacksScope), .. }) => {
                (None, Trouble::OfAll)
            }
            Err(Miss { reason: Some(Reason::PlatformTrouble), .. }) => {
                (Some(SourceLook::Unknown), Trouble::OfAll)
            }
            // Nobody may look, or the platform does not say whether it is there.
            Err(_) => (Some(SourceLook::Unknown), Trouble::None),
        })
    }
}
