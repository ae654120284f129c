//! Reading the log, for pages and for export.

use std::cmp::Reverse;

use serde::Serialize;

use crate::catalog::{Catalog, CatalogError, args};

/// One row, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct AuditRow {
    /// Its place in the chain, from 1, without gaps.
    pub number: i64,
    /// When, unix ms.
    pub at_ms: i64,
    /// Who (open_id).
    pub actor: String,
    /// What: a word of [`super::Verb`].
    pub verb: String,
    /// To what.
    pub subject: String,
    /// What else there is to say.
    pub detail: Option<String>,
    /// The address that it came from.
    pub from_address: String,
    /// Covers this row and the hash of the row before it; lowercase hex SHA-256.
    pub hash: String,
    /// What the recording is called by now that it is about, unless it was taken away; no part of the log, and in lists
    /// alone.
    #[sqlx(default)]
    #[serde(skip)]
    pub title: Option<String>,
}

/// Which rows to read.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only by these people (open_id); empty: by anybody.
    pub actors: Vec<String>,
    /// Only this verb.
    pub verb: Option<String>,
    /// Only of this subject, exactly.
    pub subject: Option<String>,
    /// From here on, unix ms.
    pub since_ms: Option<i64>,
    /// Before this, unix ms.
    pub until_ms: Option<i64>,
    /// Only rows before this number.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Newest first, read in the order of an index: `$1` to `$3` are actor, verb and subject, or empty; `$4` and `$5` the time;
/// `$6` and `$7` the numbers, both among them. The time is no range of an index: SQLite would sort all that lies in it.
macro_rules! newest {
    ($by:literal) => {
        concat!(
            "SELECT a.number, a.at_ms, a.actor, a.verb, a.subject, a.detail, a.from_address, a.hash,
                CASE WHEN r.state NOT IN ('trashed', 'purged') THEN COALESCE(r.title, '') END AS title
             FROM (
                SELECT number, at_ms, actor, verb, subject, detail, from_address, hash FROM audit
                WHERE ",
            $by,
            " AND ($1 = '' OR actor = $1) AND ($2 = '' OR verb = $2) AND ($3 = '' OR subject = $3)
                    AND at_ms + 0 >= $4 AND at_ms + 0 < $5 AND number >= $6 AND number <= $7
                ORDER BY number DESC LIMIT $8
             ) a LEFT JOIN recordings r ON r.minute_token = a.subject ORDER BY a.number DESC"
        )
    };
}

impl AuditFilter {
    /// From when until before when, unix ms.
    fn time(&self) -> (i64, i64) {
        (self.since_ms.unwrap_or(i64::MIN), self.until_ms.unwrap_or(i64::MAX))
    }

    /// The statement that finds its rows by the rarest of what is asked for.
    fn statement(&self) -> &'static str {
        if self.subject.is_some() {
            newest!("subject = $3")
        } else if !self.actors.is_empty() {
            newest!("actor = $1")
        } else if self.verb.is_some() {
            newest!("verb = $2")
        } else {
            newest!("TRUE")
        }
    }
}

impl Catalog {
    /// Rows of the audit log, newest first.
    pub async fn audit_rows(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, CatalogError> {
        let (since_ms, until_ms) = filter.time();
        let Some((first, last)) = self.audit_numbers(filter).await? else { return Ok(Vec::new()) };
        let last = filter.before.map_or(last, |before| last.min(before.saturating_sub(1)));
        let anybody = [String::new()];
        let actors = if filter.actors.is_empty() { anybody.as_slice() } else { filter.actors.as_slice() };
        let mut rows: Vec<AuditRow> = Vec::new();
        for actor in actors {
            let values = args![
                actor.as_str(),
                filter.verb.as_deref().unwrap_or_default(),
                filter.subject.as_deref().unwrap_or_default(),
                since_ms,
                until_ms,
                first,
                last,
                filter.limit
            ];
            rows.extend(self.db().rows::<AuditRow>(filter.statement(), values).await?);
        }
        rows.sort_by_key(|row| Reverse(row.number));
        rows.truncate(usize::try_from(filter.limit).unwrap_or_default());
        Ok(rows)
    }

    /// Between which numbers the rows of the time asked for lie, both among them; none: there are none. Others may lie
    /// between them where a clock was set back.
    async fn audit_numbers(&self, filter: &AuditFilter) -> Result<Option<(i64, i64)>, CatalogError> {
        if filter.since_ms.is_none() && filter.until_ms.is_none() {
            return Ok(Some((i64::MIN, i64::MAX)));
        }
        let sql = "SELECT MIN(number), MAX(number) FROM audit WHERE at_ms >= $1 AND at_ms < $2";
        let (since_ms, until_ms) = filter.time();
        let row: Option<(Option<i64>, Option<i64>)> = self.db().row(sql, args![since_ms, until_ms]).await?;
        Ok(row.and_then(|(first, last)| first.zip(last)))
    }

    /// Rows of the audit log behind a number, oldest first.
    pub async fn audit_rows_after(&self, number: i64, limit: i64) -> Result<Vec<AuditRow>, CatalogError> {
        after(self, number, limit).await
    }
}

pub(super) async fn after(catalog: &Catalog, number: i64, limit: i64) -> Result<Vec<AuditRow>, CatalogError> {
    catalog
        .db()
        .rows(
            "SELECT number, at_ms, actor, verb, subject, detail, from_address, hash FROM audit
             WHERE number > $1 ORDER BY number LIMIT $2",
            args![number, limit],
        )
        .await
}
