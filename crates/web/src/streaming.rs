//! Files on their way to a browser: straight from the disk in large pieces, the next one being read while one is sent.
//! Who reads slowly holds two pieces in memory and no thread.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::task::{JoinHandle, spawn_blocking};

/// Large enough for the disk and the socket, small enough for a thousand readers.
const PIECE_BYTES: u64 = 256 << 10;

type Reading = JoinHandle<io::Result<(File, Bytes)>>;

/// These bytes of a file; an error when it has become shorter.
pub(crate) fn stream(file: File, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let start = range.start;
    let first = read_next(
        move || {
            let mut file = file;
            file.seek(SeekFrom::Start(start))?;
            Ok(file)
        },
        range.end - start,
    );
    unfold(Some((first, range.end - range.start)), |state| async move {
        let (reading, left) = state?;
        if left == 0 {
            return None;
        }
        let read = match reading.await {
            Ok(read) => read,
            Err(stopped) => Err(io::Error::other(stopped)),
        };
        match read {
            Ok((file, piece)) => {
                let left = left.saturating_sub(piece.len() as u64);
                Some((Ok(piece), Some((read_next(move || Ok(file), left), left))))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// Begins to read the next piece, where `left` bytes are to come.
fn read_next(file: impl FnOnce() -> io::Result<File> + Send + 'static, left: u64) -> Reading {
    spawn_blocking(move || {
        let mut file = file()?;
        let wanted = left.min(PIECE_BYTES);
        let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        let read = (&mut file).take(wanted).read_to_end(&mut piece)?;
        if (read as u64) < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((file, piece.into()))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use futures_util::TryStreamExt as _;

    use super::*;

    async fn read(content: &[u8], range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut file = tempfile::tempfile()?;
        file.write_all(content)?;
        stream(file, range)
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
    }

    #[tokio::test]
    async fn exactly_the_bytes_that_are_wanted_come() {
        let content: Vec<u8> = (0..700_000_u32).map(|number| number.to_le_bytes()[1]).collect();
        for range in [0..700_000, 0..1, 699_999..700_000, 262_143..262_145, 262_144..524_288, 5..5] {
            let expected =
                &content[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            assert_eq!(read(&content, range.clone()).await.unwrap(), expected, "{range:?}");
        }
    }

    #[tokio::test]
    async fn a_file_that_ends_early_is_an_error_and_not_a_short_answer() {
        assert_eq!(read(&[1; 10], 0..11).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
