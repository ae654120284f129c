//! The index of searches is kept up to date: whatever changes what is written about a recording marks it, in the same
//! transaction; here what is marked is read and indexed. A kill between the two costs nothing, since the mark goes only
//! with the commit that holds the words.

use std::time::Duration;

use futures_util::StreamExt as _;
use tracing::{error, info, warn};

use super::{Document, Opened};
use crate::Archive;
use crate::catalog::{Catalog, CatalogError, Db, Tx, args};
use crate::model::MinuteToken;
use crate::store::{Store, StoreError};

/// Recordings that are gone through in one go.
const INDEXED_AT_ONCE: i64 = 400;
/// Recordings whose words are stored in one transaction: others wait for the writer meanwhile.
const STORED_AT_ONCE: usize = 40;
/// Read beside the storing of those before.
const READ_AHEAD: usize = 40;
const IDLE_WAIT: Duration = Duration::from_secs(2);
const TROUBLE_WAIT: Duration = Duration::from_mins(1);
/// 2020-01-01, before which there are no minutes; numbers of documents are seconds since then.
const FIRST_SECOND: i64 = 1_577_836_800;
/// So many numbers behind its time are tried one by one.
const NEAR: i64 = 32;
/// A document that is so far from its time, in seconds, gets a new number.
const TOLERANCE: i64 = 3_600;

