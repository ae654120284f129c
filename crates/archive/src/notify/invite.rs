//! Invitations: asked for by an administrator, sent like everything else.

use super::book::Telling;
use super::{Facts, Matter};
use crate::catalog::{Catalog, CatalogError, args};
use crate::members::{Features, Footing, Standing};
use crate::model::{MemberState, OpenId};

/// What came of asking somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Invited {
    /// A card is on its way.
    Invited,
    /// One is open already.
    Already,
    /// They have authorised.
    Authorised,
    /// Their account is gone.
    Departed,
    /// The app's own settings stand in the way: however often they click, nothing changes.
    Blocked,
}

/// Somebody who owns recordings that are not here for want of a grant.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UnauthorisedOwner {
    /// Who.
    pub open_id: String,
    /// Their name, as far as anything tells it.
    pub name: Option<String>,
    /// Whether they had authorised once (1, 0).
    pub has_authorised: i64,
    /// Recordings that they own, as far as known.
    pub owned: i64,
    /// Of these, archived.
    pub archived: i64,
    /// Of these, not here for want of a grant.
    pub missing: i64,
}

/// A card that is on its way to somebody, or that they have not answered.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenInvitation {
    /// To whom (open_id).
    pub receiver: String,
    /// When it arrived, unix ms; none: not yet.
    pub sent_at: Option<i64>,
    /// Why it did not; a word of [`crate::model::Reason`].
    pub reason: Option<String>,
}

impl Catalog {
    /// Asks somebody to authorise, unless what they granted does for what the archive fetches.
    pub async fn invite(
        &self,
        person: &OpenId,
        features: Features,
        now_ms: i64,
    ) -> Result<Invited, CatalogError> {
        let member = self.member(person).await?;
        if let Some(member) = &member {
            let footing = Standing::of(member, features, now_ms).footing;
            match member.state {
                MemberState::Active if footing != Footing::MustAuthorise => return Ok(Invited::Authorised),
                MemberState::Departed => return Ok(Invited::Departed),
                MemberState::MustAuthorise if footing == Footing::Blocked => return Ok(Invited::Blocked),
                MemberState::Active | MemberState::MustAuthorise => {}
            }
        }
        let facts = Facts {
            name: member.map(|member| member.name),
            count: Some(self.unfetched_of(person).await?),
            ..Facts::default()
        };
        let telling = Telling {
            receiver: person.as_str(),
            matter: Matter::Invitation,
            about: "",
            member: Some(person),
            facts: &facts,
        };
        Ok(if self.open_notice(&telling, now_ms).await? { Invited::Invited } else { Invited::Already })
    }

    /// Owners of recordings that are not in the archive, who have no grant that works.
    pub async fn unauthorised_owners(&self) -> Result<Vec<UnauthorisedOwner>, CatalogError> {
        self.db()
            .rows(
                "SELECT o.open_id, COALESCE(m.name,
                        (SELECT MAX(t.organizer) FROM meetings t WHERE t.owner_id = o.open_id)) AS name,
                    CAST(CASE WHEN m.open_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_authorised,
                    o.owned, o.archived, o.missing
                 FROM (
                    SELECT owner_id AS open_id, COUNT(*) AS owned,
                        COUNT(CASE WHEN state = 'archived' THEN 1 END) AS archived,
                        COUNT(CASE WHEN state IN ('found', 'waiting', 'denied', 'no_grant', 'failed') THEN 1 END)
                            AS missing
                     FROM recordings
                     WHERE owner_id IS NOT NULL
                        AND owner_id NOT IN (SELECT open_id FROM members WHERE state IN ('active', 'departed'))
                     GROUP BY owner_id
                 ) o LEFT JOIN members m ON m.open_id = o.open_id
                 WHERE o.missing > 0 ORDER BY o.open_id",
                args![],
            )
            .await
    }

    /// Who was asked in and has not come yet.
    pub async fn open_invitations(&self) -> Result<Vec<OpenInvitation>, CatalogError> {
        let sql = "SELECT receiver, sent_at, reason FROM notices WHERE matter = $1 AND over_at IS NULL";
        self.db().rows(sql, args![Matter::Invitation.as_str()]).await
    }
}
