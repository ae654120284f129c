//! The archive folder on a local (or mounted) disk.
//!
//! Every path is checked component by component: nothing is read, written or removed through a symbolic link below
//! the root. All disk work runs on the blocking threads. Files under construction are in [`super::part`].

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind},
    path::{Component, Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
};

use tokio::sync::Semaphore;

use super::{Committed, KeepFree, MARK_FILE, PartFile, QUARANTINE, SUMS_FILE, StoreError, TRASH};

/// Ends the name of every file that is not whole yet.
pub(super) const PART_SUFFIX: &str = ".part";
/// Ends the name of its ledger.
pub(super) const LEDGER_SUFFIX: &str = ".part.ledger";

/// Its ending lets [`Store::sweep_parts`] take it away should we be killed between writing and removing it.
const PROBE_FILE: &str = ".probe.part";

/// Bytes of all transfers together that may wait in memory for the disk.
pub(super) const BUFFERED_BYTES: usize = 4 << 20;

/// An open archive folder; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    root: Arc<Path>,
    keep_free: KeepFree,
    preallocates: bool,
    /// Bytes promised to files and not yet written.
    promised: Arc<AtomicU64>,
    buffers: Arc<Semaphore>,
    /// What the mark in the folder must say before anything is written.
    pub(super) own_mark: Option<Arc<str>>,
}

impl Store {
    /// Opens `root`, creating it if absent, and proves that files can be written there.
    pub async fn open(root: PathBuf) -> Result<Self, StoreError> {
        blocking(move || {
            let canonical = fs::create_dir_all(&root)
                .and_then(|()| root.canonicalize())
                .map_err(|error| StoreError::sort("open", &root, error))?;
            probe(&canonical).map_err(|error| StoreError::sort("write to", &root, error))?;
            Ok(Self {
                root: canonical.into(),
                keep_free: KeepFree::default(),
                preallocates: false,
                promised: Arc::default(),
                buffers: Arc::new(Semaphore::new(BUFFERED_BYTES)),
                own_mark: None,
            })
        })
        .await
    }

    /// Proves that files can be written, and that this still is the archive's own disk.
    pub async fn prove_writable(&self) -> Result<(), StoreError> {
        let store = self.clone();
        blocking(move || {
            store.demand_mark()?;
            probe(store.root()).map_err(|error| store.sort("write to", Path::new(""), error))
        })
        .await
    }

    /// With another floor below which nothing is begun.
    #[must_use]
    pub fn keeping_free(mut self, keep_free: KeepFree) -> Self {
        self.keep_free = keep_free;
        self
    }

    /// Whether the file system sets a file's whole room aside before the first byte (fallocate).
    #[must_use]
    pub fn preallocating(mut self, preallocates: bool) -> Self {
        self.preallocates = preallocates;
        self
    }

    pub(super) fn keep_free(&self) -> KeepFree {
        self.keep_free
    }

    pub(super) fn preallocates(&self) -> bool {
        self.preallocates
    }

    pub(super) fn promised(&self) -> &Arc<AtomicU64> {
        &self.promised
    }

    pub(super) fn buffers(&self) -> Arc<Semaphore> {
        Arc::clone(&self.buffers)
    }

    /// The archive folder, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Starts a file in `dir` (relative, created if absent): bytes go to `<name>.part` until it is committed.
    ///
    /// Two parts of one name never share a file: the second becomes `<name>.2.part`.
    pub async fn begin(&self, dir: &Path, name: &str) -> Result<PartFile, StoreError> {
        let (store, dir, name) = (self.clone(), dir.to_owned(), name.to_owned());
        blocking(move || {
            store.make_folders(&dir)?;
            PartFile::create(store, dir, &name)
        })
        .await
    }

    /// Writes a small file (a sidecar) whole: readers see the old content or the new, never a mixture.
    pub async fn put_small(&self, dir: &Path, name: &str, content: &[u8]) -> Result<Committed, StoreError> {
        let mut part = self.begin(dir, name).await?;
        part.write(content).await?;
        part.finish().await?.commit(name).await
    }

    /// The absolute path of an existing file or folder, checked to lie inside the archive.
    pub async fn locate(&self, relative: &Path) -> Result<PathBuf, StoreError> {
        let (store, relative) = (self.clone(), relative.to_owned());
        blocking(move || store.locate_now(&relative)).await
    }

    /// Opens a file of the archive for reading.
    pub async fn open_read(&self, relative: &Path) -> Result<tokio::fs::File, StoreError> {
        let (store, relative) = (self.clone(), relative.to_owned());
        let open = move || {
            let path = store.locate_now(&relative)?;
            File::open(path).map_err(|error| store.sort("open", &relative, error))
        };
        blocking(open).await.map(tokio::fs::File::from_std)
    }

