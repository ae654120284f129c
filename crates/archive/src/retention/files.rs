//! The files follow the catalogue: into the trash, and back. One moves them at a time, in whatever process, and reads in
//! the catalogue where they are to go only when it is their turn: whoever comes second finds nothing left to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tracing::{error, info, warn};

use crate::Archive;
use crate::catalog::{Catalog, CatalogError, args, mark_unindexed};
use crate::fetch::SumsTurns;
use crate::model::MinuteToken;
use crate::retention::{Trash, TrashError};
use crate::store::{Store, StoreError, write_sums};

/// Moves files, and writes the sums of the folders that they leave or come back to.
#[derive(Debug, Clone)]
pub(super) struct Mover {
    pub(super) catalog: Catalog,
    pub(super) store: Store,
    pub(super) sums: SumsTurns,
}

/// Tokens by the folder that their files belong to.
type ByFolder = BTreeMap<PathBuf, Vec<MinuteToken>>;

/// What was under way when the program last ended. For the start.
pub(crate) async fn take_up_trash(archive: &Archive) -> Result<(), TrashError> {
    let trash = Trash::new(archive.catalog.clone(), archive.store.clone(), &archive.transfers);
    let moved = trash.mover.follow(None).await?;
    if moved > 0 {
        info!(recordings = moved, "moved files that were on their way into the trash or out of it");
    }
    Ok(())
}

impl Mover {
    /// Moves what is to be moved; what cannot be moved now is moved in the next look, or at the next start.
    pub(super) async fn follow_soon(&self, only: Option<&MinuteToken>) {
        if let Err(error) = self.follow(only).await {
            warn!(%error, "files cannot be moved into the trash or out of it now; trying later");
        }
    }

    /// Moves the files of this recording, or of all that are to be moved; how many recordings.
    pub(super) async fn follow(&self, only: Option<&MinuteToken>) -> Result<usize, TrashError> {
        if self.moving(only).await?.is_empty() {
            return Ok(0);
        }
        let _turn = self.store.lock_trash().await?;
        let (mut going, mut returning, mut returned) = (ByFolder::new(), ByFolder::new(), ByFolder::new());
        let moving = self.moving(only).await?;
        let count = moving.len();
        for (token, phase, dir) in moving {
            let Ok(token) = MinuteToken::parse(&token) else { continue };
            let towards = match phase.as_str() {
                "going" => &mut going,
                "returning" => &mut returning,
                _ => &mut returned,
            };
            towards.entry(dir.unwrap_or_default().into()).or_default().push(token);
        }
        for (dir, tokens) in going {
            by_itself(&dir, self.go(&dir, &tokens).await)?;
        }
        for (dir, tokens) in returning {
            for token in tokens {
                if by_itself(&dir, self.come_back(&dir, &token).await)? {
                    returned.entry(dir.clone()).or_default().push(token);
                }
            }
        }
        for (dir, tokens) in returned {
            by_itself(&dir, self.have_returned(&dir, &tokens).await)?;
        }
        Ok(count)
    }

    async fn come_back(&self, dir: &Path, token: &MinuteToken) -> Result<(), TrashError> {
        for file in self.files_of(token).await? {
            moved(self.store.move_from_trash(token.as_str(), &dir.join(file)).await)?;
        }
        Ok(self.catalog.note_returned(token).await?)
    }

    async fn have_returned(&self, dir: &Path, tokens: &[MinuteToken]) -> Result<(), TrashError> {
        self.write_sums(dir).await?;
        for token in tokens {
            moved(self.store.remove_trash_folder(token.as_str()).await)?;
            let sql = "DELETE FROM trash WHERE minute_token = $1 AND phase = 'returned'";
            self.catalog.db().execute(sql, args![token]).await?;
        }
        Ok(())
    }

    async fn go(&self, dir: &Path, tokens: &[MinuteToken]) -> Result<(), TrashError> {
        // Before the files: a file without a sum proves nothing, a sum without its file looks like a loss.
        self.write_sums(dir).await?;
        for token in tokens {
            for file in self.files_of(token).await? {
                moved(self.store.move_to_trash(token.as_str(), &dir.join(file)).await)?;
            }
            let sql = "UPDATE trash SET phase = 'here' WHERE minute_token = $1 AND phase = 'going'";
            self.catalog.db().execute(sql, args![token]).await?;
        }
        moved(self.store.remove_empty_folders(dir).await)
    }

