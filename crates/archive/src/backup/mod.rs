//! Backups of what cannot be fetched again: the catalogue and the key that seals its tokens. The archive's files are
//! not in them; they are plain files, for whatever backs up files here. A backup is a folder with a manifest of its
//! files' hashes; it is complete when it has its name, which it gets last.
//!
//! A catalogue on a PostgreSQL server is backed up by that server's own tools.

mod manifest;
mod restore;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use crate::catalog::{Catalog, CatalogError, Db};
use manifest::MANIFEST;
pub use manifest::{BackedUp, Manifest};
pub use restore::{Restored, is_cut_off, restore};

/// The catalogue in a backup and in the data folder.
pub const CATALOG_FILE: &str = "catalogue.db";
/// The key, likewise.
pub const KEY_FILE: &str = "vault.key";
/// What a folder is called while it is being written.
const UNFINISHED: &str = ".unfinished";
const LONGEST_WORK: Duration = Duration::from_hours(24);
const PIECE_BYTES: usize = 1 << 20;

/// Why a backup could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The disk.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// It is not in a file of ours.
    #[error(
        "the catalogue is on a PostgreSQL server: back it up there (pg_dump), and keep vault.key beside it"
    )]
    OnServer,
    /// The folder is not a backup, or not one that this version can read.
    #[error("{0} is not a backup of this program")]
    NotABackup(PathBuf),
    /// A file is not as it was written.
    #[error("{0} is missing or damaged; nothing was changed. Take another backup")]
    Damaged(PathBuf),
}

/// Where backups are made, and of what.
#[derive(Debug, Clone)]
pub struct Backups {
    /// The folder that holds them, a folder each.
    pub folder: PathBuf,
    /// The file of the key, unless the key comes from the environment.
    pub key_file: Option<PathBuf>,
    /// The program's version, for the manifest.
    pub version: &'static str,
}

impl Backups {
    /// Makes a backup while work goes on; it holds the catalogue as it is at one moment.
    pub async fn make(&self, catalog: &Catalog, now_ms: i64) -> Result<BackedUp, BackupError> {
        let Db::Sqlite { reader, .. } = catalog.db() else { return Err(BackupError::OnServer) };
        let name = name_of(now_ms);
        let (unfinished, finished) =
            (self.folder.join(format!("{name}{UNFINISHED}")), self.folder.join(&name));
        make_private_folder(&self.folder)?;
        remove_leftovers(&self.folder)?;
        remove_folder(&unfinished)?;
        make_private_folder(&unfinished)?;
        let copy = unfinished.join(CATALOG_FILE);
        sqlx::query("VACUUM INTO $1")
            .bind(copy.to_string_lossy().into_owned())
            .execute(reader)
            .await
            .map_err(CatalogError::from)?;
        let this = self.clone();
        let work = move || this.finish(&unfinished, finished, now_ms);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|stopped| io_error(&self.folder, io::Error::other(stopped)))?
    }

    /// Backups that are complete, the newest first.
    pub async fn list(&self) -> Result<Vec<BackedUp>, BackupError> {
        let folder = self.folder.clone();
        let work = move || {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(io_error(&folder, error)),
            };
            let folders = entries.filter_map(Result::ok).map(|entry| entry.path());
            let is_finished = |path: &PathBuf| !path.to_string_lossy().ends_with(UNFINISHED);
            let mut backups: Vec<BackedUp> =
                folders.filter(is_finished).filter_map(|path| BackedUp::read(path).ok()).collect();
            backups.sort_by_key(|backup| std::cmp::Reverse(backup.manifest.made_at_ms));
            Ok(backups)
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|stopped| io_error(&self.folder, io::Error::other(stopped)))?
    }

    fn finish(&self, unfinished: &Path, finished: PathBuf, now_ms: i64) -> Result<BackedUp, BackupError> {
        let mut files = vec![manifest::describe(unfinished, CATALOG_FILE)?];
        if let Some(key_file) = self.key_file.as_ref().filter(|file| file.exists()) {
            copy_privately(key_file, &unfinished.join(KEY_FILE))?;
            files.push(manifest::describe(unfinished, KEY_FILE)?);
        }
        let manifest = Manifest::new(self.version, now_ms, files);
        write_privately(&unfinished.join(MANIFEST), &manifest.to_json())?;
        sync_folder(unfinished)?;
        std::fs::rename(unfinished, &finished).map_err(|error| io_error(&finished, error))?;
        sync_folder(&self.folder)?;
        Ok(BackedUp { path: finished, manifest })
    }
}

/// `minutes-vault-20261126T061959Z`
fn name_of(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("minutes-vault-{}", at.to_zoned_datetime(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ"))
}

fn io_error(path: &Path, source: io::Error) -> BackupError {
    BackupError::Io { path: path.to_owned(), source }
}

fn make_private_folder(path: &Path) -> Result<(), BackupError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| io_error(path, error))
}

/// What was begun a day ago will not be finished any more.
fn remove_leftovers(folder: &Path) -> Result<(), BackupError> {
    let entries = std::fs::read_dir(folder).map_err(|error| io_error(folder, error))?;
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let began = path.metadata().and_then(|metadata| metadata.modified());
        let is_old = began.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LONGEST_WORK));
        if is_old && path.to_string_lossy().ends_with(UNFINISHED) {
            remove_folder(&path)?;
        }
    }
    Ok(())
}

fn remove_folder(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(path, error)),
        _ => Ok(()),
    }
}

fn sync_folder(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|error| io_error(path, error))
}

fn write_privately(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|error| io_error(path, error))
}

/// To a name that is free.
fn copy_privately(from: &Path, to: &Path) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(|error| io_error(from, error))?;
    let mut copy = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
        io::copy(&mut source, &mut file)?;
        file.sync_all()
    };
    copy().map_err(|error| io_error(to, error))
}

/// Its size and SHA-256, lowercase hex.
fn measure(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            // What was copied has to survive a power cut before it is called a backup.
            file.sync_all()?;
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        bytes += read as u64;
        hash.update(piece.get(..read).unwrap_or_default());
    }
}