    /// Whether there is a file or folder at `relative`.
    pub async fn exists(&self, relative: &Path) -> Result<bool, StoreError> {
        match self.locate(relative).await {
            Ok(_) => Ok(true),
            Err(StoreError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a file for good; false when there was none.
    pub async fn remove(&self, relative: &Path) -> Result<bool, StoreError> {
        let (store, relative) = (self.clone(), relative.to_owned());
        blocking(move || {
            let path = match store.locate_now(&relative) {
                Ok(path) => path,
                Err(StoreError::Missing { .. }) => return Ok(false),
                Err(error) => return Err(error),
            };
            fs::remove_file(&path).map_err(|error| store.sort("remove", &relative, error))?;
            store.sync_folders(relative.parent().unwrap_or(Path::new("")))?;
            Ok(true)
        })
        .await
    }

    /// Removes a folder and those above it, as far as nothing is left in them.
    pub async fn remove_empty_folders(&self, dir: &Path) -> Result<(), StoreError> {
        let (store, dir) = (self.clone(), dir.to_owned());
        blocking(move || {
            for folder in dir.ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
                let path = store.locate_now(folder)?;
                match fs::remove_dir(&path) {
                    Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => return Ok(()),
                    outcome => outcome.map_err(|error| store.sort("remove", folder, error))?,
                }
                store.sync_folders(folder.parent().unwrap_or(Path::new("")))?;
            }
            Ok(())
        })
        .await
    }

    pub(super) fn locate_now(&self, relative: &Path) -> Result<PathBuf, StoreError> {
        let mut path = self.root.to_path_buf();
        for name in plain_components(relative)? {
            path.push(name);
            self.refuse_link(&path, relative)?;
        }
        Ok(path)
    }

    /// Creates what is missing of `dir`. The root is never created here: an unmounted disk must be noticed, not
    /// papered over with an empty folder.
    pub(super) fn make_folders(&self, dir: &Path) -> Result<(), StoreError> {
        self.demand_mark()?;
        let mut path = self.root.to_path_buf();
        for name in plain_components(dir)? {
            path.push(name);
            match DirBuilder::new().create(&path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(self.sort("create the folder", dir, error));
                }
                // Before going deeper: the next folder would be created behind the link.
                _ => self.refuse_link(&path, dir)?,
            }
        }
        Ok(())
    }

    /// Makes the names in `dir` durable, and `dir`'s own name in its parents: a file of a new month is not kept
    /// before the month is.
    pub(super) fn sync_folders(&self, dir: &Path) -> Result<(), StoreError> {
        for folder in dir.ancestors() {
            sync_folder(&self.root.join(folder)).map_err(|error| self.sort("sync", folder, error))?;
        }
        Ok(())
    }

    /// Sorts a system error by what has to be done about it; a vanished archive is not a missing file.
    pub(super) fn sort(&self, what: &'static str, relative: &Path, error: io::Error) -> StoreError {
        if error.kind() == ErrorKind::NotFound && (!self.root.is_dir() || self.demand_mark().is_err()) {
            return StoreError::ArchiveGone { root: self.root.to_path_buf() };
        }
        StoreError::sort(what, relative, error)
    }

    pub(super) fn refuse_link(&self, path: &Path, relative: &Path) -> Result<(), StoreError> {
        let found = fs::symlink_metadata(path).map_err(|error| self.sort("look at", relative, error))?;
        if found.is_symlink() { Err(StoreError::Outside { path: relative.to_owned() }) } else { Ok(()) }
    }
}

/// Runs disk work off the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(stopped) => {
                Err(StoreError::Io { what: "finish work on", path: PathBuf::new(), source: stopped.into() })
            }
        },
    }
}

/// The names along a relative path; an error for anything else (`..`, a root, a drive).
pub(super) fn plain_components(path: &Path) -> Result<Vec<&std::ffi::OsStr>, StoreError> {
    path.components()
        .map(|component| match component {
            Component::Normal(name) => Ok(name),
            _ => Err(StoreError::Outside { path: path.to_owned() }),
        })
        .collect()
}

/// Whether a file or folder of this path, relative to the archive, is there for the archive's own sake: sums, parts
/// under way, the mark, the quarantine, the trash.
#[must_use]
pub fn is_own_file(relative: &Path) -> bool {
    let name = relative.file_name().unwrap_or_default().as_encoded_bytes();
    let is_at_root = relative.components().count() == 1;
    let at_root = [MARK_FILE, QUARANTINE, TRASH];
    name == SUMS_FILE.as_bytes()
        || name.ends_with(PART_SUFFIX.as_bytes())
        || name.ends_with(LEDGER_SUFFIX.as_bytes())
        || (is_at_root && at_root.iter().any(|own| name == own.as_bytes()))
}

fn probe(root: &Path) -> io::Result<()> {
    let path = root.join(PROBE_FILE);
    fs::write(&path, b"may be removed")?;
    fs::remove_file(&path)
}

#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Only unix lets a folder be opened and synced; elsewhere the file system's journal has to do.
#[cfg(not(unix))]
pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
