//! A file under construction: written in big pieces, hashed on the way, synced, renamed.
//!
//! The sum is that of the bytes handed to the disk; reading them back is [`crate::verify`]'s. Memory: at most two
//! buffers of 1 MiB, one filling while the other is hashed and written.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    mem,
    path::PathBuf,
};

use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use super::{
    FinishedPart, Store, StoreError,
    disk::{PART_SUFFIX, blocking},
    finished::{Claim, single_name},
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
                    let claim = Claim { store, dir, part_name, path, ledger: None };
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

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