/// Why nothing could be indexed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive's disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Indexes what is marked until told to stop.
pub async fn keep_indexed(archive: &Archive) {
    let mut indexed = 0;
    while !archive.stop.is_cancelled() {
        let wait = match index_some(&archive.catalog, &archive.store).await {
            Ok(0) => {
                if indexed > 1 {
                    info!(recordings = indexed, "the index of searches is up to date");
                }
                indexed = 0;
                IDLE_WAIT
            }
            Ok(count) => {
                indexed += count;
                Duration::ZERO
            }
            Err(error) => {
                warn!(%error, "texts cannot be indexed now; trying later");
                TROUBLE_WAIT
            }
        };
        tokio::select! {
            () = archive.stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// A recording as it was read for the index.
struct Read {
    token: MinuteToken,
    /// How often it had been marked by then.
    changes: i64,
    found: Found,
}

/// What was found of a recording.
enum Found {
    /// Nothing that may be searched any more.
    Gone,
    /// A text at which our own code breaks down; what is indexed of it stays.
    Unreadable,
    /// When it was made, unix ms, and its words.
    Text { made_ms: i64, words: String },
}

/// Indexes some of what is marked; how many.
pub async fn index_some(catalog: &Catalog, store: &Store) -> Result<usize, IndexError> {
    let marked: Vec<(String, i64)> = catalog
        .db()
        .rows(
            "SELECT minute_token, changes FROM unindexed ORDER BY minute_token LIMIT $1",
            args![INDEXED_AT_ONCE],
        )
        .await?;
    let tokens =
        marked.into_iter().filter_map(|(token, changes)| Some((MinuteToken::parse(&token).ok()?, changes)));
    let reads = futures_util::stream::iter(tokens)
        .map(|(token, changes)| read_beside(catalog.clone(), store.clone(), token, changes))
        .buffered(READ_AHEAD);
    // SQLite syncs its disk with each commit; PostgreSQL would have others wait for rows, perhaps in a circle.
    let in_one = if matches!(catalog.db(), Db::Sqlite { .. }) { STORED_AT_ONCE } else { 1 };
    let mut batches = std::pin::pin!(reads.chunks(in_one));
    let mut count = 0;
    while let Some(batch) = batches.next().await {
        let mut tx = catalog.db().begin().await?;
        for read in batch {
            put(&mut tx, read?).await?;
            count += 1;
        }
        tx.commit().await?;
    }
    if count > STORED_AT_ONCE {
        catalog.db().fold_log().await?;
    }
    if count > 0 {
        metrics::counter!("vault_indexed_recordings_total").increment(count.try_into().unwrap_or_default());
    }
    Ok(count)
}

/// Goes on while nobody waits for it.
async fn read_beside(
    catalog: Catalog,
    store: Store,
    token: MinuteToken,
    changes: i64,
) -> Result<Read, IndexError> {
    let this = token.clone();
    let found = match tokio::spawn(async move { find(&catalog, &store, &this).await }).await {
        Ok(found) => found?,
        Err(panic) => {
            error!(recording = %token, %panic, "what is written about a recording cannot be indexed");
            Found::Unreadable
        }
    };
    Ok(Read { token, changes, found })
}

async fn find(catalog: &Catalog, store: &Store, token: &MinuteToken) -> Result<Found, IndexError> {
    let opened = catalog.everything_of(token).await?;
    let Some(opened) = opened.filter(|opened| !opened.recording.state.is_removed()) else {
        return Ok(Found::Gone);
    };
    let made_ms = opened.recording.created_ms.unwrap_or(opened.recording.found_at);
    let document = Document::read(store, &opened).await?;
    Ok(match tokio::task::spawn_blocking(move || document.words()).await {
        Ok(words) => Found::Text { made_ms, words },
        Err(panic) => {
            error!(recording = %token, %panic, "the words of a recording cannot be told apart");
            Found::Unreadable
        }
    })
}

impl Catalog {
    /// All that is known of a recording, for nobody in particular: never for an answer to anybody.
    async fn everything_of(&self, token: &MinuteToken) -> Result<Option<Opened>, CatalogError> {
        let Some(recording) = self.recording(token).await? else { return Ok(None) };
        let (artifacts, people) = (self.artifacts(token).await?, self.people_of(token).await?);
        Ok(Some(Opened { recording, artifacts, people }))
    }

    /// How many recordings wait to be indexed.
    pub async fn unindexed(&self) -> Result<i64, CatalogError> {
        let row: Option<(i64,)> = self.db().row("SELECT COUNT(*) FROM unindexed", args![]).await?;
        Ok(row.map_or(0, |(count,)| count))
    }
}

async fn put(tx: &mut Tx, read: Read) -> Result<(), CatalogError> {
    let Read { token, changes, found } = read;
    if let Found::Text { made_ms, words } = found {
        let second = (made_ms / 1_000 - FIRST_SECOND).max(0);
        let document = document_of(tx, &token, second).await?;
        if tx.is_sqlite() {
            tx.execute("DELETE FROM words WHERE rowid = $1", args![document]).await?;
            tx.execute("INSERT INTO words (rowid, text) VALUES ($1, $2)", args![document, words]).await?;
        } else {
            let sql = "UPDATE documents SET words = CAST($2 AS TSVECTOR) WHERE document = $1";
            tx.execute(sql, args![document, words]).await?;
        }
    } else if matches!(found, Found::Gone) {
        tx.execute("DELETE FROM documents WHERE minute_token = $1", args![&token]).await?;
    }
    // Marked again while it was read, it is read again.
    let sql = "DELETE FROM unindexed WHERE minute_token = $1 AND changes = $2";
    tx.execute(sql, args![&token, changes]).await?;
    Ok(())
}

/// The number of a recording's document: the second in which it was made, or the next free one.
async fn document_of(tx: &mut Tx, token: &MinuteToken, second: i64) -> Result<i64, CatalogError> {
    let known: Option<(i64,)> =
        tx.row("SELECT document FROM documents WHERE minute_token = $1", args![token]).await?;
    if let Some((document,)) = known {
        if document.abs_diff(second) <= TOLERANCE.unsigned_abs() {
            return Ok(document);
        }
        tx.execute("DELETE FROM documents WHERE document = $1", args![document]).await?;
    }
    let sql =
        "INSERT INTO documents (document, minute_token) VALUES ($1, $2) ON CONFLICT (document) DO NOTHING";
    for document in second..second + NEAR {
        if tx.execute(sql, args![document, token]).await? == 1 {
            return Ok(document);
        }
    }
    // Thousands that are found at once, and of which nothing else tells their time yet, would each try all numbers of
    // those before.
    let mut document = second;
    loop {
        let behind = "SELECT MAX(document) FROM documents WHERE document >= $1 AND document <= $2";
        let last: Option<(Option<i64>,)> = tx.row(behind, args![document, document + TOLERANCE]).await?;
        document = last.and_then(|(last,)| last).map_or(document, |last| last + 1);
        if tx.execute(sql, args![document, token]).await? == 1 {
            return Ok(document);
        }
    }
}
