//! The index of searches is kept up to date: whatever changes what is written about a recording marks it, in the same
//! transaction; here what is marked is read and indexed. A kill in between costs nothing, since the mark goes only after
//! the commit that holds the words.

mod batches;
mod store;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::batches::Turner;
use self::store::put;
use super::postings::{clear_some, is_damage, merge_some};
use crate::Archive;
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::MinuteToken;
use crate::store::{Store, StoreError};

/// Recordings that are gone through in one go.
const INDEXED_AT_ONCE: i64 = 1_024;
const IDLE_WAIT: Duration = Duration::from_secs(2);
const TROUBLE_WAIT: Duration = Duration::from_mins(1);
/// So soon the words of what was removed are nowhere in the index any more.
const CLEARED_EVERY_MS: i64 = 86_400_000;
const PUT_OFF_MS: i64 = 3_600_000;
/// When it was cleared last, unix ms.
const CLEARED: &str = "index_cleared";

/// Why nothing could be indexed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive's disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system starts no thread.
    #[error("no thread can be started for the index of searches: {0}. It is tried again by itself")]
    NoThread(#[from] std::io::Error),
    /// Our own code.
    #[error(
        "the index of searches broke down, as the log tells before. It is tried again by itself; please report it"
    )]
    BrokeDown,
}

/// Keeps the index of a catalogue; there is to be one at a time.
pub struct Indexer {
    catalog: Catalog,
    store: Store,
    stop: CancellationToken,
    /// None before it is needed.
    turner: Option<Turner>,
    /// Not to be cleared before, unix ms.
    put_off_ms: i64,
}

/// Indexes what is marked until told to stop.
pub async fn keep_indexed(archive: &Archive) {
    let mut keeper = Indexer::new(archive.catalog.clone(), archive.store.clone(), archive.stop.clone());
    let mut indexed = 0;
    while !archive.stop.is_cancelled() {
        let wait = match keeper.index_some().await {
            Ok(0) => {
                if indexed > 1 {
                    info!(recordings = indexed, "the index of searches is up to date");
                }
                indexed = 0;
                keeper.clear(archive.clock.now_ms()).await
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

impl Indexer {
    /// For a catalogue, and the archive that it knows.
    #[must_use]
    pub fn new(catalog: Catalog, store: Store, stop: CancellationToken) -> Self {
        Self { catalog, store, stop, turner: None, put_off_ms: 0 }
    }

    /// Indexes some of what is marked; how many.
    pub async fn index_some(&mut self) -> Result<usize, IndexError> {
        let marked = self.marked().await?;
        if marked.is_empty() {
            return Ok(0);
        }
        let turner = match self.turner.take() {
            Some(turner) => turner,
            None => Turner::start()?,
        };
        let (wanted, mut count) = (marked.len(), 0);
        let mut batches = turner.batches(self.catalog.clone(), self.store.clone(), marked);
        while let Some(batch) = batches.recv().await {
            let batch = batch?;
            let in_batch = batch.marks.len();
            let stored = put(&self.catalog, batch).await;
            self.mend(stored).await?;
            count += in_batch;
            metrics::counter!("vault_indexed_recordings_total")
                .increment(in_batch.try_into().unwrap_or_default());
            if self.stop.is_cancelled() {
                return Ok(count);
            }
        }
        if count < wanted {
            return Err(IndexError::BrokeDown);
        }
        self.turner = Some(turner);
        if let Err(error) = self.merge().await {
            warn!(%error, "the index of searches cannot be merged now; it is tried again with what comes next");
        }
        Ok(count)
    }

    async fn merge(&self) -> Result<(), CatalogError> {
        while !self.stop.is_cancelled() {
            let merged = merge_some(&self.catalog).await;
            if !self.mend(merged).await? {
                break;
            }
        }
        Ok(())
    }

    async fn marked(&self) -> Result<Vec<(MinuteToken, i64)>, CatalogError> {
        let sql = "SELECT minute_token, changes FROM unindexed ORDER BY minute_token LIMIT $1";
        let marked: Vec<(String, i64)> = self.catalog.db().rows(sql, args![INDEXED_AT_ONCE]).await?;
        let parsed = |(token, changes): (String, i64)| Some((MinuteToken::parse(&token).ok()?, changes));
        Ok(marked.into_iter().filter_map(parsed).collect())
    }

    /// Once a day, clears one segment of what is gone, until there is none; how long to wait before what comes next.
    async fn clear(&mut self, now_ms: i64) -> Duration {
        if now_ms < self.put_off_ms {
            return IDLE_WAIT;
        }
        let some = async {
            let noted = self.catalog.meta(CLEARED).await?.and_then(|text| text.parse::<i64>().ok());
            if noted.is_some_and(|at| (0..CLEARED_EVERY_MS).contains(&(now_ms - at))) {
                return Ok(false);
            }
            if merge_some(&self.catalog).await? || clear_some(&self.catalog).await? {
                return Ok(true);
            }
            self.catalog.set_meta(CLEARED, &now_ms.to_string()).await?;
            Ok(false)
        };
        match self.mend(some.await).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => IDLE_WAIT,
            Err(error) => {
                warn!(%error, "the index of searches cannot be cleared now; trying later");
                // Not at once: it takes room before it gives some.
                self.put_off_ms = now_ms + PUT_OFF_MS;
                IDLE_WAIT
            }
        }
    }

    /// What fails because the index is damaged goes on once it is made anew.
    async fn mend<T>(&self, done: Result<T, CatalogError>) -> Result<T, CatalogError> {
        if done.as_ref().is_err_and(is_damage) {
            self.catalog.begin_index_anew(None).await?;
        }
        done
    }
}

impl Catalog {
    /// How many recordings wait to be indexed.
    pub async fn unindexed(&self) -> Result<i64, CatalogError> {
        let row: Option<(i64,)> = self.db().row("SELECT COUNT(*) FROM unindexed", args![]).await?;
        Ok(row.map_or(0, |(count,)| count))
    }
}
