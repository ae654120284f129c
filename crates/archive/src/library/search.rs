//! The search: the index names the documents that have all words of a query; of these only those count that the viewer
//! may open, the newest first. Then their texts are read, and what does not hold the query word for word is left out.

use std::collections::HashSet;

use futures_util::StreamExt as _;
use tracing::error;

use super::index::IndexError;
use super::reach::reached;
use super::{Document, Excerpts, Opened, SearchQuery};
use crate::catalog::{Arg, Catalog, CatalogError, args};
use crate::model::{MinuteToken, Viewer};
use crate::store::Store;

/// More than so many are not counted.
pub const MOST_FOUND: usize = 1_000;
/// Recordings whose texts are read for one page, at most: a phrase may be rarer than its words.
const MOST_READ: usize = 60;
/// Of these, at the same time.
const READ_AT_ONCE: usize = 4;

/// A recording in which something was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The recording, with its people and parts.
    pub opened: Opened,
    /// What was found.
    pub excerpts: Excerpts,
}

/// A page of what was found.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Newest first.
    pub found: Vec<Found>,
    /// How many recordings have the words that are looked for, up to 1,000; where a query has words in a row, some of them may have
    /// these apart. Of a later page: how many are left.
    pub count: usize,
    /// What to ask for the next page, if there is one.
    pub next: Option<i64>,
}

/// The numbers of the documents that the person `$1` may open.
const REACHED: &str = concat!("SELECT document FROM documents WHERE minute_token IN (", reached!(), ")");
/// What was removed and is in the index still; it is marked until it is not.
const REMOVED: &str = "SELECT d.document FROM unindexed u CROSS JOIN recordings r CROSS JOIN documents d
    WHERE r.minute_token = u.minute_token AND r.state IN ('trashed', 'purged') AND d.minute_token = u.minute_token";

impl Catalog {
    /// The documents before one that may answer a query, the newest first, and only those that the viewer may open.
    async fn candidates(
        &self,
        viewer: &Viewer,
        query: &SearchQuery,
        before: i64,
    ) -> Result<Vec<u32>, CatalogError> {
        // First, for it names what the index may let go of meanwhile.
        let removed = self.numbers(REMOVED, args![]).await?;
        let mut found = query.documents(self).await?;
        found.retain(|document| i64::from(*document) < before);
        if found.is_empty() {
            return Ok(found);
        }
        found.retain(|document| !removed.contains(&i64::from(*document)));
        if !viewer.may_open_everything() {
            let reached = self.numbers(REACHED, args![&viewer.open_id]).await?;
            found.retain(|document| reached.contains(&i64::from(*document)));
        }
        found.reverse();
        found.truncate(MOST_FOUND);
        Ok(found)
    }

    async fn numbers(&self, sql: &'static str, values: Vec<Arg>) -> Result<HashSet<i64>, CatalogError> {
        let rows: Vec<(i64,)> = self.db().rows(sql, values).await?;
        Ok(rows.into_iter().map(|(document,)| document).collect())
    }

    /// A page of at most `limit` recordings that answer a query, before the document `before`.
    pub async fn search(
        &self,
        store: &Store,
        viewer: &Viewer,
        query: &SearchQuery,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page, IndexError> {
        let candidates = self.candidates(viewer, query, before.unwrap_or(i64::MAX)).await?;
        let mut page = Page { count: candidates.len(), ..Page::default() };
        let end = candidates.last().copied();
        let mut reads = futures_util::stream::iter(candidates.into_iter().take(MOST_READ))
            .map(|document| async move { (document, self.look_into(store, viewer, document, query).await) })
            .buffered(READ_AT_ONCE);
        let mut last = None;
        while page.found.len() < limit
            && let Some((document, found)) = reads.next().await
        {
            last = Some(document);
            page.found.extend(found?);
        }
        page.next = last.filter(|_| last != end).map(i64::from);
        if page.next.is_none() {
            page.count = page.found.len();
        }
        Ok(page)
    }

    /// The number of a recording's document, after which [`Catalog::search`] goes on; none for what may not be opened.
    pub async fn document_number(
        &self,
        viewer: &Viewer,
        token: &MinuteToken,
    ) -> Result<Option<i64>, CatalogError> {
        if !self.may_open(viewer, token).await? {
            return Ok(None);
        }
        let sql = "SELECT document FROM documents WHERE minute_token = $1";
        let row: Option<(i64,)> = self.db().row(sql, args![token]).await?;
        Ok(row.map(|(document,)| document))
    }

    async fn look_into(
        &self,
        store: &Store,
        viewer: &Viewer,
        document: u32,
        query: &SearchQuery,
    ) -> Result<Option<Found>, IndexError> {
        let sql = "SELECT minute_token FROM documents WHERE document = $1";
        let row: Option<(String,)> = self.db().row(sql, args![i64::from(document)]).await?;
        let Some(token) = row.and_then(|(token,)| MinuteToken::parse(&token).ok()) else { return Ok(None) };
        let Some(opened) = self.opened(viewer, &token).await? else { return Ok(None) };
        let document = Document::read(store, &opened).await?;
        let query = query.clone();
        let find = tokio::task::spawn_blocking(move || Excerpts::find(&document, &query));
        let excerpts = find.await.unwrap_or_else(|panic| {
            error!(recording = %token, %panic, "a recording cannot be searched");
            None
        });
        Ok(excerpts.map(|excerpts| Found { opened, excerpts }))
    }
}
