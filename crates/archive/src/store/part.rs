//! A file under construction: written in big pieces, hashed on the way, synced, renamed.
//!
//! The sum is that of the bytes handed to the disk; reading them back is [`crate::verify`]'s. Memory: at most two
//! buffers of 1 MiB, one filling while the other is hashed and written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    mem,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tokio::{runtime::Handle, task::JoinHandle};

use super::{
    Store, StoreError,
    disk::{PART_SUFFIX, blocking, plain_components},
};

const BUFFER_BYTES: usize = 1 << 20;

/// Data is brought to disk in steps of this size. A gigabyte left to the end would hold up everybody else who
/// syncs on that disk, the catalogue first of all.
const SYNC_BYTES: usize = 8 << 20;

/// How many parts of one name may exist at once before something is plainly wrong.
const MAX_PARTS_OF_A_NAME: u32 = 99;

/// An unfinished file. Dropping it removes it.
#[derive(Debug)]
pub struct PartFile {
    claim: Claim,
    sink: Sink,
    buffer: Vec<u8>,
    bytes: u64,
}

/// A whole, synced file that has no final name yet: the time to check it. Dropping it removes it.
#[derive(Debug)]
pub struct FinishedPart {
    claim: Claim,
    bytes: u64,
    sha256: String,
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

impl PartFile {
    pub(super) fn create(store: Store, dir: PathBuf, name: &str) -> Result<Self, StoreError> {
        let folder = store.locate_now(&dir)?;
        for attempt in 1..=MAX_PARTS_OF_A_NAME {
            let part_name = match attempt {
                1 => format!("{name}{PART_SUFFIX}"),
                again => format!("{name}.{again}{PART_SUFFIX}"),
            };
            let path = folder.join(single_name(&part_name)?);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    let writer = Writer { file, hash: Sha256::new(), unsynced: 0 };
                    let claim = Claim { store, dir, part_name, path };
                    return Ok(Self {
                        claim,
                        sink: Sink::Idle(writer, Vec::new()),
                        buffer: Vec::new(),
                        bytes: 0,
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(store.sort("create", &dir.join(part_name), error)),
            }
        }
        let source = ErrorKind::AlreadyExists.into();
        Err(StoreError::Io { what: "create a part of", path: dir.join(name), source })
    }

    /// How many bytes were written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends `data`. An error may stem from an earlier piece; after one, or after dropping this future half-way,
    /// the part is only good to be dropped.
    pub async fn write(&mut self, mut data: &[u8]) -> Result<(), StoreError> {
        while !data.is_empty() {
            let room = BUFFER_BYTES - self.buffer.len();
            let (now, later) = data.split_at(room.min(data.len()));
            self.buffer.extend_from_slice(now);
            self.bytes += now.len() as u64;
            data = later;
            if self.buffer.len() == BUFFER_BYTES {
                self.send_buffer().await?;
            }
        }
        Ok(())
    }

    /// Writes out the rest and syncs the file to disk.
    pub async fn finish(mut self) -> Result<FinishedPart, StoreError> {
        let (mut writer, _) = self.idle().await?;
        let Self { claim, buffer, bytes, .. } = self;
        blocking(move || {
            let synced = writer.write(&buffer).and_then(|()| writer.file.sync_all());
            synced.map_err(|error| claim.error("write", error))?;
            Ok(FinishedPart { claim, bytes, sha256: hex::encode(writer.hash.finalize()) })
        })
        .await
    }

    /// Removes the file and waits until it is gone; dropping the part does the same without waiting.
    pub async fn discard(self) -> Result<(), StoreError> {
        self.claim.discard().await
    }

    async fn send_buffer(&mut self) -> Result<(), StoreError> {
        let (mut writer, spare) = self.idle().await?;
        let mut full = mem::replace(&mut self.buffer, spare);
        self.sink = Sink::Writing(tokio::task::spawn_blocking(move || {
            writer.write(&full)?;
            full.clear();
            Ok((writer, full))
        }));
        Ok(())
    }

    /// Waits for the piece being written, and takes the writer and an empty buffer.
    async fn idle(&mut self) -> Result<(Writer, Vec<u8>), StoreError> {
        if let Sink::Writing(job) = &mut self.sink {
            let written = match job.await {
                Ok(written) => written,
                Err(stopped) => Err(stopped.into()),
            };
            self.sink = Sink::Broken;
            let (writer, spare) = written.map_err(|error| self.claim.error("write", error))?;
            return Ok((writer, spare));
        }
        match mem::replace(&mut self.sink, Sink::Broken) {
            Sink::Idle(writer, spare) => Ok((writer, spare)),
            _ => Err(self.claim.error("write", io::Error::other("an earlier write failed"))),
        }
    }
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
            let (store, dir) = claim.renamed();
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

/// A part's name on disk, which is ours alone: removed when dropped.
#[derive(Debug)]
struct Claim {
    store: Store,
    dir: PathBuf,
    part_name: String,
    /// Absolute; empty once there is nothing left to remove.
    path: PathBuf,
}

impl Claim {
    fn error(&self, what: &'static str, error: io::Error) -> StoreError {
        self.store.sort(what, &self.dir.join(&self.part_name), error)
    }

    fn renamed(mut self) -> (Store, PathBuf) {
        self.path.clear();
        (self.store.clone(), mem::take(&mut self.dir))
    }

    async fn discard(mut self) -> Result<(), StoreError> {
        let path = mem::take(&mut self.path);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.error("remove", error)),
            _ => Ok(()),
        })
        .await
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.path.as_os_str().is_empty() {
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

#[derive(Debug)]
enum Sink {
    /// With the buffer that is not being filled.
    Idle(Writer, Vec<u8>),
    Writing(JoinHandle<io::Result<(Writer, Vec<u8>)>>),
    Broken,
}

#[derive(Debug)]
struct Writer {
    file: File,
    hash: Sha256,
    unsynced: usize,
}

impl Writer {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.hash.update(piece);
        self.file.write_all(piece)?;
        self.unsynced += piece.len();
        if self.unsynced >= SYNC_BYTES {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(())
    }
}

fn single_name(name: &str) -> Result<&std::ffi::OsStr, StoreError> {
    match plain_components(Path::new(name))?.as_slice() {
        [only] if only.len() == name.len() => Ok(only),
        _ => Err(StoreError::Outside { path: name.into() }),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_told_as_such_and_the_part_is_of_no_more_use() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().into()).await.unwrap();
        let mut part = store.begin(Path::new("a"), "x").await.unwrap();
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        part.sink = Sink::Idle(Writer { file: full, hash: Sha256::new(), unsynced: 0 }, Vec::new());

        // Two buffers may be in memory; the third needs the first to be written.
        let error = part.write(&vec![0; 3 * BUFFER_BYTES]).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::DiskFull { path, .. } if path == Path::new("a/x.part")),
            "{error}"
        );
        assert!(part.finish().await.is_err());
    }
}
