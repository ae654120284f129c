//! The chain: how a row is hashed, whether all rows still hang together, and how it is cut short at its old end.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::AuditRow;
use super::read::after;
use crate::catalog::{Catalog, CatalogError, args};

/// Rows read at a time.
const PAGE: i64 = 1_000;

/// What is wrong with the chain, at its first wrong place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Break {
    /// This row, or one that stood before it, is not what was written.
    Changed {
        /// Its number.
        number: i64,
    },
    /// The row of this number is not there.
    Missing {
        /// Its number.
        number: i64,
    },
    /// There are rows beyond the one that was written last.
    TooMany {
        /// The first of them.
        number: i64,
    },
}

/// What came of a look at the whole chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Rows that hang together.
    pub rows: i64,
    /// Rows that were let go for their age.
    pub dropped: i64,
    /// The hash of the last good row: noted elsewhere, it also proves later that the log was not written anew.
    pub last_hash: String,
    /// What is wrong, if anything is.
    pub broken: Option<Break>,
}

/// SHA-256 over the hash before and all fields, each with its length, so that no two rows have one spelling.
pub(super) fn hash(row: &AuditRow, before: &str) -> String {
    let mut hash = Sha256::new();
    let (number, at_ms) = (row.number.to_string(), row.at_ms.to_string());
    let detail = row.detail.as_deref();
    let fields = [
        Some("minutes-vault audit 1"),
        Some(before),
        Some(&*number),
        Some(&*at_ms),
        Some(&*row.actor),
        Some(&*row.verb),
        Some(&*row.subject),
        detail,
        Some(&*row.from_address),
    ];
    for field in fields {
        match field {
            Some(text) => {
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
            // No text has this length.
            None => hash.update(u64::MAX.to_be_bytes()),
        }
    }
    hex::encode(hash.finalize())
}

#[derive(sqlx::FromRow)]
struct Ends {
    last_number: i64,
    last_hash: String,
    dropped_number: i64,
    dropped_hash: String,
}

async fn ends(catalog: &Catalog) -> Result<Ends, CatalogError> {
    let sql = "SELECT last_number, last_hash, dropped_number, dropped_hash FROM audit_ends WHERE one = 1";
    let ends = catalog.db().row(sql, args![]).await?;
    Ok(ends.unwrap_or(Ends {
        last_number: 0,
        last_hash: String::new(),
        dropped_number: 0,
        dropped_hash: String::new(),
    }))
}

/// Reads the whole log and tells whether every row is there and as it was written.
pub async fn verify(catalog: &Catalog) -> Result<ChainReport, CatalogError> {
    // Rows that are added meanwhile are beyond this end, and none of this look's business.
    let Ends { last_number, last_hash, dropped_number, dropped_hash } = ends(catalog).await?;
    let (mut number, mut before) = (dropped_number, dropped_hash);
    let report = |number: i64, before: String, broken| ChainReport {
        rows: number - dropped_number,
        dropped: dropped_number,
        last_hash: before,
        broken,
    };
    // From below the first number: a row that was slipped in before the anchor must show.
    let mut read_to = i64::MIN;
    loop {
        let rows = after(catalog, read_to, PAGE).await?;
        let Some(last) = rows.last() else { break };
        read_to = last.number;
        for row in rows {
            if number == last_number {
                let broken = Break::TooMany { number: row.number };
                let is_later = ends(catalog).await?.last_number > last_number;
                return Ok(report(number, before, (!is_later).then_some(broken)));
            }
            if row.number > number + 1 {
                return Ok(report(number, before, Some(Break::Missing { number: number + 1 })));
            }
            if row.number <= number || hash(&row, &before) != row.hash {
                return Ok(report(number, before, Some(Break::Changed { number: row.number })));
            }
            (number, before) = (row.number, row.hash);
        }
    }
    let broken = if number < last_number {
        Some(Break::Missing { number: number + 1 })
    } else if before == last_hash {
        None
    } else {
        Some(Break::Changed { number })
    };
    Ok(report(number, before, broken))
}

/// Lets go of what is older than `before_ms`, from the beginning up to the first row that is not; how many rows.
pub async fn prune(catalog: &Catalog, before_ms: i64) -> Result<u64, CatalogError> {
    let mut tx = catalog.db().begin().await?;
    // The same row that writers wait for.
    tx.execute("UPDATE audit_ends SET one = 1 WHERE one = 1", args![]).await?;
    let last: Option<(i64, String)> = tx
        .row(
            "SELECT number, hash FROM audit
             WHERE number < COALESCE((SELECT MIN(number) FROM audit WHERE at_ms >= $1), 9223372036854775807)
             ORDER BY number DESC LIMIT 1",
            args![before_ms],
        )
        .await?;
    let Some((number, hash)) = last else { return Ok(0) };
    // First what is noted: of anything else the database lets no row go.
    tx.execute(
        "UPDATE audit_ends SET dropped_number = $1, dropped_hash = $2 WHERE one = 1",
        args![number, hash],
    )
    .await?;
    let dropped = tx.execute("DELETE FROM audit WHERE number <= $1", args![number]).await?;
    tx.commit().await?;
    Ok(dropped)
}
