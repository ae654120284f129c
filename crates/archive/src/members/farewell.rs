//! The end of a membership that somebody here wants: nothing is asked of the platform for this person any more.

use feishu::{Client, Priority};

use super::Seal;
use super::seal::Place;
use crate::audit::Deed;
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::OpenId;

/// Whether the platform was told to send no more events for somebody who was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Farewell {
    /// It sends none.
    Unsubscribed,
    /// No token of theirs works any more. It is not renewed for this: a service that runs may be at it.
    NoToken,
    /// It could not be told; its words.
    Refused(String),
}

/// Somebody to part with, and what that takes.
#[derive(Clone, Copy)]
pub struct Parting<'a> {
    /// Where they are known.
    pub catalog: &'a Catalog,
    /// The platform.
    pub client: &'a Client,
    /// Opens their token.
    pub seal: &'a Seal,
    /// Who it is.
    pub person: &'a OpenId,
    /// What time it is, unix ms.
    pub now_ms: i64,
}

impl Parting<'_> {
    /// Unsubscribes a member while their token works, then forgets them and it. Their recordings stay.
    pub async fn forget(self, deed: &Deed) -> Result<Farewell, CatalogError> {
        let farewell = self.unsubscribe().await?;
        self.catalog.remove_member(self.person, Some(deed)).await?;
        Ok(farewell)
    }

    pub(super) async fn unsubscribe(self) -> Result<Farewell, CatalogError> {
        let stored: Option<(i64, Vec<u8>)> = self
            .catalog
            .db()
            .row(
                "SELECT version, access FROM grants WHERE open_id = $1 AND access_expires_at > $2",
                args![self.person, self.now_ms],
            )
            .await?;
        let access = stored.and_then(|(version, sealed)| {
            let place = Place { member: self.person.as_ref(), field: "access", version };
            self.seal.open(&sealed, &place).ok()
        });
        let Some(access) = access else { return Ok(Farewell::NoToken) };
        Ok(match self.client.at(Priority::Person).unsubscribe_from_minutes(&access).await {
            Ok(()) => Farewell::Unsubscribed,
            Err(feishu::Error::Unauthorized(_)) => Farewell::NoToken,
            Err(error) => Farewell::Refused(error.to_string()),
        })
    }
}
