//! Removing a person on purpose: all that the catalogue knows of them and, when asked, the files of what they own.
//! What was removed is written down first, in the same transaction that makes the catalogue forget it, so that a kill
//! anywhere leaves a record, and the files go at the next start at the latest. What a legal hold is on stays, and then
//! so does all the rest of theirs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::{info, warn};

use super::{Farewell, Parting};
use crate::audit::{Deed, record_in};
use crate::catalog::{Catalog, CatalogError, args, mark_unindexed_of};
use crate::model::{MinuteToken, OpenId};
use crate::retention::Hold;
use crate::store::{Store, StoreError, write_sums};

/// A running service heeds a pause within a second; what it has begun, a little later.
const LONGEST_PARKING: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// `$1`: the owner.
const FORGET_RECORDINGS: [&str; 5] = [
    "DELETE FROM sources WHERE minute_token IN (SELECT minute_token FROM recordings WHERE owner_id = $1)",
    "DELETE FROM trash WHERE minute_token IN (SELECT minute_token FROM recordings WHERE owner_id = $1)",
    "DELETE FROM tasks WHERE kind = 'archive'
        AND subject IN (SELECT minute_token FROM recordings WHERE owner_id = $1)",
    "DELETE FROM attempts WHERE minute_token IN (SELECT minute_token FROM recordings WHERE owner_id = $1)",
    "DELETE FROM folders WHERE open_id = $1",
];
/// `$1`: the person.
const FORGET_PERSON: [&str; 11] = [
    "DELETE FROM preferences WHERE open_id = $1",
    "DELETE FROM sessions WHERE open_id = $1",
    "DELETE FROM people WHERE open_id = $1",
    "DELETE FROM api_tokens WHERE open_id = $1",
    "DELETE FROM notices WHERE receiver = $1 OR member = $1",
    "DELETE FROM tasks WHERE kind IN ('patrol', 'subscription', 'backfill', 'attended') AND subject = $1",
    "UPDATE artifacts SET via = NULL WHERE via = $1",
    "UPDATE attempts SET via = NULLIF(TRIM(REPLACE(' ' || via || ' ', ' ' || $1 || ' ', ' ')), '')
        WHERE via IS NOT NULL",
    "UPDATE meetings SET topic = NULL, organizer = NULL, organizer_user_id = NULL WHERE owner_id = $1",
    "DELETE FROM grants WHERE open_id = $1",
    "DELETE FROM members WHERE open_id = $1",
];

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purged {
    /// Files.
    pub files: i64,
    /// Their bytes.
    pub bytes: i64,
    /// Whether the platform sends no more events for them.
    pub farewell: Farewell,
}

/// Why a person could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// Recordings of theirs are being fetched and did not stop in time; nothing was removed.
    #[error("recordings are being fetched and did not stop in time")]
    Busy,
    /// Legal holds are on them or on recordings of theirs; nothing was removed.
    #[error("legal holds are on them, or on recordings of theirs: {}", numbers(.0))]
    Held(Vec<Hold>),
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive's disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn numbers(holds: &[Hold]) -> String {
    holds.iter().map(|hold| hold.id.as_str()).collect::<Vec<_>>().join(", ")
}

impl Parting<'_> {
    /// Removes a person, and with a store the files of the recordings that they own, too. The deed of whoever asked for it is written
    /// down in the transaction that forgets.
    pub async fn purge(self, files_in: Option<&Store>, deed: &Deed) -> Result<Purged, PurgeError> {
        let Some(store) = files_in else { return self.forget_all(false, deed).await };
        self.demand_no_hold().await?;
        let mut paused = Vec::new();
        for token in self.catalog.owned_by(self.person).await? {
            if self.catalog.pause(Some(&token), self.now_ms).await? {
                paused.push(token);
            }
        }
        let outcome = self.purge_paused(store, deed).await;
        for token in &paused {
            self.catalog.resume(Some(token)).await?;
        }
        outcome
    }

    async fn purge_paused(self, store: &Store, deed: &Deed) -> Result<Purged, PurgeError> {
        let parked = async {
            while self.catalog.is_fetching_for(self.person, self.now_ms).await? {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Ok::<_, CatalogError>(())
        };
        tokio::time::timeout(LONGEST_PARKING, parked).await.map_err(|_| PurgeError::Busy)??;
        // Nothing is forgotten of a disk that is not there.
        store.prove_writable().await?;
        let purged = self.forget_all(true, deed).await?;
        remove_purged_files::<PurgeError>(self.catalog, store).await?;
        Ok(purged)
    }

    async fn demand_no_hold(self) -> Result<(), PurgeError> {
        let holds = self.catalog.holds_over(self.person).await?;
        if holds.is_empty() { Ok(()) } else { Err(PurgeError::Held(holds)) }
    }

    /// Their token goes with the rest: whatever it is still good for comes first.
    async fn forget_all(self, with_files: bool, deed: &Deed) -> Result<Purged, PurgeError> {
        let farewell = self.unsubscribe().await?;
        match self.catalog.forget_person(self.person, with_files, deed).await? {
            Some((files, bytes)) => Ok(Purged { files, bytes, farewell }),
            // Placed while their work was being parked.
            None => Err(PurgeError::Held(self.catalog.holds_over(self.person).await?)),
        }
    }
}

