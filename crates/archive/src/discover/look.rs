//! Looking for a member's recordings with their own grant: what patrol and back-fill have in common.

use feishu::{Client, Error, ScopeHolder};
use secrecy::SecretString;

use super::search::{Found, Walk, Whose, Window, search_window};
use super::sight_made;
use crate::Archive;
use crate::catalog::{CatalogError, Novelty, Sighting};
use crate::members::GrantError;
use crate::model::{Member, OpenId, Reason, Scope, Track, to_ms};
use crate::queue::{Backoff, Next, TaskKind};

/// Sightings stored in one transaction.
const CHUNK: usize = 100;

/// Why work with a member's grant came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookError {
    #[error(transparent)]
    Grant(#[from] GrantError),
    #[error(transparent)]
    Platform(#[from] Error),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl LookError {
    /// What keeps a member from being looked at until somebody changes the scopes.
    pub(super) fn reason(&self) -> Option<Reason> {
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

    /// What becomes of the task that met it.
    pub(super) fn next(&self, now_ms: i64, attempts: i64, trouble: Backoff) -> Next {
        match self {
            // Called for again when the person authorises again.
            Self::Grant(GrantError::MustAuthorise { .. }) => Next::Done,
            Self::Grant(GrantError::Trouble { retry_at, .. }) => Next::At((*retry_at).max(now_ms + 1_000)),
            Self::Platform(Error::RateLimited { after, .. }) => Next::At(now_ms + to_ms(*after)),
            error => Next::Failed { at: now_ms + trouble.wait_ms(attempts), error: error.to_string() },
        }
    }
}

/// Whose recordings are brought in.
pub(super) fn wanted(scope: Scope) -> &'static [Whose] {
    match scope {
        Scope::Owned => &[Whose::Owned],
        Scope::OwnedAndAttended => &[Whose::Owned, Whose::Attended],
    }
}

impl Archive {
    /// The platform's time up to which this member's recordings are the patrol's, and before which they are
    /// the back-fill's. Whichever of the two begins fixes it, so that nothing lies between them.
    pub(super) async fn mark(
        &self,
        client: &Client,
        member: &OpenId,
        known: &Member,
    ) -> Result<i64, LookError> {
        if let Some(mark) = known.patrolled_to {
            return Ok(mark);
        }
        let server_time = client.server_time().await?;
        Ok(self.catalog.fix_mark(member, server_time).await?)
    }

    /// Everything of these kinds that was made in [`from_ms`, `to_ms`).
    pub(super) async fn look_through(
        &self,
        client: &Client,
        member: &OpenId,
        whose: &[Whose],
        (from_ms, to_ms): (i64, i64),
    ) -> Result<Found, LookError> {
        let mut found = Found::default();
        let mut walk = Walk::back(from_ms, to_ms);
        while !walk.is_over() {
            let window = walk.window();
            let brought = self.look_into(client, member, whose, window).await?;
            walk.take(window, &brought);
            found.absorb(brought.found);
        }
        Ok(found)
    }

    /// One window of time.
    pub(super) async fn look_into(
        &self,
        client: &Client,
        member: &OpenId,
        whose: &[Whose],
        window: (i64, i64),
    ) -> Result<Window, LookError> {
        let mut brought = Window::default();
        for &whose in whose {
            let search = |access: SecretString| async move {
                search_window(client, &access, member, whose, window).await
            };
            brought.absorb(self.with_access(member, search).await?);
        }
        Ok(brought)
    }

    /// Makes a call with the member's token, and once more with a renewed one when the platform rejects it.
    pub(super) async fn with_access<T, Answer>(
        &self,
        member: &OpenId,
        call: impl Fn(SecretString) -> Answer + Send,
    ) -> Result<T, LookError>
    where
        Answer: Future<Output = Result<T, Error>> + Send,
    {
        let access = self.grants.access(member).await?;
        match call(access.token).await {
            Err(Error::Unauthorized(_)) => {
                let renewed = self.grants.renew(member, access.version).await?;
                Ok(call(renewed.token).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// Stores what was found, made around `made_ms`; how many recordings nobody had known.
    pub(super) async fn sight_found(
        &self,
        found: &Found,
        track: Track,
        member: &OpenId,
        made_ms: i64,
    ) -> Result<usize, CatalogError> {
        let now_ms = self.clock.now_ms();
        let mut new = 0;
        for chunk in found.tokens.iter().collect::<Vec<_>>().chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for &(minute_token, is_owned) in chunk {
                let seen = Sighting {
                    minute_token: minute_token.clone(),
                    track,
                    member: Some(member.clone()),
                    // The query was "owned by": the platform's metadata has the last word later.
                    owner: is_owned.then(|| member.clone()),
                    meeting_id: None,
                    title: None,
                };
                let novelty = sight_made(&mut tx, &seen, made_ms, now_ms).await?;
                new += usize::from(novelty == Novelty::Recording);
            }
            tx.commit().await?;
        }
        self.queue.nudge(TaskKind::Archive);
        Ok(new)
    }
}
