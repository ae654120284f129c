//! A batch on its way into the catalogue.

use std::collections::HashSet;

use super::batches::Batch;
use crate::catalog::{Catalog, CatalogError, Tx, args};
use crate::library::postings::{Numbers, add, let_go};
use crate::model::MinuteToken;

/// 2020-01-01, before which there are no minutes; numbers of documents are seconds since then.
const FIRST_SECOND: i64 = 1_577_836_800;
/// In 2088; what claims to be later is numbered from there.
const LAST_SECOND: i64 = 1 << 31;
/// So many numbers behind its time are tried one by one.
const NEAR: i64 = 32;
/// A document that is so far from its time, in seconds, gets a new number.
const TOLERANCE: i64 = 3_600;

/// Stores a batch and takes the marks away.
pub(super) async fn put(catalog: &Catalog, batch: Batch) -> Result<(), CatalogError> {
    let Batch { marks, gone, made, pages } = batch;
    let mut tx = catalog.db().begin().await?;
    let (mut numbers, mut outdated) = (Vec::new(), HashSet::new());
    for (token, made_ms) in made {
        let second = (made_ms / 1_000 - FIRST_SECOND).clamp(0, LAST_SECOND);
        let known = document_of(&mut tx, &token).await?;
        outdated.extend(known);
        numbers.push(number_for(&mut tx, &token, known, second).await?);
    }
    for token in gone {
        outdated.extend(document_of(&mut tx, &token).await?);
        tx.execute("DELETE FROM documents WHERE minute_token = $1", args![&token]).await?;
    }
    let_go(&mut tx, &outdated).await?;
    if !numbers.is_empty() {
        add(&mut tx, &Numbers::new(numbers), pages).await?;
    }
    tx.commit().await?;
    // The last thing, in the order in which all take them, and beside nothing else: see `catalog::unindexed`.
    let mut tx = catalog.db().begin().await?;
    for (token, changes) in marks {
        // Marked again while it was read, it is read again.
        let sql = "DELETE FROM unindexed WHERE minute_token = $1 AND changes = $2";
        tx.execute(sql, args![&token, changes]).await?;
    }
    tx.commit().await
}

/// The number of a recording's document, if it has one.
async fn document_of(tx: &mut Tx, token: &MinuteToken) -> Result<Option<u32>, CatalogError> {
    let sql = "SELECT document FROM documents WHERE minute_token = $1";
    let row: Option<(i64,)> = tx.row(sql, args![token]).await?;
    Ok(row.and_then(|(document,)| u32::try_from(document).ok()))
}

/// The number for a recording's document: the one that it has, when that is near the second in which the recording was
/// made; that second, or the next free one.
async fn number_for(
    tx: &mut Tx,
    token: &MinuteToken,
    known: Option<u32>,
    second: i64,
) -> Result<u32, CatalogError> {
    if let Some(number) = known {
        if i64::from(number).abs_diff(second) <= TOLERANCE.unsigned_abs() {
            return Ok(number);
        }
        tx.execute("DELETE FROM documents WHERE minute_token = $1", args![token]).await?;
    }
    let mut number = second;
    let mut tries = 0;
    loop {
        let sql = "INSERT INTO documents (document, minute_token) VALUES ($1, $2) ON CONFLICT (document) DO NOTHING";
        if tx.execute(sql, args![number, token]).await? == 1 {
            return u32::try_from(number).map_err(|_| CatalogError::Other(sqlx::Error::RowNotFound));
        }
        tries += 1;
        number += 1;
        // Thousands that are found at once, and of which nothing else tells their time yet, would each try all numbers
        // of those before.
        if tries >= NEAR {
            let behind = "SELECT MAX(document) FROM documents WHERE document >= $1 AND document <= $2";
            let last: Option<(Option<i64>,)> = tx.row(behind, args![number, number + TOLERANCE]).await?;
            number = last.and_then(|(last,)| last).map_or(number, |last| last + 1);
        }
    }
}
