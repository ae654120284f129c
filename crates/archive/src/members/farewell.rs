//! The end of a membership that somebody here wants: nothing is asked of the platform for this person any more.

use super::Seal;
use super::seal::Place;
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::OpenId;
use feishu::{Client, Priority};

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

/// Unsubscribes a member while their token works, then forgets them and it. Their recordings stay.
pub async fn forget(
    catalog: &Catalog,
    client: &Client,
    seal: &Seal,
    member: &OpenId,
    now_ms: i64,
) -> Result<Farewell, CatalogError> {
    let stored: Option<(i64, Vec<u8>)> = catalog
        .db()
        .row(
            "SELECT version, access FROM grants WHERE open_id = $1 AND access_expires_at > $2",
            args![member, now_ms],
        )
        .await?;
    let access = stored.and_then(|(version, sealed)| {
        seal.open(&sealed, &Place { member: member.as_ref(), field: "access", version }).ok()
    });
    let farewell = match access {
        None => Farewell::NoToken,
        Some(access) => match client.at(Priority::Person).unsubscribe_from_minutes(&access).await {
            Ok(()) => Farewell::Unsubscribed,
            Err(feishu::Error::Unauthorized(_)) => Farewell::NoToken,
            Err(error) => Farewell::Refused(error.to_string()),
        },
    };
    catalog.remove_member(member).await?;
    Ok(farewell)
}
