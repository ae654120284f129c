//! Asking with the right person's grant: the owner's first, else another member's who can see it.

use std::time::Duration;

use feishu::{Client, Error, Priority, ScopeHolder};
use secrecy::SecretString;

use super::miss::Miss;
use crate::Archive;
use crate::members::GrantError;
use crate::model::{ArtifactState, OpenId, Reason};

/// Who can be asked for one recording, in this order, and how urgent it is to know.
#[derive(Debug, Clone)]
pub(super) struct Reachers {
    pub(super) members: Vec<OpenId>,
    pub(super) priority: Priority,
}

impl Archive {
    /// Asks with each reacher's grant until one is answered; who that was, and the answer.
    ///
    /// `call` gets its own client and token, so that the future can move between threads.
    pub(super) async fn ask_with_grants<T, Call, Answer>(
        &self,
        reachers: &Reachers,
        call: Call,
    ) -> Result<(OpenId, T), Miss>
    where
        Call: Fn(Client, SecretString) -> Answer,
        Answer: Future<Output = Result<T, Error>>,
    {
        let mut refusal: Option<Miss> = None;
        let client = self.client.at(reachers.priority);
        for member in &reachers.members {
            match self.ask_with_grant(&client, member, &call).await {
                Ok(answer) => return Ok((member.clone(), answer)),
                // The next one may have the right that this one lacks.
                // "Denied" says more than "not found", which is also said to those who may not know.
                Err(Refused::ByThisMember(miss)) => {
                    if refusal.as_ref().is_none_or(|known| known.reason == Some(Reason::NotFound)) {
                        refusal = Some(miss);
                    }
                }
                // Trouble passes, and then this member may well have the right: asked again soon, not in a week.
                Err(Refused::ByGrant(miss)) => refusal = miss.or(refusal),
                Err(Refused::ForAll(miss)) => return Err(miss),
            }
        }
        Err(refusal.unwrap_or_else(Miss::no_grant))
    }

    /// One member: a token that the platform no longer accepts is renewed once, and the call made once more.
    async fn ask_with_grant<T, Call, Answer>(
        &self,
        client: &Client,
        member: &OpenId,
        call: &Call,
    ) -> Result<T, Refused>
    where
        Call: Fn(Client, SecretString) -> Answer,
        Answer: Future<Output = Result<T, Error>>,
    {
        let no_access = |error: GrantError| Refused::without_access(&error, self.clock.now_ms());
        let access = self.grants.access(member).await.map_err(no_access)?;
        let answer = match call(client.clone(), access.token).await {
            Err(Error::Unauthorized(_)) => {
                let renewed = self.grants.renew(member, access.version).await.map_err(no_access)?;
                call(client.clone(), renewed.token).await
            }
            answer => answer,
        };
        answer.map_err(|error| match error {
            Error::Denied(_) | Error::NotFound(_) | Error::MissingScope { holder: ScopeHolder::User, .. } => {
                Refused::ByThisMember(error.into())
            }
            _ => Refused::ForAll(error.into()),
        })
    }
}

enum Refused {
    /// This member may not; another perhaps may.
    ByThisMember(Miss),
    /// This member's grant is over (none) or in trouble.
    ByGrant(Option<Miss>),
    /// It is the same for everybody.
    ForAll(Miss),
}

impl Refused {
    fn without_access(error: &GrantError, now_ms: i64) -> Self {
        let detail = error.to_string();
        match error {
            GrantError::MustAuthorise { .. } => Self::ByGrant(None),
            GrantError::Trouble { reason, retry_at, .. } => {
                // Before the renewal is tried again there is nothing to ask with.
                let wait_ms = u64::try_from(retry_at.saturating_sub(now_ms)).unwrap_or(0).max(1_000);
                let miss = Miss::failed(*reason, detail).after(Duration::from_millis(wait_ms));
                Self::ByGrant(Some(miss))
            }
            GrantError::Sealed(_) => {
                Self::ByGrant(Some(Miss::new(ArtifactState::Failed, Reason::AppMisconfigured, detail)))
            }
            GrantError::Catalog(_) => Self::ByGrant(Some(Miss::failed(Reason::PlatformTrouble, detail))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewal_that_is_put_off_puts_the_asking_off_as_long() {
        for (retry_at, wait_ms) in [(61_000, 60_000), (1_001, 1_000), (0, 1_000), (i64::MIN, 1_000)] {
            let reason = Reason::RateLimited;
            let trouble = GrantError::Trouble { reason, detail: String::new(), retry_at };
            let Refused::ByGrant(Some(miss)) = Refused::without_access(&trouble, 1_000) else {
                panic!("a grant in trouble is still a grant")
            };
            assert_eq!((miss.reason, miss.wait), (Some(reason), Some(Duration::from_millis(wait_ms))));
        }
    }
}
