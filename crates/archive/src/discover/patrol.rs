//! Track two, the patrol (巡检): what the events missed is found by looking, member by member.
//!
//! The mark up to which a member is patrolled is the platform's time, not ours, and moves only after a
//! good patrol: a machine whose clock jumps leaves no gap.

use std::time::Duration;

use feishu::{Client, Error, Priority, ScopeHolder};
use tracing::{debug, info, warn};

use super::search::{Found, Whose, search_all};
use super::sight;
use crate::Archive;
use crate::catalog::{CatalogError, Novelty, Sighting};
use crate::members::GrantError;
use crate::model::{Member, MemberState, OpenId, Reason, Track, to_ms};
use crate::queue::{Backoff, Next, Task, TaskKind};

const TROUBLE: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_mins(30) };
/// A minute's time may lie a little ahead of what the platform calls now.
const AHEAD_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// How late a minute may turn up in a search.
const SEARCH_LAG_MS: i64 = 3_600_000;
/// Sightings stored in one transaction.
const CHUNK: usize = 100;

enum PatrolError {
    Grant(GrantError),
    Platform(Error),
    Catalog(CatalogError),
}

impl Archive {
    /// Runs a task of kind `patrol` and calls for the next round.
    pub(crate) async fn work_on_patrol(&self, task: &Task) -> Next {
        let Ok(member) = OpenId::parse(&task.subject) else { return Next::Done };
        let known = match self.catalog.member(&member).await {
            Ok(Some(known)) if known.state == MemberState::Active => known,
            // Called for again when the person authorises again.
            Ok(_) => return Next::Done,
            Err(error) => return self.patrol_failed(task, &error.to_string()),
        };
        let outcome = self.patrol(&member, &known).await;
        let now_ms = self.clock.now_ms();
        let noted = match &outcome {
            Ok(seen_to) => self.catalog.set_patrolled(&member, Ok(*seen_to), now_ms).await,
            Err(error) => {
                let failure = Err((&*error.to_string(), error.reason()));
                self.catalog.set_patrolled(&member, failure, now_ms).await
            }
        };
        if let Err(error) = noted {
            return self.patrol_failed(task, &error.to_string());
        }
        match outcome {
            Ok(_) => Next::At(now_ms + to_ms(self.patrol_settings.interval)),
            Err(PatrolError::Grant(GrantError::MustAuthorise { .. })) => Next::Done,
            Err(PatrolError::Grant(GrantError::Trouble { retry_at, .. })) => {
                Next::At(retry_at.max(now_ms + 1_000))
            }
            Err(PatrolError::Platform(Error::RateLimited { after, .. })) => Next::At(now_ms + to_ms(after)),
            Err(error) => self.patrol_failed(task, &error.to_string()),
        }
    }

    fn patrol_failed(&self, task: &Task, error: &str) -> Next {
        Next::Failed { at: self.clock.now_ms() + TROUBLE.wait_ms(task.attempts), error: error.to_owned() }
    }

