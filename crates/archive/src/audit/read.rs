//! Reading the log, for pages and for export.

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

impl Catalog {
    /// Rows of the audit log, newest first.
    pub async fn audit_rows(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, CatalogError> {
        // A list in one text: no id holds a comma.
        let actors: Vec<String> =
            filter.actors.iter().map(|id| format!(",{},", id.replace(',', ";"))).collect();
        self.db()
            .rows(
                "SELECT number, at_ms, actor, verb, subject, detail, from_address, hash,
                    CASE WHEN r.state NOT IN ('trashed', 'purged') THEN COALESCE(r.title, '') END AS title
                 FROM audit LEFT JOIN recordings r ON r.minute_token = audit.subject
                 WHERE ($1 = '' OR REPLACE($1, ',' || actor || ',', '') <> $1)
                    AND ($2 = '' OR verb = $2) AND ($3 = '' OR subject = $3)
                    AND at_ms >= $4 AND at_ms < $5 AND number < $6
                 ORDER BY number DESC LIMIT $7",
                args![
                    actors.concat(),
                    filter.verb.as_deref().unwrap_or_default(),
                    filter.subject.as_deref().unwrap_or_default(),
                    filter.since_ms.unwrap_or(i64::MIN),
                    filter.until_ms.unwrap_or(i64::MAX),
                    filter.before.unwrap_or(i64::MAX),
                    filter.limit
                ],
            )
            .await
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
