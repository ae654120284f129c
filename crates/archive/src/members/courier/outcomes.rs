//! The folder of outcomes: each new pair, sealed, from the platform's answer until it is in the catalogue.
//!
//! A file is named by a hash of what it belongs to, so that no text of the platform's gets into a path, and lies
//! under that name only when it is whole and synced. Its seal binds it to member and version, with a key of its
//! own, derived from the vault's.

#[cfg(test)]
pub(super) mod tests;

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use crate::members::Seal;
use crate::members::seal::Place;
use crate::model::OpenId;

const LOCK_FILE: &str = "lock";
const PAIR: &str = "pair";
const ROOM: &str = "room";
/// Two tokens of 4 KB and fifty scopes, in base64, are less.
const ROOM_BYTES: usize = 32 << 10;
/// A courier that is left alone ends within the client's time for an answer (30 s), unless its disk has trouble.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The exchange of one pair for the next.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::members) struct Renewal {
    pub(in crate::members) open_id: OpenId,
    /// Of the pair that is spent by it.
    pub(in crate::members) version: i64,
}

/// A new pair, and when it came (unix ms).
pub(in crate::members) struct Renewed {
    pub(in crate::members) pair: feishu::TokenPair,
    pub(in crate::members) received_at: i64,
}

/// Why an outcome that is there cannot be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::members) enum OpenError {
    /// It may well be readable later.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is damaged, or of another key.
    #[error("it is damaged, or the key is another one")]
    Damaged,
}

#[derive(Clone)]
pub(super) struct Outcomes {
    folder: Arc<Path>,
    key: [u8; 32],
    seal: Arc<Seal>,
}

/// Held by the one process that makes exchanges.
pub(super) struct Lock {
    _file: File,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    renewal: Renewal,
    /// [`Contents`] as JSON, sealed, in base64.
    sealed: String,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    access_token: String,
    expires_in: Duration,
    refresh_token: Option<String>,
    refresh_expires_in: Option<Duration>,
    scopes: Vec<String>,
    received_at: i64,
}

