//! The whole archive held against the catalogue: is every file there, of its size, and, when asked, byte for
//! byte what was archived? It mends nothing and prints nothing; it says what it found.

use std::path::Path;
use std::time::Duration;

use super::{Mp4Fault, check_mp4_file, hash_file_at};
use crate::catalog::{Catalog, CatalogError, FileFact};
use crate::model::{ArtifactKind, ArtifactState, Clock, MinuteToken};
use crate::store::{Store, StoreError};

/// Files asked of the catalogue at once.
const PAGE: i64 = 500;
/// Between the renaming of a new file and its entry in the catalogue lie milliseconds.
const COMMIT_PAUSE: Duration = Duration::from_secs(1);

/// How much of each file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Existence and size; the structure of media, some kilobytes of each.
    Structure,
    /// Every byte.
    Hashes,
}

/// How files are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// How much of each.
    pub depth: Depth,
    /// Bytes a second; `None`: as fast as the disk.
    pub limit: Option<u64>,
}

/// Where the last audit of every byte came to, as `token kind`; empty when it came to its end.
const CURSOR: &str = "audit_cursor";

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// It is not there.
    #[error("it is not there")]
    Missing,
    /// It has another size.
    #[error("it has {found} bytes instead of {expected}")]
    Size {
        /// As archived.
        expected: u64,
        /// On disk.
        found: u64,
    },
    /// It has other bytes.
    #[error("its bytes are not those that were archived (SHA-256 {found})")]
    Hash {
        /// Of the file on disk, lowercase hex.
        found: String,
    },
    /// It is not a whole recording.
    #[error("{0}")]
    Structure(String),
    /// The system would not let us read it, or a link stands in its place.
    #[error("{0}")]
    Unreadable(String),
}

impl FileFault {
    /// Whether there is no file at all.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// What an audit tells while it goes on.
#[derive(Debug)]
pub enum Finding<'a> {
    /// So many more bytes were read, or need not be.
    Read(u64),
    /// A file is what it should be.
    Good(&'a FileFact),
    /// A file is not.
    Bad(&'a FileFact, &'a FileFault),
}

/// The sum of an audit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct AuditSum {
    /// Files that are what they should be.
    pub good: u64,
    /// Files that are there, and wrong.
    pub damaged: u64,
    /// Files that are not there.
    pub missing: u64,
    /// Bytes of all files, as archived.
    pub bytes: u64,
}

/// Why an audit could not go on.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The catalogue does not answer.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive as a whole cannot be read: says nothing about single files.
    #[error(transparent)]
    Store(StoreError),
}

