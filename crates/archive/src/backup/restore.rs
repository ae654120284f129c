//! A backup is put in the place of what is there: proved first, then copied beside it, and what was there is set aside
//! and never removed. Nobody else may work on the data folder meanwhile.
//!
//! What has ended since the backup must not come back to life with it: nobody is signed in afterwards, no program's token
//! is good, and rules of retention are off, since holds that were placed since are not known any more.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::manifest::{BackedUp, Manifest};
use super::{
    BackupError, CATALOG_FILE, KEY_FILE, copy_privately, io_error, make_private_folder, name_of, sync_folder,
};
use crate::catalog::Db;

/// What SQLite keeps beside a catalogue belongs to it.
const BESIDE_CATALOG: [&str; 2] = ["catalogue.db-wal", "catalogue.db-shm"];
/// What a file is called until what was there has been set aside.
const RESTORED: &str = ".restored";
/// New pairs that were on their way into the old catalogue.
const RENEWALS: &str = "renewals";

const END_WHAT_MAY_HAVE_ENDED: [&str; 3] = [
    "DELETE FROM sessions",
    "DELETE FROM api_tokens",
    "UPDATE retention_rules SET on_by = NULL, on_at = NULL",
];

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// From which backup.
    pub manifest: Manifest,
    /// Where what was there has been set aside; none when there was nothing.
    pub set_aside: Option<PathBuf>,
}

/// Puts the backup in `from` into `data_dir`.
pub async fn restore(from: PathBuf, data_dir: PathBuf, now_ms: i64) -> Result<Restored, BackupError> {
    let (folder, work) = (data_dir.clone(), move || put_in_place(from, &data_dir, now_ms));
    let put = tokio::task::spawn_blocking(work).await;
    let restored = put.map_err(|stopped| io_error(&folder, io::Error::other(stopped)))??;
    let db = Db::open_sqlite(&folder.join(CATALOG_FILE)).await?;
    for sql in END_WHAT_MAY_HAVE_ENDED {
        db.execute(sql, Vec::new()).await?;
    }
    db.close().await;
    Ok(restored)
}

/// Whether a restore was broken off between setting the old catalogue aside and putting the new one in its place.
#[must_use]
pub fn is_cut_off(data_dir: &Path) -> bool {
    !data_dir.join(CATALOG_FILE).exists() && data_dir.join(format!("{CATALOG_FILE}{RESTORED}")).exists()
}

fn put_in_place(from: PathBuf, data_dir: &Path, now_ms: i64) -> Result<Restored, BackupError> {
    let backup = BackedUp::read(from)?;
    if !backup.manifest.holds(CATALOG_FILE) {
        return Err(BackupError::NotABackup(backup.path));
    }
    backup.prove()?;
    make_private_folder(data_dir)?;
    let files: Vec<&str> =
        [CATALOG_FILE, KEY_FILE].into_iter().filter(|name| backup.manifest.holds(name)).collect();
    // All that can fail for want of room comes before anything is moved.
    for name in &files {
        let new = data_dir.join(format!("{name}{RESTORED}"));
        remove_if_there(&new)?;
        copy_privately(&backup.path.join(name), &new)?;
    }
    let aside = data_dir.join(format!("before-restore-{}", name_of(now_ms)));
    let mut is_anything_there = false;
    for name in files.iter().chain(&BESIDE_CATALOG).chain(&[RENEWALS]) {
        let old = data_dir.join(name);
        if old.exists() {
            make_private_folder(&aside)?;
            std::fs::rename(&old, aside.join(name)).map_err(|error| io_error(&old, error))?;
            is_anything_there = true;
        }
    }
    for name in &files {
        let place = data_dir.join(name);
        let new = data_dir.join(format!("{name}{RESTORED}"));
        std::fs::rename(&new, &place).map_err(|error| io_error(&place, error))?;
    }
    if is_anything_there {
        sync_folder(&aside)?;
    }
    sync_folder(data_dir)?;
    Ok(Restored { manifest: backup.manifest, set_aside: is_anything_there.then_some(aside) })
}

fn remove_if_there(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(path, error)),
        _ => Ok(()),
    }
}
