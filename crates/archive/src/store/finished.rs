//! A whole file that has no final name yet, and how it gets one.

use std::{
    fs,
    io::{self, ErrorKind},
    mem,
    path::{Path, PathBuf},
};

use tokio::runtime::Handle;

use super::{
    Store, StoreError,
    disk::{blocking, plain_components},
};

/// A whole, synced file that has no final name yet: the time to check it. Dropping it removes it, unless it has a
/// ledger, from which it can be taken up again.
#[derive(Debug)]
pub struct FinishedPart {
    pub(super) claim: Claim,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// A file under its final name, durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Where it is, relative to the archive.
    pub relative_path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, 64 lowercase hexadecimal digits.
    pub sha256: String,
}

impl FinishedPart {
    /// Where the file is now, absolute, for those who check it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.claim.path
    }

    /// Its length.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of its bytes, 64 lowercase hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Gives the file its final name, in place of any file of that name, and makes the name durable.
    pub async fn commit(self, final_name: &str) -> Result<Committed, StoreError> {
        let name = PathBuf::from(single_name(final_name)?);
        let Self { claim, bytes, sha256 } = self;
        blocking(move || {
            let relative_path = claim.dir.join(&name);
            let target = claim.path.with_file_name(&name);
            fs::rename(&claim.path, target)
                .map_err(|error| claim.store.sort("rename", &relative_path, error))?;
            let (store, dir, ledger) = claim.renamed();
            // Only now: a ledger without its part is swept, a part without its ledger is, too.
            if let Some(ledger) = ledger {
                remove_if_there(&ledger).map_err(|error| store.sort("remove", &relative_path, error))?;
            }
            store.sync_folders(&dir)?;
            Ok(Committed { relative_path, bytes, sha256 })
        })
        .await
    }

    /// Removes the file and waits until it is gone; dropping the part does the same without waiting.
    pub async fn discard(self) -> Result<(), StoreError> {
        self.claim.discard().await
    }
}

/// A part's name on disk, which is ours alone.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) store: Store,
    pub(super) dir: PathBuf,
    pub(super) part_name: String,
    /// Absolute; empty once there is nothing left to remove.
    pub(super) path: PathBuf,
    /// Absolute. With a ledger the part outlives the claim.
    pub(super) ledger: Option<PathBuf>,
}

impl Claim {
    pub(super) fn error(&self, what: &'static str, error: io::Error) -> StoreError {
        self.store.sort(what, &self.dir.join(&self.part_name), error)
    }

    fn renamed(mut self) -> (Store, PathBuf, Option<PathBuf>) {
        self.path.clear();
        (self.store.clone(), mem::take(&mut self.dir), self.ledger.take())
    }

    pub(super) async fn discard(mut self) -> Result<(), StoreError> {
        let (path, ledger) = (mem::take(&mut self.path), self.ledger.take());
        blocking(move || {
            let removed = ledger.map_or(Ok(()), |ledger| remove_if_there(&ledger));
            removed.and_then(|()| remove_if_there(&path)).map_err(|error| self.error("remove", error))
        })
        .await
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.path.as_os_str().is_empty() || self.ledger.is_some() {
            return;
        }
        let path = mem::take(&mut self.path);
        // Best effort: what stays behind is swept at the next start. Removing gigabytes can take a while.
        let remove = move || drop(fs::remove_file(path));
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn single_name(name: &str) -> Result<&std::ffi::OsStr, StoreError> {
    match plain_components(Path::new(name))?.as_slice() {
        [only] if only.len() == name.len() => Ok(only),
        _ => Err(StoreError::Outside { path: name.into() }),
    }
}