impl Outcomes {
    /// The outcomes in this folder, which is made when it is missing.
    pub(super) fn open(folder: PathBuf, key: [u8; 32]) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder: folder.into(), key, seal: Arc::new(Seal::new(&key)) })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Waits until no other process makes exchanges, and sees to it that none begins to.
    pub(super) async fn lock(&self) -> io::Result<Lock> {
        let path = self.folder.join(LOCK_FILE);
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let give_up_at = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < give_up_at => sleep(LOOK_EVERY).await,
                Err(TryLockError::WouldBlock) => {
                    let why = "an earlier exchange has not come to its end yet";
                    return Err(io::Error::new(ErrorKind::TimedOut, why));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        // Nobody else is at work, so the rooms that are there were left by somebody who was killed.
        for path in self.paths(ROOM)? {
            fs::remove_file(path)?;
        }
        Ok(Lock { _file: file })
    }

    pub(super) fn holds(&self, renewal: &Renewal) -> bool {
        self.path(renewal, PAIR).exists()
    }

    /// Takes the disk space that the outcome will need.
    pub(super) async fn reserve(&self, renewal: &Renewal) -> io::Result<Room> {
        let path = self.path(renewal, ROOM);
        let outcomes = self.clone();
        let renewal = renewal.clone();
        spawn_blocking(move || {
            let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
            file.write_all_at(&vec![0; ROOM_BYTES], 0).and_then(|()| file.sync_all()).inspect_err(|_| {
                let _ = fs::remove_file(&path);
            })?;
            Ok(Room { outcomes, renewal, file: Arc::new(file), path })
        })
        .await?
    }

    /// The outcome of a renewal, if it is here.
    pub(super) async fn read(&self, renewal: &Renewal) -> Result<Option<Renewed>, OpenError> {
        match tokio::fs::read(self.path(renewal, PAIR)).await {
            Ok(bytes) => self.unseal(renewal, &bytes).map(Some).ok_or(OpenError::Damaged),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The renewals whose outcomes are here; those of another key are left alone.
    pub(super) async fn waiting(&self) -> io::Result<Vec<Renewal>> {
        let outcomes = self.clone();
        spawn_blocking(move || {
            let mut waiting = Vec::new();
            for path in outcomes.paths(PAIR)? {
                let Ok(bytes) = fs::read(&path) else { continue };
                let Ok(Stored { renewal, .. }) = serde_json::from_slice(&bytes) else { continue };
                if outcomes.path(&renewal, PAIR) == path {
                    waiting.push(renewal);
                }
            }
            Ok(waiting)
        })
        .await?
    }

    pub(super) async fn remove(&self, renewal: &Renewal) -> io::Result<()> {
        match tokio::fs::remove_file(self.path(renewal, PAIR)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, renewal: &Renewal, extension: &str) -> PathBuf {
        let mut hash = Sha256::new();
        hash.update(format!("{}/{}/{}", self.seal.key_id(), renewal.open_id, renewal.version));
        self.folder.join(hex::encode(&hash.finalize()[..16])).with_extension(extension)
    }

    fn paths(&self, extension: &str) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            paths.push(entry?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|there| there == extension));
        Ok(paths)
    }

    fn unseal(&self, renewal: &Renewal, bytes: &[u8]) -> Option<Renewed> {
        let stored: Stored = serde_json::from_slice(bytes).ok()?;
        let sealed = STANDARD.decode(stored.sealed).ok()?;
        let opened = self.seal.open(&sealed, &renewal.place()).ok()?;
        let contents: Contents = serde_json::from_str(opened.expose_secret()).ok()?;
        Some(Renewed {
            pair: feishu::TokenPair {
                access_token: contents.access_token.into(),
                expires_in: contents.expires_in,
                refresh_token: contents.refresh_token.map(SecretString::from),
                refresh_expires_in: contents.refresh_expires_in,
                scopes: contents.scopes,
            },
            received_at: contents.received_at,
        })
    }
}

/// Disk space for one outcome, taken before there is one.
pub(super) struct Room {
    outcomes: Outcomes,
    renewal: Renewal,
    file: Arc<File>,
    path: PathBuf,
}

impl Room {
    pub(super) fn seal(&self, renewed: &Renewed) -> Arc<[u8]> {
        let pair = &renewed.pair;
        let contents = Contents {
            access_token: pair.access_token.expose_secret().to_owned(),
            expires_in: pair.expires_in,
            refresh_token: pair.refresh_token.as_ref().map(|token| token.expose_secret().to_owned()),
            refresh_expires_in: pair.refresh_expires_in,
            scopes: pair.scopes.clone(),
            received_at: renewed.received_at,
        };
        let contents = serde_json::to_string(&contents).unwrap_or_default(); // plain data: it cannot fail
        let sealed = self.outcomes.seal.seal(&contents.into(), &self.renewal.place());
        let stored = Stored { renewal: self.renewal.clone(), sealed: STANDARD.encode(sealed) };
        serde_json::to_vec(&stored).unwrap_or_default().into()
    }

    /// Writes the outcome and makes it durable under its own name. May be called again after an error.
    pub(super) async fn keep(&self, outcome: &Arc<[u8]>) -> io::Result<()> {
        let (file, outcome) = (Arc::clone(&self.file), Arc::clone(outcome));
        let (from, to) = (self.path.clone(), self.outcomes.path(&self.renewal, PAIR));
        let folder = Arc::clone(&self.outcomes.folder);
        spawn_blocking(move || {
            file.write_all_at(&outcome, 0)?;
            file.set_len(outcome.len() as u64)?;
            file.sync_all()?;
            match fs::rename(from, &to) {
                // An earlier attempt came as far as this.
                Err(error) if error.kind() == ErrorKind::NotFound && to.exists() => {}
                renamed => renamed?,
            }
            File::open(folder)?.sync_all()
        })
        .await?
    }

    /// There will be no outcome.
    pub(super) async fn give_back(self) {
        // What stays behind is removed with the next lock.
        let _ = tokio::fs::remove_file(self.path).await;
    }
}

impl Renewal {
    fn place(&self) -> Place<'_> {
        Place { member: self.open_id.as_ref(), field: "outcome", version: self.version }
    }
}
