//! Reads a kept file again, end to end, for its length and hash. Memory: one buffer; never on the async threads.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::time::Instant;

const BUFFER_BYTES: usize = 1 << 20;

/// Buffers read between two reports: often enough for a progress bar, and to stop soon when nobody waits any more.
const BUFFERS_A_TURN: usize = 16;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHash {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, 64 lowercase hexadecimal digits.
    pub sha256: String,
}

/// Hashes the file at `path`, telling `progress` the bytes read so far after every 16 MiB. Dropping the future stops
/// the reading.
pub async fn hash_file(path: &Path, progress: impl FnMut(u64)) -> io::Result<FileHash> {
    hash_file_at(path, None, progress).await
}

/// [`hash_file`] at no more than `limit` bytes a second, and without driving others out of the system's cache.
pub async fn hash_file_at(
    path: &Path,
    limit: Option<u64>,
    mut progress: impl FnMut(u64),
) -> io::Result<FileHash> {
    let path = path.to_owned();
    let (started, gently) = (Instant::now(), limit.is_some());
    let mut reader =
        blocking(move || Ok(Reader { file: File::open(path)?, hash: Sha256::new(), bytes: 0, ended: false }))
            .await?;
    let mut buffer = vec![0; BUFFER_BYTES];
    while !reader.ended {
        (reader, buffer) = blocking(move || {
            reader.take_turn(&mut buffer)?;
            if gently {
                // A hint: where it is not understood nothing is lost.
                let _ = rustix::fs::fadvise(&reader.file, 0, None, rustix::fs::Advice::DontNeed);
            }
            Ok((reader, buffer))
        })
        .await?;
        progress(reader.bytes);
        if let Some(limit) = limit {
            let due = Duration::from_nanos(reader.bytes.saturating_mul(1_000_000_000) / limit.max(1));
            tokio::time::sleep_until(started + due).await;
        }
    }
    Ok(FileHash { bytes: reader.bytes, sha256: hex::encode(reader.hash.finalize()) })
}

struct Reader {
    file: File,
    hash: Sha256,
    bytes: u64,
    ended: bool,
}

impl Reader {
    fn take_turn(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        for _ in 0..BUFFERS_A_TURN {
            let read = match self.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            let (fresh, _) = buffer.split_at(read);
            self.hash.update(fresh);
            self.bytes += read as u64;
            self.ended = read == 0;
            if self.ended {
                break;
            }
        }
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn length_and_hash_of_files_of_any_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for bytes in [0, 1, BUFFER_BYTES, BUFFER_BYTES * BUFFERS_A_TURN, BUFFER_BYTES * BUFFERS_A_TURN + 7] {
            let content: Vec<u8> = (0..=250).cycle().take(bytes).collect();
            std::fs::write(&path, &content).unwrap();
            let mut last = None;
            let hashed = hash_file(&path, |so_far| last = Some(so_far)).await.unwrap();
            assert_eq!(
                hashed,
                FileHash { bytes: bytes as u64, sha256: hex::encode(Sha256::digest(&content)) }
            );
            assert_eq!(last, Some(bytes as u64));
        }
    }

    #[tokio::test]
    async fn an_absent_file_is_told_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let error = hash_file(&folder.path().join("gone"), |_| {}).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