/// Removes the files that the catalogue has forgotten, be they in their place or in the trash, their lines in the sums,
/// and the folders that are empty then.
pub(crate) async fn remove_purged_files<E>(catalog: &Catalog, store: &Store) -> Result<(), E>
where
    E: From<CatalogError> + From<StoreError>,
{
    let purged = catalog.purged_files().await?;
    if purged.is_empty() {
        return Ok(());
    }
    let mut folders = BTreeSet::new();
    // Whoever had begun to move one of them has ended then.
    let _turn = store.lock_trash().await?;
    for (token, kind, dir, file_name) in purged {
        let path = Path::new(&dir).join(&file_name);
        unless_it_leads_outside(&path, store.remove(&path).await.map(drop))?;
        unless_it_leads_outside(&path, store.remove_from_trash(&token, &file_name).await.map(drop))?;
        store.remove_trash_folder(&token).await?;
        catalog.purged_file_gone(&token, &kind).await?;
        folders.insert(PathBuf::from(dir));
    }
    for dir in &folders {
        let files = catalog.files_in(&dir.to_string_lossy()).await?;
        let sums: Vec<_> = files.into_iter().map(|file| (file.file_name, file.sha256)).collect();
        unless_it_leads_outside(dir, write_sums(store, dir, &sums).await.map(drop))?;
        unless_it_leads_outside(dir, store.remove_empty_folders(dir).await)?;
    }
    info!(folders = folders.len(), "removed the files of what was removed for good");
    Ok(())
}

/// A link in the place of a file or folder leads out of the archive: what is behind it is not ours to remove.
fn unless_it_leads_outside(path: &Path, outcome: Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Err(error @ StoreError::Outside { .. }) => {
            warn!(path = %path.display(), %error, "left where it is");
            Ok(())
        }
        Ok(()) | Err(StoreError::Missing { .. }) => Ok(()),
        Err(error) => Err(error),
    }
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

    /// Writes down what is removed and forgets it; how many files, and their bytes. Whose a recording or meeting was
    /// stays, so that none comes back; the names of files stay until the files are gone. None when a hold forbids it.
    async fn forget_person(
        &self,
        person: &OpenId,
        with_files: bool,
        deed: &Deed,
    ) -> Result<Option<(i64, i64)>, CatalogError> {
        let now_ms = deed.at_ms;
        let removal = uuid::Uuid::now_v7().to_string();
        let id = || args![person];
        let mut tx = self.db().begin().await?;
        // First: whoever places a hold now comes before us or after us.
        record_in(&mut tx, deed).await?;
        if with_files {
            let sql = "SELECT h.id FROM holds h LEFT JOIN recordings r ON r.minute_token = h.minute_token
                 WHERE h.lifted_at IS NULL AND (h.open_id = $1 OR r.owner_id = $1) LIMIT 1";
            if tx.row::<(String,)>(sql, id()).await?.is_some() {
                return Ok(None);
            }
        }
        let name: Option<(String,)> = tx.row("SELECT name FROM members WHERE open_id = $1", id()).await?;
        let name = name.map(|(name,)| name).unwrap_or_default();
        tx.execute(
            "INSERT INTO removals (id, open_id, name, removed_by, removed_at) VALUES ($1, $2, $3, $4, $5)",
            args![removal.as_str(), person, name, &deed.actor, now_ms],
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
            for sql in FORGET_RECORDINGS {
                tx.execute(sql, id()).await?;
            }
        }
        for sql in FORGET_PERSON {
            tx.execute(sql, id()).await?;
        }
        // Their name is searched in whatever they attended, too.
        mark_unindexed_of(&mut tx, person.as_ref()).await?;
        tx.execute("DELETE FROM sightings WHERE open_id = $1", id()).await?;
        let sums: Option<(i64, i64)> = tx
            .row(
                "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM removed_files WHERE removal_id = $1",
                args![removal.as_str()],
            )
            .await?;
        tx.commit().await?;
        Ok(Some(sums.unwrap_or_default()))
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
        let mut tx = self.db().begin().await?;
        let sql = "UPDATE artifacts SET file_name = NULL, bytes = NULL, sha256 = NULL
             WHERE minute_token = $1 AND kind = $2 AND reason = 'purged'";
        tx.execute(sql, args![token, kind]).await?;
        // Folders are called by people and meetings.
        tx.execute(
            "UPDATE recordings SET dir = NULL, stem = NULL WHERE minute_token = $1 AND state = 'purged'
                AND NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.minute_token = $1 AND a.file_name IS NOT NULL)",
            args![token],
        )
        .await?;
        tx.commit().await
    }
}
