//! The time by which things grow old that are then removed. It follows the clock, but with each look by a day at most: a
//! clock that jumps years ahead takes nothing away before somebody has seen it, and what was missed while nobody looked
//! is made up for.

use crate::catalog::{Catalog, CatalogError};

const MOST_AT_ONCE_MS: i64 = 86_400_000;

/// What time it is for this look, unix ms; `note` is where the catalogue keeps it.
pub(crate) async fn advance(catalog: &Catalog, note: &'static str, now_ms: i64) -> Result<i64, CatalogError> {
    let last: Option<i64> = catalog.meta(note).await?.and_then(|text| text.parse().ok());
    let time_ms = last.map_or(now_ms, |last| now_ms.min(last.saturating_add(MOST_AT_ONCE_MS)));
    catalog.set_meta(note, &time_ms.to_string()).await?;
    Ok(time_ms)
}
