//! Which documents have a word.

use std::collections::HashMap;

use super::page::{Damaged, PageReader};
use super::table::Numbers;
use crate::catalog::{Catalog, CatalogError, args};
use crate::library::words::Sought;

/// The documents of each segment (0), and its pages that may have words from `$1` to `$2` (1): the last one that begins
/// before, and those behind it. One statement, so that a merge in between hides nothing; CROSS, so that SQLite begins
/// with the segments.
const PAGES: &str = "SELECT segment, CAST(0 AS BIGINT), documents FROM index_segments WHERE LENGTH(documents) > 0
    UNION ALL SELECT s.segment, CAST(1 AS BIGINT), p.content FROM index_segments s CROSS JOIN index_pages p
    WHERE p.segment = s.segment AND LENGTH(s.documents) > 0 AND p.first_word <= $2 AND p.first_word >= COALESCE(
        (SELECT q.first_word FROM index_pages q WHERE q.segment = s.segment AND q.first_word <= $1
         ORDER BY q.first_word DESC LIMIT 1), $1)";
/// Beginnings of words may have a thousand pages, which are read beside everything else.
const MANY_ROWS: usize = 256;
/// No text has this byte.
const BEHIND_ALL: u8 = 0xFF;

impl Catalog {
    /// The numbers of the documents that have a word, rising: for nobody in particular, never for an answer to anybody.
    pub(in crate::library) async fn documents_with(&self, word: &Sought) -> Result<Vec<u32>, CatalogError> {
        let (first, last) = match word {
            Sought::Whole(word) => (word.clone().into_bytes(), word.clone().into_bytes()),
            Sought::Beginning(start) => {
                (start.clone().into_bytes(), [start.as_bytes(), &[BEHIND_ALL]].concat())
            }
        };
        let rows: Vec<(i64, i64, Vec<u8>)> =
            self.db().rows(PAGES, args![first.clone(), last.clone()]).await?;
        let numbers = if rows.len() < MANY_ROWS {
            numbers_between(rows, &first, &last)
        } else {
            let read = tokio::task::spawn_blocking(move || numbers_between(rows, &first, &last));
            read.await.map_err(|panic| CatalogError::Other(sqlx::Error::Decode(panic.into())))?
        };
        match numbers {
            Ok(numbers) => Ok(numbers),
            Err(segment) => {
                self.begin_index_anew(Some(segment)).await?;
                Err(Damaged.into())
            }
        }
    }
}

/// Of the segments' rows; an error is the segment that is damaged.
fn numbers_between(rows: Vec<(i64, i64, Vec<u8>)>, first: &[u8], last: &[u8]) -> Result<Vec<u32>, i64> {
    let (mut segments, mut pages) = (HashMap::new(), Vec::new());
    for (segment, is_page, bytes) in rows {
        if is_page == 1 {
            pages.push((segment, bytes));
        } else {
            let numbers = Numbers::from_bytes(bytes).map_err(|Damaged| segment)?;
            let hits = vec![false; numbers.slots().count()];
            segments.insert(segment, (numbers, hits));
        }
    }
    for (segment, content) in pages {
        if let Some((_, hits)) = segments.get_mut(&segment) {
            mark_hits(content, first, last, hits).map_err(|Damaged| segment)?;
        }
    }
    let hit = |(numbers, hits): &(Numbers, Vec<bool>)| {
        let slots = numbers.slots().zip(hits).filter(|(_, is_hit)| **is_hit);
        slots.filter_map(|(number, _)| number).collect::<Vec<u32>>()
    };
    let mut found: Vec<u32> = segments.values().flat_map(hit).collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn mark_hits(content: Vec<u8>, first: &[u8], last: &[u8], hits: &mut [bool]) -> Result<(), Damaged> {
    let mut page = PageReader::new(content)?;
    while page.advance()? && page.word() <= last {
        if page.word() >= first {
            for slot in page.slots() {
                let slot = usize::try_from(slot?).map_err(|_| Damaged)?;
                *hits.get_mut(slot).ok_or(Damaged)? = true;
            }
        }
    }
    Ok(())
}
