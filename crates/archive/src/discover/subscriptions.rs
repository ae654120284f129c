//! Each member's subscription to `minutes.minute.generated_v1`. Nothing tells how it stands on the platform:
//! so it is asked for with each authorisation, calmly again every day, and at once when a track finds a new
//! minute of which the event should have told and has not.

use std::time::Duration;

use feishu::{Error, Priority, ScopeHolder};
use secrecy::SecretString;
use tracing::{info, warn};

use super::look::LookError;
use crate::Archive;
use crate::catalog::{CatalogError, Tx};
use crate::members::GrantError;
use crate::model::{MemberState, OpenId, Reason};
use crate::queue::{Backoff, Call, Next, Task, TaskKind, enqueue};

/// Asking again is harmless.
const ASK_EVERY_MS: i64 = 24 * 3_600_000;
/// The event comes seconds after the minute; after so long it should have come.
const SENSIBLE_MS: i64 = 10 * 60_000;
const TROUBLE: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_hours(24) };

/// A track has found a minute of this person of which no event told: looks in a while whether one has come.
pub(super) async fn doubt(tx: &mut Tx, owner: &OpenId, now_ms: i64) -> Result<(), CatalogError> {
    let call = Call::new(TaskKind::Subscription, owner.as_ref(), Priority::Event, now_ms + SENSIBLE_MS);
    enqueue(tx, &call, now_ms).await
}

impl Archive {
    /// Runs a task of kind `subscription` and calls for the next time.
    pub(crate) async fn work_on_subscription(&self, task: &Task) -> Next {
        let Ok(member) = OpenId::parse(&task.subject) else { return Next::Done };
        match self.keep_subscribed(&member).await {
            Ok(next) => next,
            Err(error) => error.next(self.clock.now_ms(), task.attempts, TROUBLE),
        }
    }

    async fn keep_subscribed(&self, member: &OpenId) -> Result<Next, LookError> {
        let known = match self.catalog.member(member).await? {
            Some(known) if known.state == MemberState::Active => known,
            // Called for again when the person authorises again.
            _ => return Ok(Next::Done),
        };
        let now_ms = self.clock.now_ms();
        let due_at = known.subscription_asked_at.map_or(now_ms, |at| at + ASK_EVERY_MS);
        if known.subscribed_at.is_some() && known.subscription_asked_at.is_some_and(|at| at <= now_ms) {
            if self.catalog.has_unheard_minute(member, now_ms - SENSIBLE_MS).await? {
                warn!(%member, "a new minute was found of which no event told: the subscription has lapsed; asking again");
                metrics::counter!("vault_subscriptions_lapsed_total").increment(1);
                self.catalog.set_lapsed(member).await?;
            } else if now_ms < due_at {
                return Ok(Next::At(due_at));
            }
        }
        let asked = self.subscribe(member).await;
        let refusal = asked.as_ref().err().map(|error| (reason_of(error), error.to_string()));
        let refusal = refusal.as_ref().map(|(reason, said)| (*reason, said.as_str()));
        let now_ms = self.clock.now_ms();
        self.catalog.set_subscription_asked(member, refusal, now_ms).await?;
        asked?;
        if known.subscribed_at.is_none() {
            info!(%member, "subscribed to this member's new minutes");
        }
        Ok(Next::At(now_ms + ASK_EVERY_MS))
    }

    async fn subscribe(&self, member: &OpenId) -> Result<(), LookError> {
        let client = &self.client.at(Priority::Event);
        let ask = |access: SecretString| async move { client.subscribe_to_minutes(&access).await };
        self.with_access(member, ask).await
    }
}

fn reason_of(error: &LookError) -> Reason {
    match error {
        LookError::Grant(GrantError::MustAuthorise { reason } | GrantError::Trouble { reason, .. }) => {
            *reason
        }
        LookError::Platform(Error::MissingScope { holder: ScopeHolder::User, .. }) => Reason::ScopeNotGranted,
        LookError::Platform(Error::MissingScope { holder: ScopeHolder::App, .. }) => Reason::AppLacksScope,
        LookError::Platform(Error::RateLimited { .. }) => Reason::RateLimited,
        LookError::Platform(
            Error::Denied(_) | Error::Permanent(_) | Error::NotFound(_) | Error::Gone(_) | Error::NotReady(_),
        ) => Reason::PlatformRefused,
        LookError::Platform(Error::Unauthorized(_) | Error::Transient(_))
        | LookError::Grant(_)
        | LookError::Catalog(_) => Reason::PlatformTrouble,
    }
}