    /// One look; the platform's time up to which everything has been seen.
    async fn patrol(&self, member: &OpenId, known: &Member) -> Result<i64, PatrolError> {
        let now_ms = self.clock.now_ms();
        let settings = &self.patrol_settings;
        let overlap_ms = to_ms(settings.overlap);
        let first_look_ms = to_ms(settings.first_look);
        // The first look goes through history, which can wait, and what it misses is never looked for again: it
        // goes by the platform's clock.
        let (client, reach_back_ms, seen_to) = if let Some(seen_to) = known.patrolled_to {
            (self.client.at(Priority::Patrol), overlap_ms, seen_to)
        } else {
            let client = self.client.at(Priority::Backfill);
            let seen_to = client.server_time().await?;
            (client, first_look_ms, seen_to)
        };
        let from_ms = seen_to.min(now_ms) - reach_back_ms;
        // Our clock may be slow: look well past what we think is now.
        let to_ms = now_ms.max(seen_to) + AHEAD_MS;
        self.subscribe_once(&client, member, known).await?;
        let found = self.search_renewing(&client, member, Whose::OwnedBy(member), from_ms, to_ms).await?;
        let mut new = 0;
        for chunk in found.tokens.iter().collect::<Vec<_>>().chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for minute_token in chunk {
                let seen = Sighting {
                    minute_token: (*minute_token).clone(),
                    track: Track::Patrol,
                    member: Some(member.clone()),
                    // The query was "owned by": the platform's metadata has the last word later.
                    owner: Some(member.clone()),
                    meeting_id: None,
                    title: None,
                };
                new += i32::from(sight(&mut tx, &seen, now_ms).await? == Novelty::Recording);
            }
            tx.commit().await?;
        }
        self.look_for_attended(&client, member, known, now_ms, to_ms).await?;
        self.queue.nudge(TaskKind::Archive);
        metrics::counter!("vault_patrols_total").increment(1);
        if new > 0 {
            info!(%member, new, seen = found.tokens.len(), "patrol found recordings that no event had told of");
        } else {
            debug!(%member, seen = found.tokens.len(), "patrol found nothing new");
        }
        Ok(found.served_at_ms.unwrap_or(now_ms))
    }

    /// Asks once per authorisation to be told of this member's new minutes. Without it the patrol finds
    /// them all the same, only later: a refusal is no reason to stop.
    async fn subscribe_once(
        &self,
        client: &Client,
        member: &OpenId,
        known: &Member,
    ) -> Result<(), PatrolError> {
        if known.subscribed_at.is_some() {
            return Ok(());
        }
        let access = self.grants.access(member).await?;
        match client.subscribe_to_minutes(&access.token).await {
            Ok(()) => self.catalog.set_subscribed(member, self.clock.now_ms()).await?,
            Err(error) => {
                warn!(%member, %error, "cannot subscribe to this member's new minutes; asking again at the next patrol");
            }
        }
        Ok(())
    }

    /// Recordings that nobody could fetch so far may be within reach of somebody who took part. Only what
    /// the catalogue knows already is taken from this look: what others own is theirs to bring in.
    async fn look_for_attended(
        &self,
        client: &Client,
        member: &OpenId,
        known: &Member,
        now_ms: i64,
        to_ms: i64,
    ) -> Result<(), PatrolError> {
        // The platform's search lags behind: what is unreached for less than an hour is looked for again.
        let since = known.attended_at.map_or(0, |at| at - SEARCH_LAG_MS);
        let Some(oldest_ms) = self.catalog.oldest_unreached(since).await? else { return Ok(()) };
        let from_ms = oldest_ms - DAY_MS;
        let found = self.search_renewing(client, member, Whose::AttendedBy(member), from_ms, to_ms).await?;
        let seen = found.tokens.iter().collect::<Vec<_>>();
        let known_tokens = self.catalog.known_among(&seen).await?;
        let mut tx = self.catalog.db().begin().await?;
        for minute_token in known_tokens {
            let seen = Sighting {
                minute_token,
                track: Track::Patrol,
                member: Some(member.clone()),
                owner: None,
                meeting_id: None,
                title: None,
            };
            sight(&mut tx, &seen, now_ms).await?;
        }
        tx.commit().await?;
        self.catalog.set_attended(member, now_ms).await?;
        Ok(())
    }

    async fn search_renewing(
        &self,
        client: &Client,
        member: &OpenId,
        whose: Whose<'_>,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Found, PatrolError> {
        let access = self.grants.access(member).await?;
        match search_all(client, &access.token, whose, from_ms, to_ms).await {
            Err(Error::Unauthorized(_)) => {
                let renewed = self.grants.renew(member, access.version).await?;
                Ok(search_all(client, &renewed.token, whose, from_ms, to_ms).await?)
            }
            answer => Ok(answer?),
        }
    }
}

impl PatrolError {
    /// What keeps a member from being looked at until somebody changes the scopes.
    fn reason(&self) -> Option<Reason> {
        match self {
            Self::Platform(Error::MissingScope { holder: ScopeHolder::App, .. }) => {
                Some(Reason::AppLacksScope)
            }
            Self::Platform(Error::MissingScope { holder: ScopeHolder::User, .. }) => {
                Some(Reason::ScopeNotGranted)
            }
            Self::Platform(_) | Self::Grant(_) | Self::Catalog(_) => None,
        }
    }
}

impl std::fmt::Display for PatrolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Grant(error) => error.fmt(f),
            Self::Platform(error) => error.fmt(f),
            Self::Catalog(error) => error.fmt(f),
        }
    }
}

impl From<GrantError> for PatrolError {
    fn from(error: GrantError) -> Self {
        Self::Grant(error)
    }
}
impl From<Error> for PatrolError {
    fn from(error: Error) -> Self {
        Self::Platform(error)
    }
}
impl From<CatalogError> for PatrolError {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}
