//! Removing a person on purpose: all that the catalogue knows of them and, when asked, the files of what they own.
//! What was removed is written down first, in the same transaction that makes the catalogue forget it, so that a kill
//! anywhere leaves a record, and the files go at the next start at the latest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::{info, warn};

use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{MinuteToken, OpenId};
use crate::store::{Store, StoreError, write_sums};

/// A running service heeds a pause within a second; what it has begun, a little later.
const LONGEST_PARKING: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Purged {
    /// Files.
    pub files: i64,
    /// Their bytes.
    pub bytes: i64,
}

/// Why a person could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// Recordings of theirs are being fetched and did not stop in time; nothing was removed.
    #[error("recordings are being fetched and did not stop in time")]
    Busy,
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive's disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes a person, and with a store the files of the recordings that they own, too. `by` is who asked for it.
pub async fn purge(
    catalog: &Catalog,
    files_in: Option<&Store>,
    person: &OpenId,
    by: &str,
    now_ms: i64,
) -> Result<Purged, PurgeError> {
    let Some(store) = files_in else { return Ok(catalog.forget_person(person, false, by, now_ms).await?) };
    let mut paused = Vec::new();
    for token in catalog.owned_by(person).await? {
        if catalog.pause(Some(&token), now_ms).await? {
            paused.push(token);
        }
    }
    let outcome = purge_paused(catalog, store, person, by, now_ms).await;
    for token in &paused {
        catalog.resume(Some(token)).await?;
    }
    outcome
}

