//! The search: the index names the recordings that have all words of a query, newest first and only those that the
//! viewer may open; then their texts are read, and what does not hold the query word for word is left out.

use futures_util::StreamExt as _;
use tracing::error;

use super::index::IndexError;
use super::reach::reached;
use super::{Document, Excerpts, Opened, SearchQuery};
use crate::catalog::{Catalog, CatalogError, Db, args};
use crate::model::{MinuteToken, Viewer};
use crate::store::Store;

/// More than so many are not counted.
const COUNTED: i64 = 1_000;
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
    /// How many recordings have all the words, up to 1,000; where a query has words in a row, some of them may have
    /// these apart. Of a later page: how many are left.
    pub count: i64,
    /// What to ask for the next page, if there is one.
    pub next: Option<i64>,
}

macro_rules! sqlite {
    ($reach:expr) => {
        // The plus keeps the database from asking the index once for each recording that the viewer may open.
        concat!(
            "SELECT d.minute_token, d.document FROM words JOIN documents d ON d.document = words.rowid
             WHERE words MATCH $2 AND words.rowid < $3 AND ",
            $reach,
            " ORDER BY words.rowid DESC LIMIT $4"
        )
    };
}

macro_rules! postgres {
    ($reach:expr) => {
        concat!(
            "SELECT d.minute_token, d.document FROM documents d
             WHERE d.words @@ CAST($2 AS TSQUERY) AND d.document < $3 AND ",
            $reach,
            " ORDER BY d.document DESC LIMIT $4"
        )
    };
}

const SQLITE_REACHED: &str = sqlite!(concat!(
    "+words.rowid IN (SELECT document FROM documents WHERE minute_token IN (",
    reached!(),
    "))"
));
const SQLITE_ALL: &str = sqlite!("$1 <> ''");
const POSTGRES_REACHED: &str = postgres!(concat!("d.minute_token IN (", reached!(), ")"));
const POSTGRES_ALL: &str = postgres!("$1 <> ''");

impl Catalog {
    /// The newest recordings before a document that may answer a query, with their documents' numbers.
    async fn candidates(
        &self,
        viewer: &Viewer,
        query: &SearchQuery,
        before: i64,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, CatalogError> {
        let (sql, words) = match (self.db(), viewer.may_open_everything()) {
            (Db::Sqlite { .. }, false) => (SQLITE_REACHED, query.for_sqlite()),
            (Db::Sqlite { .. }, true) => (SQLITE_ALL, query.for_sqlite()),
            (Db::Postgres(_), false) => (POSTGRES_REACHED, query.for_postgres()),
            (Db::Postgres(_), true) => (POSTGRES_ALL, query.for_postgres()),
        };
        self.db().rows(sql, args![&viewer.open_id, words, before, limit]).await
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
        let candidates = self.candidates(viewer, query, before.unwrap_or(i64::MAX), COUNTED).await?;
        let mut page = Page { count: candidates.len().try_into().unwrap_or(COUNTED), ..Page::default() };
        let end = candidates.last().map(|(_, document)| *document);
        let mut reads =
            futures_util::stream::iter(candidates.into_iter().take(MOST_READ))
                .map(|(token, document)| async move {
                    (document, self.look_into(store, viewer, &token, query).await)
                })
                .buffered(READ_AT_ONCE);
        let mut last = None;
        while page.found.len() < limit
            && let Some((document, found)) = reads.next().await
        {
            last = Some(document);
            page.found.extend(found?);
        }
        page.next = last.filter(|_| last != end);
        if page.next.is_none() {
            page.count = page.found.len().try_into().unwrap_or(COUNTED);
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
        token: &str,
        query: &SearchQuery,
    ) -> Result<Option<Found>, IndexError> {
        let Ok(token) = MinuteToken::parse(token) else { return Ok(None) };
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
