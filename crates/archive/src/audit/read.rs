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
    /// Only rows of this number or a later one.
    pub from: Option<i64>,
    /// Only rows before this number.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Newest first, read in the order of an index: `$1` to `$3` are actor, verb and subject, or empty; `$4` and `$5` the time;
/// `$6` and `$7` the numbers. The time is no range of an index: SQLite would sort all that lies in it.
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
                    AND at_ms + 0 >= $4 AND at_ms + 0 < $5 AND number >= $6 AND number < $7
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

    /// The statement that finds its rows: by what was done to something, else by whom, else by what was done.
    fn statement(&self) -> &'static str {
        if !bound(self.subject.as_ref()).is_empty() {
            newest!("SUBSTR(subject, 1, 200) = SUBSTR($3, 1, 200)")
        } else if !self.actors.is_empty() {
            newest!("actor = $1")
        } else if !bound(self.verb.as_ref()).is_empty() {
            newest!("verb = $2")
        } else {
            newest!("TRUE")
        }
    }
}

/// What is not asked for is bound as an empty text.
fn bound(wanted: Option<&String>) -> &str {
    wanted.map(String::as_str).unwrap_or_default()
}

impl Catalog {
    /// Rows of the audit log, newest first.
    pub async fn audit_rows(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, CatalogError> {
        let filter = self.settled(filter).await?;
        let (since_ms, until_ms) = filter.time();
        let anybody = [String::new()];
        let actors = if filter.actors.is_empty() { anybody.as_slice() } else { filter.actors.as_slice() };
        let mut rows: Vec<AuditRow> = Vec::new();
        for actor in actors {
            let values = args![
                actor.as_str(),
                bound(filter.verb.as_ref()),
                bound(filter.subject.as_ref()),
                since_ms,
                until_ms,
                filter.from,
                filter.before.unwrap_or(i64::MAX),
                filter.limit
            ];
            rows.extend(self.db().rows::<AuditRow>(filter.statement(), values).await?);
        }
        rows.sort_by_key(|row| Reverse(row.number));
        rows.dedup_by_key(|row| row.number);
        rows.truncate(usize::try_from(filter.limit).unwrap_or_default());
        Ok(rows)
    }

    /// The same filter between fixed numbers, so that page after page is of one log: what is written meanwhile lies
    /// beyond them, and the time is looked up once. Rows of other times may lie between them where a clock was set back.
    pub async fn settled(&self, filter: &AuditFilter) -> Result<AuditFilter, CatalogError> {
        let is_everything = filter.since_ms.is_none() && filter.until_ms.is_none() && filter.actors.len() < 2;
        if is_everything || filter.from.is_some() {
            return Ok(AuditFilter { from: filter.from.or(Some(i64::MIN)), ..filter.clone() });
        }
        // Sums, so that PostgreSQL reads what lies in that time, and not all numbers until one does.
        let sql = "SELECT MIN(number + 0), MAX(number + 0) FROM audit WHERE at_ms >= $1 AND at_ms < $2";
        let (since_ms, until_ms) = filter.time();
        let ends: Option<(Option<i64>, Option<i64>)> = self.db().row(sql, args![since_ms, until_ms]).await?;
        let (first, last) = ends.and_then(|(first, last)| first.zip(last)).unwrap_or((0, -1));
        let before = filter.before.unwrap_or(i64::MAX).min(last.saturating_add(1));
        Ok(AuditFilter { from: Some(first), before: Some(before), ..filter.clone() })
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
