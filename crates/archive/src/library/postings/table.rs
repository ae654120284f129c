//! Segments in the catalogue.

use std::collections::HashSet;

use super::page::Page;
use crate::catalog::{Catalog, CatalogError, Tx, args};

/// Stands where a document was.
const GONE: u32 = u32::MAX;

/// The documents of a segment, by number, in the order of their slots. In the catalogue: four bytes each, little end
/// first. A segment without any is not there for searches: it is being written, or being removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::library) struct Documents(Vec<u32>);

impl Documents {
    pub(in crate::library) fn new(numbers: Vec<u32>) -> Self {
        Self(numbers)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        Self(numbers.iter().map(|number| u32::from_le_bytes(*number)).collect())
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// The number of the document in a slot; none when it is gone.
    pub(super) fn get(&self, slot: u32) -> Option<u32> {
        self.0.get(slot as usize).copied().filter(|number| *number != GONE)
    }

    /// What is in its slots, those of documents that are gone being empty.
    pub(super) fn slots(&self) -> impl Iterator<Item = Option<u32>> {
        self.0.iter().map(|number| Some(*number).filter(|number| *number != GONE))
    }

    /// How many are here.
    pub(super) fn count(&self) -> usize {
        self.slots().flatten().count()
    }

    /// Whether any of them were here.
    fn let_go(&mut self, numbers: &HashSet<u32>) -> bool {
        let mut is_any = false;
        for number in self.0.iter_mut().filter(|number| numbers.contains(number)) {
            (*number, is_any) = (GONE, true);
        }
        is_any
    }
}

/// Adds a segment.
pub(in crate::library) async fn add(
    tx: &mut Tx,
    documents: &Documents,
    pages: Vec<Page>,
) -> Result<(), CatalogError> {
    let segment = begin(tx, documents).await?;
    add_pages(tx, segment, pages).await
}

/// A new segment, without its pages; its id.
pub(super) async fn begin(tx: &mut Tx, documents: &Documents) -> Result<i64, CatalogError> {
    let sql = "INSERT INTO index_segments (documents) VALUES ($1) RETURNING segment";
    let row: Option<(i64,)> = tx.row(sql, args![documents.bytes()]).await?;
    row.map(|(segment,)| segment).ok_or(CatalogError::Other(sqlx::Error::RowNotFound))
}

pub(super) async fn add_pages(tx: &mut Tx, segment: i64, pages: Vec<Page>) -> Result<(), CatalogError> {
    let sql = "INSERT INTO index_pages (segment, first_word, content) VALUES ($1, $2, $3)";
    for Page { first_word, content } in pages {
        tx.execute(sql, args![segment, first_word, content]).await?;
    }
    Ok(())
}

pub(super) async fn set_documents(
    tx: &mut Tx,
    segment: i64,
    documents: &Documents,
) -> Result<(), CatalogError> {
    let sql = "UPDATE index_segments SET documents = $2 WHERE segment = $1";
    tx.execute(sql, args![segment, documents.bytes()]).await?;
    Ok(())
}

const SEGMENTS: &str = "SELECT segment, documents FROM index_segments ORDER BY segment";

/// All segments with their documents, the oldest first.
pub(super) async fn segments(tx: &mut Tx) -> Result<Vec<(i64, Documents)>, CatalogError> {
    Ok(read(tx.rows(SEGMENTS, args![]).await?))
}

/// The same, beside whoever writes.
pub(super) async fn all_segments(catalog: &Catalog) -> Result<Vec<(i64, Documents)>, CatalogError> {
    Ok(read(catalog.db().rows(SEGMENTS, args![]).await?))
}

fn read(rows: Vec<(i64, Vec<u8>)>) -> Vec<(i64, Documents)> {
    rows.into_iter().map(|(segment, bytes)| (segment, Documents::from_bytes(&bytes))).collect()
}

/// Documents whose words have changed, or that are gone, are no longer found by what is written of them so far.
pub(in crate::library) async fn let_go(tx: &mut Tx, numbers: &HashSet<u32>) -> Result<(), CatalogError> {
    if numbers.is_empty() {
        return Ok(());
    }
    for (segment, mut documents) in segments(tx).await? {
        if documents.let_go(numbers) {
            set_documents(tx, segment, &documents).await?;
        }
    }
    Ok(())
}
