//! Recordings whose words wait to be put into the index of searches (`crate::library`): whatever changes what is written
//! about one marks it, in the same transaction and as the last thing there: where several write at once, they take
//! these rows after all others and in one order, so that none waits for one that waits for it.

use super::{CatalogError, Tx, args};
use crate::model::MinuteToken;

/// What is written about a recording has changed.
pub(crate) async fn mark_unindexed(tx: &mut Tx, token: &MinuteToken) -> Result<(), CatalogError> {
    tx.execute(
        "INSERT INTO unindexed (minute_token) VALUES ($1)
         ON CONFLICT (minute_token) DO UPDATE SET changes = unindexed.changes + 1",
        args![token],
    )
    .await?;
    Ok(())
}

/// Somebody's name has changed, or is known at last or no more: it is written in all that they own or attended.
pub(crate) async fn mark_unindexed_of(tx: &mut Tx, open_id: &str) -> Result<(), CatalogError> {
    tx.execute(
        "INSERT INTO unindexed (minute_token)
         SELECT minute_token FROM recordings
         WHERE owner_id = $1 OR minute_token IN (SELECT minute_token FROM sightings WHERE open_id = $1)
         ORDER BY minute_token
         ON CONFLICT (minute_token) DO UPDATE SET changes = unindexed.changes + 1",
        args![open_id],
    )
    .await?;
    Ok(())
}

/// The index is to be made anew.
pub(crate) async fn mark_all_unindexed(tx: &mut Tx) -> Result<(), CatalogError> {
    tx.execute(
        "INSERT INTO unindexed (minute_token) SELECT minute_token FROM recordings WHERE 1 = 1 ORDER BY minute_token
         ON CONFLICT (minute_token) DO UPDATE SET changes = unindexed.changes + 1",
        args![],
    )
    .await?;
    Ok(())
}