async fn purge_paused(
    catalog: &Catalog,
    store: &Store,
    person: &OpenId,
    by: &str,
    now_ms: i64,
) -> Result<Purged, PurgeError> {
    let parked = async {
        while catalog.is_fetching_for(person, now_ms).await? {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok::<_, CatalogError>(())
    };
    tokio::time::timeout(LONGEST_PARKING, parked).await.map_err(|_| PurgeError::Busy)??;
    // Nothing is forgotten of a disk that is not there.
    store.prove_writable().await?;
    let purged = catalog.forget_person(person, true, by, now_ms).await?;
    remove_purged_files(catalog, store).await?;
    Ok(purged)
}

/// Removes the files that the catalogue has forgotten, and their lines in the sums.
pub(crate) async fn remove_purged_files(catalog: &Catalog, store: &Store) -> Result<(), PurgeError> {
    let mut folders = BTreeSet::new();
    for (token, kind, dir, file_name) in catalog.purged_files().await? {
        match store.remove(&Path::new(&dir).join(&file_name)).await {
            Ok(_) => {}
            // A link in its place leads out of the archive: what is behind it is not ours to remove.
            Err(error @ StoreError::Outside { .. }) => {
                warn!(recording = token, file_name, %error, "left where it is");
            }
            Err(error) => return Err(error.into()),
        }
        catalog.purged_file_gone(&token, &kind).await?;
        folders.insert(PathBuf::from(dir));
    }
    for dir in &folders {
        let files = catalog.files_in(&dir.to_string_lossy()).await?;
        let sums: Vec<_> = files.into_iter().map(|file| (file.file_name, file.sha256)).collect();
        match write_sums(store, dir, &sums).await {
            Ok(_) | Err(StoreError::Missing { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if !folders.is_empty() {
        info!(folders = folders.len(), "removed the files of people who were removed");
    }
    Ok(())
}

impl Catalog {
    async fn owned_by(&self, person: &OpenId) -> Result<Vec<MinuteToken>, CatalogError> {
        let sql = "SELECT minute_token FROM recordings WHERE owner_id = $1";
        let rows: Vec<(String,)> = self.db().rows(sql, args![person]).await?;
        Ok(rows.into_iter().filter_map(|(token,)| MinuteToken::parse(&token).ok()).collect())
    }

    async fn is_fetching_for(&self, person: &OpenId, now_ms: i64) -> Result<bool, CatalogError> {
        let row: Option<(i64,)> = self
            .db()
            .row(
                "SELECT CAST(1 AS BIGINT) FROM tasks WHERE kind = 'archive' AND lease_until > $2
                    AND subject IN (SELECT minute_token FROM recordings WHERE owner_id = $1) LIMIT 1",
                args![person, now_ms],
            )
            .await?;
        Ok(row.is_some())
    }

    /// Writes down what is removed and forgets it. The names of files stay until the files are gone.
    async fn forget_person(
        &self,
        person: &OpenId,
        with_files: bool,
        by: &str,
        now_ms: i64,
    ) -> Result<Purged, CatalogError> {
        let removal = uuid::Uuid::now_v7().to_string();
        let id = || args![person];
        let mut tx = self.db().begin().await?;
        let name: Option<(String,)> = tx.row("SELECT name FROM members WHERE open_id = $1", id()).await?;
        let name = name.map(|(name,)| name).unwrap_or_default();
        tx.execute(
            "INSERT INTO removals (id, open_id, name, removed_by, removed_at) VALUES ($1, $2, $3, $4, $5)",
            args![removal.as_str(), person, name, by, now_ms],
        )
        .await?;
        if with_files {
            tx.execute(
                "INSERT INTO removed_files (removal_id, minute_token, kind, path, bytes, sha256)
                 SELECT $2, a.minute_token, a.kind, r.dir || '/' || a.file_name, a.bytes, a.sha256
                 FROM artifacts a JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE r.owner_id = $1 AND a.file_name IS NOT NULL AND r.dir IS NOT NULL
                    AND COALESCE(a.reason, '') <> 'purged'",
                args![person, removal.as_str()],
            )
            .await?;
            tx.execute(
                "UPDATE artifacts SET state = 'absent', reason = 'purged', reason_detail = NULL, attempts = 0, due_at = 0
                 WHERE minute_token IN (SELECT minute_token FROM recordings WHERE owner_id = $1)",
                id(),
            )
            .await?;
            tx.execute(
                "UPDATE recordings SET state = 'purged', reason = 'purged', reason_detail = NULL, title = NULL, url = NULL,
                    metadata = NULL, state_at = $2 WHERE owner_id = $1",
                args![person, now_ms],
            )
            .await?;
            let sql = "DELETE FROM tasks WHERE kind = 'archive'
                AND subject IN (SELECT minute_token FROM recordings WHERE owner_id = $1)";
            tx.execute(sql, id()).await?;
            tx.execute("DELETE FROM folders WHERE open_id = $1", id()).await?;
        }
        for sql in [
            "DELETE FROM sightings WHERE open_id = $1",
            "DELETE FROM notices WHERE receiver = $1 OR member = $1",
            "DELETE FROM tasks WHERE kind = 'patrol' AND subject = $1",
            "DELETE FROM grants WHERE open_id = $1",
            "DELETE FROM members WHERE open_id = $1",
        ] {
            tx.execute(sql, id()).await?;
        }
        let sums: Option<(i64, i64)> = tx
            .row(
                "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM removed_files WHERE removal_id = $1",
                args![removal.as_str()],
            )
            .await?;
        tx.commit().await?;
        let (files, bytes) = sums.unwrap_or_default();
        Ok(Purged { files, bytes })
    }

    async fn purged_files(&self) -> Result<Vec<(String, String, String, String)>, CatalogError> {
        self.db()
            .rows(
                "SELECT a.minute_token, a.kind, r.dir, a.file_name FROM artifacts a
                 JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE a.reason = 'purged' AND a.file_name IS NOT NULL AND r.dir IS NOT NULL",
                args![],
            )
            .await
    }

    async fn purged_file_gone(&self, token: &str, kind: &str) -> Result<(), CatalogError> {
        let sql = "UPDATE artifacts SET file_name = NULL, bytes = NULL, sha256 = NULL
             WHERE minute_token = $1 AND kind = $2 AND reason = 'purged'";
        self.db().execute(sql, args![token, kind]).await?;
        Ok(())
    }
}
