//! Invitations: asked for by an administrator, sent like everything else.

use super::book::Telling;
use super::{Facts, Matter};
use crate::catalog::{Catalog, CatalogError, args};
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
}

impl Catalog {
    /// Asks somebody to authorise.
    pub async fn invite(&self, person: &OpenId, now_ms: i64) -> Result<Invited, CatalogError> {
        let member = self.member(person).await?;
        match member.as_ref().map(|member| member.state) {
            Some(MemberState::Active) => return Ok(Invited::Authorised),
            Some(MemberState::Departed) => return Ok(Invited::Departed),
            Some(MemberState::MustAuthorise) | None => {}
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
    pub async fn unauthorised_owners(&self) -> Result<Vec<OpenId>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db()
            .rows(
                "SELECT DISTINCT r.owner_id FROM recordings r WHERE r.owner_id IS NOT NULL
                    AND r.state IN ('found', 'waiting', 'denied', 'no_grant', 'failed')
                    AND NOT EXISTS (SELECT 1 FROM members m
                        WHERE m.open_id = r.owner_id AND m.state IN ('active', 'departed'))
                 ORDER BY r.owner_id",
                args![],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| OpenId::parse(&id).ok()).collect())
    }
}
