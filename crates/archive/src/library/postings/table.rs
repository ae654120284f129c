//! Segments in the catalogue.

use std::collections::HashSet;

use tracing::error;

use super::page::{Damaged, IndexPage, with_checksum, without_checksum};
use crate::catalog::{Catalog, CatalogError, Tx, args, mark_all_unindexed};

/// Stands where a document was.
const GONE: u32 = u32::MAX;

/// The numbers of a segment's documents, by slot. In the catalogue: four bytes each, little end first, and a
/// checksum. A segment without any is not there for searches: it is being written, or being removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::library) struct Numbers(Vec<u32>);

impl Numbers {
    pub(in crate::library) fn new(numbers: Vec<u32>) -> Self {
        Self(numbers)
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self, Damaged> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let bytes = without_checksum(bytes)?;
        let (numbers, []) = bytes.as_chunks::<4>() else { return Err(Damaged) };
        Ok(Self(numbers.iter().map(|number| u32::from_le_bytes(*number)).collect()))
    }

    fn bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        with_checksum(self.0.iter().flat_map(|number| number.to_le_bytes()).collect())
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
    fn let_go(&mut self, gone: &HashSet<u32>) -> bool {
        let mut is_any = false;
        for number in self.0.iter_mut().filter(|number| gone.contains(number)) {
            (*number, is_any) = (GONE, true);
        }
        is_any
    }
}

/// Adds a segment.
pub(in crate::library) async fn add(
    tx: &mut Tx,
    documents: &Numbers,
    pages: Vec<IndexPage>,
) -> Result<(), CatalogError> {
    let segment = begin(tx, documents).await?;
    add_pages(tx, segment, pages).await
}

/// A new segment, without its pages; its id.
pub(super) async fn begin(tx: &mut Tx, documents: &Numbers) -> Result<i64, CatalogError> {
    let sql = "INSERT INTO index_segments (documents) VALUES ($1) RETURNING segment";
    let row: Option<(i64,)> = tx.row(sql, args![documents.bytes()]).await?;
    row.map(|(segment,)| segment).ok_or(CatalogError::Other(sqlx::Error::RowNotFound))
}

pub(super) async fn add_pages(tx: &mut Tx, segment: i64, pages: Vec<IndexPage>) -> Result<(), CatalogError> {
    let sql = "INSERT INTO index_pages (segment, first_word, content) VALUES ($1, $2, $3)";
    for IndexPage { first_word, content } in pages {
        tx.execute(sql, args![segment, first_word, content]).await?;
    }
    Ok(())
}

/// Gives a segment other documents, if it has those that it had; whether it has.
pub(super) async fn set_documents(
    tx: &mut Tx,
    segment: i64,
    had: &Numbers,
    has: &Numbers,
) -> Result<bool, CatalogError> {
    let sql = "UPDATE index_segments SET documents = $3 WHERE segment = $1 AND documents = $2";
    Ok(tx.execute(sql, args![segment, had.bytes(), has.bytes()]).await? == 1)
}

const SEGMENTS: &str = "SELECT segment, documents FROM index_segments ORDER BY segment";

/// All segments with their documents, the oldest first.
pub(super) async fn segments(catalog: &Catalog) -> Result<Vec<(i64, Numbers)>, CatalogError> {
    read(catalog.db().rows(SEGMENTS, args![]).await?)
}

fn read(rows: Vec<(i64, Vec<u8>)>) -> Result<Vec<(i64, Numbers)>, CatalogError> {
    rows.into_iter().map(|(segment, bytes)| Ok((segment, Numbers::from_bytes(bytes)?))).collect()
}

/// Documents whose words have changed, or that are gone, are no longer found by what is written of them so far.
pub(in crate::library) async fn let_go(tx: &mut Tx, numbers: &HashSet<u32>) -> Result<(), CatalogError> {
    if numbers.is_empty() {
        return Ok(());
    }
    for (segment, had) in read(tx.rows(SEGMENTS, args![]).await?)? {
        let mut has = had.clone();
        if has.let_go(numbers) && !set_documents(tx, segment, &had, &has).await? {
            return Err(CatalogError::Busy);
        }
    }
    Ok(())
}

impl Catalog {
    /// What is damaged cannot be mended, but made anew: nothing is found by the index as it is, and all is put into it
    /// once more. Not so when somebody else has done it since the damage was seen, in this segment.
    pub(in crate::library) async fn begin_index_anew(
        &self,
        seen_in: Option<i64>,
    ) -> Result<(), CatalogError> {
        let mut tx = self.db().begin().await?;
        let still = "SELECT segment FROM index_segments WHERE segment = $1 AND LENGTH(documents) > 0";
        if let Some(segment) = seen_in
            && tx.row::<(i64,)>(still, args![segment]).await?.is_none()
        {
            return Ok(());
        }
        error!("the index of searches is damaged; all recordings are indexed anew");
        tx.execute("UPDATE index_segments SET documents = $1", args![Vec::new()]).await?;
        mark_all_unindexed(&mut tx).await?;
        tx.commit().await
    }
}