    /// The sums of what the folder should hold now.
    async fn write_sums(&self, dir: &Path) -> Result<(), TrashError> {
        if dir.as_os_str().is_empty() {
            return Ok(());
        }
        let write = async || {
            let files = self.catalog.files_in(&dir.to_string_lossy()).await?;
            let sums: Vec<_> = files.into_iter().map(|file| (file.file_name, file.sha256)).collect();
            moved(write_sums(&self.store, dir, &sums).await)
        };
        self.sums.write(dir, write).await
    }

    async fn moving(
        &self,
        only: Option<&MinuteToken>,
    ) -> Result<Vec<(String, String, Option<String>)>, CatalogError> {
        let only = only.map(MinuteToken::as_str).unwrap_or_default();
        self.catalog
            .db()
            .rows(
                "SELECT t.minute_token, t.phase, r.dir FROM trash t JOIN recordings r ON r.minute_token = t.minute_token
                 WHERE t.phase <> 'here' AND ($1 = '' OR t.minute_token = $1) ORDER BY t.minute_token",
                args![only],
            )
            .await
    }

    async fn files_of(&self, token: &MinuteToken) -> Result<Vec<String>, CatalogError> {
        let sql = "SELECT file_name FROM artifacts WHERE minute_token = $1 AND file_name IS NOT NULL
             ORDER BY kind";
        let rows: Vec<(String,)> = self.catalog.db().rows(sql, args![token]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }
}

/// One folder that cannot be written keeps neither the others nor the service: its files are moved once it can be.
/// Whether it went well; trouble of the whole disk, or of the catalogue, is trouble of all.
fn by_itself(dir: &Path, outcome: Result<(), TrashError>) -> Result<bool, TrashError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(TrashError::Store(error)) if !matches!(error, StoreError::ArchiveGone { .. }) => {
            error!(dir = %dir.display(), %error, "files cannot be moved into the trash or out of it; trying again");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// One file that cannot be moved does not keep the others: what lies behind a link is not ours, and what is not there
/// was missing before. Trouble of the whole disk is trouble.
fn moved<T>(outcome: Result<T, StoreError>) -> Result<(), TrashError> {
    match outcome {
        Err(error @ StoreError::Outside { .. }) => {
            warn!(%error, "left where it is");
            Ok(())
        }
        Ok(_) | Err(StoreError::Missing { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Catalog {
    /// The files are in their place again: everything stands as it stood.
    async fn note_returned(&self, token: &MinuteToken) -> Result<(), CatalogError> {
        let mut tx = self.db().begin().await?;
        for sql in [
            "UPDATE artifacts SET (state, reason, reason_detail, attempts, due_at) =
                (SELECT p.state, p.reason, p.reason_detail, p.attempts, p.due_at FROM trash_parts p
                 WHERE p.minute_token = artifacts.minute_token AND p.kind = artifacts.kind)
             WHERE minute_token = $1 AND reason = 'trashed'
                AND EXISTS (SELECT 1 FROM trash_parts p WHERE p.minute_token = artifacts.minute_token
                    AND p.kind = artifacts.kind)",
            "UPDATE recordings SET (state, reason, reason_detail, state_at) =
                (SELECT t.state, t.reason, t.reason_detail, t.state_at FROM trash t
                 WHERE t.minute_token = recordings.minute_token)
             WHERE minute_token = $1 AND state = 'trashed'",
            "UPDATE trash SET phase = 'returned' WHERE minute_token = $1 AND phase = 'returning'",
            // What it still lacks is asked for again, as history (lane 3); a whole one needs no work.
            "INSERT INTO tasks (kind, subject, run_at, created_at, lane, party, made_ms)
             SELECT 'archive', r.minute_token, r.state_at, r.state_at, 3, COALESCE(r.owner_id, ''),
                COALESCE(r.created_ms, r.found_at)
             FROM recordings r WHERE r.minute_token = $1 AND EXISTS (SELECT 1 FROM artifacts a
                WHERE a.minute_token = r.minute_token AND a.kind <> 'sidecar'
                    AND (a.state IN ('pending', 'waiting', 'failed') OR (a.state = 'denied' AND a.kind = 'media')))
             ON CONFLICT (kind, subject) DO NOTHING",
        ] {
            tx.execute(sql, args![token]).await?;
        }
        mark_unindexed(&mut tx, token).await?;
        tx.commit().await
    }
}