/// Goes through every file that the catalogue believes to be there; with `resume` from where the last audit of
/// every byte was broken off. A file whose every byte was read and is right is marked as verified.
pub async fn audit(
    catalog: &Catalog,
    store: &Store,
    clock: &dyn Clock,
    reading: Reading,
    resume: bool,
    mut tell: impl FnMut(Finding<'_>),
) -> Result<AuditSum, AuditError> {
    let mut sum = AuditSum::default();
    let mut after = (String::new(), String::new());
    if resume
        && let Some(cursor) = catalog.meta(CURSOR).await?
        && let Some((token, kind)) = cursor.split_once(' ')
    {
        after = (token.to_owned(), kind.to_owned());
    }
    loop {
        let page = catalog.files_after(&after.0, &after.1, PAGE).await?;
        for fact in &page {
            sum.bytes += bytes(fact);
            match inspect(catalog, store, reading, fact, &mut tell).await? {
                None => {
                    sum.good += 1;
                    if reading.depth == Depth::Hashes {
                        catalog.artifact_verified(&fact.minute_token, fact.kind, clock.now_ms()).await?;
                    }
                    tell(Finding::Good(fact));
                }
                Some(fault) => {
                    *(if fault.is_missing() { &mut sum.missing } else { &mut sum.damaged }) += 1;
                    tell(Finding::Bad(fact, &fault));
                }
            }
            if reading.depth == Depth::Hashes {
                catalog.set_meta(CURSOR, &format!("{} {}", fact.minute_token, fact.kind)).await?;
            }
        }
        let Some(last) = page.last() else {
            if reading.depth == Depth::Hashes {
                catalog.set_meta(CURSOR, "").await?;
            }
            return Ok(sum);
        };
        after = (last.minute_token.clone(), last.kind.to_string());
    }
}

/// Looks at one file; a second time when it may just have been fetched anew.
pub(super) async fn inspect(
    catalog: &Catalog,
    store: &Store,
    reading: Reading,
    fact: &FileFact,
    tell: &mut impl FnMut(Finding<'_>),
) -> Result<Option<FileFault>, AuditError> {
    let fault = look(store, reading, fact, tell).await?;
    match fault {
        Some(FileFault::Size { .. } | FileFault::Hash { .. }) => {}
        // Removed on purpose while others were read.
        Some(FileFault::Missing) if present_fact(catalog, fact).await?.is_none() => return Ok(None),
        fault => return Ok(fault),
    }
    tokio::time::sleep(COMMIT_PAUSE).await;
    match present_fact(catalog, fact).await? {
        Some(present) if present.sha256 != fact.sha256 => look(store, reading, &present, &mut |_| {}).await,
        Some(_) => Ok(fault),
        // No longer believed to be there: nothing is wrong with it.
        None => Ok(None),
    }
}

async fn present_fact(catalog: &Catalog, fact: &FileFact) -> Result<Option<FileFact>, CatalogError> {
    let Ok(token) = MinuteToken::parse(&fact.minute_token) else { return Ok(None) };
    let artifacts = catalog.artifacts(&token).await?;
    Ok(artifacts.into_iter().find_map(|artifact| {
        let is_it = artifact.kind == fact.kind && artifact.state == ArtifactState::Done;
        is_it.then(|| FileFact {
            file_name: artifact.file_name.unwrap_or_else(|| fact.file_name.clone()),
            bytes: artifact.bytes.unwrap_or(fact.bytes),
            sha256: artifact.sha256.unwrap_or_else(|| fact.sha256.clone()),
            ..fact.clone()
        })
    }))
}

async fn look(
    store: &Store,
    Reading { depth, limit }: Reading,
    fact: &FileFact,
    tell: &mut impl FnMut(Finding<'_>),
) -> Result<Option<FileFault>, AuditError> {
    let path = match store.locate(&Path::new(&fact.dir).join(&fact.file_name)).await {
        Ok(path) => path,
        Err(StoreError::Missing { .. }) => return Ok(Some(FileFault::Missing)),
        Err(error @ StoreError::ArchiveGone { .. }) => return Err(AuditError::Store(error)),
        Err(error) => return Ok(Some(FileFault::Unreadable(error.to_string()))),
    };
    let unreadable = |error: std::io::Error| Ok(Some(FileFault::Unreadable(error.to_string())));
    let expected = bytes(fact);
    let found = match tokio::fs::metadata(&path).await {
        Ok(facts) => facts.len(),
        Err(error) => return unreadable(error),
    };
    if found != expected {
        tell(Finding::Read(expected));
        return Ok(Some(FileFault::Size { expected, found }));
    }
    if depth == Depth::Structure {
        tell(Finding::Read(expected));
        if fact.kind != ArtifactKind::Media {
            return Ok(None);
        }
        return match check_mp4_file(&path).await {
            Ok(_) => Ok(None),
            Err(Mp4Fault::Io(error)) => unreadable(error),
            Err(fault) => Ok(Some(FileFault::Structure(fault.to_string()))),
        };
    }
    let mut told = 0;
    let hashed = hash_file_at(&path, limit, |so_far| {
        tell(Finding::Read(so_far - told));
        told = so_far;
    });
    match hashed.await {
        Ok(hash) if hash.sha256 == fact.sha256 => Ok(None),
        Ok(hash) => Ok(Some(FileFault::Hash { found: hash.sha256 })),
        Err(error) => unreadable(error),
    }
}

fn bytes(fact: &FileFact) -> u64 {
    u64::try_from(fact.bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Arg, Db, FinishedFile};

    const TOKEN: &str = "obcn37dxcftoc3656rgyejm7";

    async fn put(catalog: &Catalog, store: &Store, content: &[u8]) {
        let token = MinuteToken::parse(TOKEN).unwrap();
        let committed = store.put_small(Path::new("a"), "x.txt", content).await.unwrap();
        let file = FinishedFile::new("x.txt".to_owned(), committed.bytes, committed.sha256);
        catalog.artifact_done(&token, ArtifactKind::TranscriptTxt, &file, 1).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_fetched_anew_meanwhile_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::new(Db::open_sqlite(&folder.path().join("catalogue.db")).await.unwrap());
        let store = Store::open(folder.path().join("files")).await.unwrap();
        let insert = "INSERT INTO recordings (minute_token, state, dir, stem, found_at) VALUES ($1, 'archived', 'a', 'x', 1)";
        catalog.db().execute(insert, vec![Arg::from(TOKEN)]).await.unwrap();
        put(&catalog, &store, b"as it was").await;
        let old = catalog.files_after("", "", 1).await.unwrap().remove(0);
        put(&catalog, &store, b"as it is now").await;
        for depth in [Depth::Structure, Depth::Hashes] {
            let fault =
                inspect(&catalog, &store, Reading { depth, limit: None }, &old, &mut |_| {}).await.unwrap();
            assert!(fault.is_none(), "{fault:?}");
        }
        // The catalogue knows the new file by now: what differs from that is damage.
        std::fs::write(folder.path().join("files/a/x.txt"), "as it is not").unwrap();
        let fault =
            inspect(&catalog, &store, Reading { depth: Depth::Hashes, limit: None }, &old, &mut |_| {})
                .await
                .unwrap();
        assert!(matches!(fault, Some(FileFault::Hash { .. })), "{fault:?}");
    }
}
