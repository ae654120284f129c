//! Large segments are made of small ones, so that a search asks few: eight of a size become one. A new segment is
//! written some pages at a time, for others wait for the writer meanwhile, and takes the place of the old ones at once,
//! if these are what they were. A kill in between leaves pages that nobody reads; they are removed with the next merge or
//! clearing. What is gone leaves its words in its segment until that is written anew: when it is merged, when a quarter
//! of it is gone, and at a daily clearing.

use std::collections::VecDeque;

use super::page::{Damaged, IndexPage, PageReader, PageWriter};
use super::table::{Numbers, add_pages, begin, segments, set_documents};
use crate::catalog::{Catalog, CatalogError, args};

/// So many of a size become one, which is of the next size.
const MERGED_AT_ONCE: usize = 8;
/// Segments of so many documents are left as they are, and fewer than eight become one when that is so large.
const LARGE: usize = 4_096;
/// Written or removed in one transaction, half a megabyte.
const PAGES_AT_ONCE: usize = 64;
/// Read of each segment at a time.
const PAGES_READ: i64 = 16;

/// Merges what is to be merged next, or removes what was merged; false when there is nothing to do.
pub(in crate::library) async fn merge_some(catalog: &Catalog) -> Result<bool, CatalogError> {
    let all = segments(catalog).await?;
    if let Some((segment, _)) = all.iter().find(|(_, numbers)| numbers.count() == 0) {
        remove(catalog, *segment).await?;
        return Ok(true);
    }
    let chosen = chosen(all);
    if chosen.is_empty() {
        return Ok(false);
    }
    merge(catalog, chosen).await?;
    Ok(true)
}

/// Writes a segment anew, without the words of what is gone of it; false when nothing is gone of any.
pub(in crate::library) async fn clear_some(catalog: &Catalog) -> Result<bool, CatalogError> {
    let is_any_gone = |numbers: &Numbers| numbers.slots().any(|slot| slot.is_none());
    let Some(first) = segments(catalog).await?.into_iter().find(|(_, numbers)| is_any_gone(numbers)) else {
        return Ok(false);
    };
    merge(catalog, vec![first]).await?;
    Ok(true)
}

/// Those that are to become one: several of a size, or one of which a quarter is gone.
fn chosen(all: Vec<(i64, Numbers)>) -> Vec<(i64, Numbers)> {
    let mut of_size: Vec<Vec<(i64, Numbers)>> = Vec::new();
    for (segment, numbers) in all {
        let (count, slots) = (numbers.count(), numbers.slots().count());
        if count * 4 <= slots * 3 {
            return vec![(segment, numbers)];
        }
        if count < LARGE {
            let size = count.ilog(MERGED_AT_ONCE) as usize;
            of_size.resize_with(of_size.len().max(size + 1), Vec::new);
            let alike = &mut of_size[size];
            alike.push((segment, numbers));
            let together: usize = alike.iter().map(|(_, numbers)| numbers.count()).sum();
            if alike.len() == MERGED_AT_ONCE || together >= LARGE {
                return of_size.swap_remove(size);
            }
        }
    }
    Vec::new()
}

async fn merge(catalog: &Catalog, chosen: Vec<(i64, Numbers)>) -> Result<(), CatalogError> {
    let mut tx = catalog.db().begin().await?;
    let target = begin(&mut tx, &Numbers::default()).await?;
    tx.commit().await?;
    let merged = merge_into(target, catalog, &chosen).await;
    if merged.is_err() {
        // The disk may be full.
        let _ = remove(catalog, target).await;
    }
    merged
}

async fn merge_into(target: i64, catalog: &Catalog, chosen: &[(i64, Numbers)]) -> Result<(), CatalogError> {
    let merged = Numbers::new(chosen.iter().flat_map(|(_, numbers)| numbers.slots().flatten()).collect());
    let mut next_slot = 0;
    let mut sources = Vec::new();
    for (segment, numbers) in chosen {
        let mut source = Source::new(*segment, numbers, &mut next_slot);
        source.advance(catalog).await?;
        sources.push(source);
    }
    let mut writer = PageWriter::default();
    let (mut closed, mut slots) = (Vec::new(), Vec::new());
    while let Some(word) = sources.iter().filter_map(Source::word).min().map(<[u8]>::to_vec) {
        for source in &mut sources {
            if source.word() == Some(&word) {
                source.slots_into(&mut slots)?;
                source.advance(catalog).await?;
            }
        }
        if !slots.is_empty() {
            writer.push(&word, slots.drain(..));
        }
        closed.append(&mut writer.take_closed());
        if closed.len() >= PAGES_AT_ONCE {
            write(catalog, target, &mut closed).await?;
        }
    }
    closed.append(&mut writer.finish());
    write(catalog, target, &mut closed).await?;
    let mut tx = catalog.db().begin().await?;
    let mut is_as_it_was = set_documents(&mut tx, target, &Numbers::default(), &merged).await?;
    for (segment, numbers) in chosen {
        is_as_it_was &= set_documents(&mut tx, *segment, numbers, &Numbers::default()).await?;
    }
    // Whoever found damage meanwhile has begun all anew.
    if is_as_it_was { tx.commit().await } else { Err(CatalogError::Busy) }
}

async fn write(catalog: &Catalog, segment: i64, pages: &mut Vec<IndexPage>) -> Result<(), CatalogError> {
    let mut tx = catalog.db().begin().await?;
    add_pages(&mut tx, segment, std::mem::take(pages)).await?;
    tx.commit().await
}

async fn remove(catalog: &Catalog, segment: i64) -> Result<(), CatalogError> {
    loop {
        let mut tx = catalog.db().begin().await?;
        let sql =
            "SELECT first_word FROM index_pages WHERE segment = $1 ORDER BY first_word LIMIT 1 OFFSET $2";
        let at_once = i64::try_from(PAGES_AT_ONCE).unwrap_or(i64::MAX);
        let left: Option<(Vec<u8>,)> = tx.row(sql, args![segment, at_once]).await?;
        let Some((next,)) = left else {
            tx.execute("DELETE FROM index_pages WHERE segment = $1", args![segment]).await?;
            tx.execute("DELETE FROM index_segments WHERE segment = $1", args![segment]).await?;
            return tx.commit().await;
        };
        let sql = "DELETE FROM index_pages WHERE segment = $1 AND first_word < $2";
        tx.execute(sql, args![segment, next]).await?;
        tx.commit().await?;
    }
}

/// A segment that is being merged, read from its first word to its last.
struct Source {
    segment: i64,
    /// Of each slot the one that it gets; none for a document that is gone.
    moved: Vec<Option<u32>>,
    pages: VecDeque<(Vec<u8>, Vec<u8>)>,
    /// The first word of the page that was read last.
    behind: Vec<u8>,
    /// None at its end.
    page: Option<PageReader>,
}

impl Source {
    fn new(segment: i64, numbers: &Numbers, next_slot: &mut u32) -> Self {
        let mut moved = Vec::new();
        for slot in numbers.slots() {
            moved.push(slot.map(|_| *next_slot));
            *next_slot += u32::from(slot.is_some());
        }
        let page = Some(PageReader::empty());
        Self { segment, moved, pages: VecDeque::new(), behind: Vec::new(), page }
    }

    fn word(&self) -> Option<&[u8]> {
        self.page.as_ref().map(PageReader::word)
    }

    fn slots_into(&self, slots: &mut Vec<u32>) -> Result<(), CatalogError> {
        for slot in self.page.iter().flat_map(PageReader::slots) {
            let slot = usize::try_from(slot?).map_err(|_| Damaged)?;
            slots.extend(*self.moved.get(slot).ok_or(Damaged)?);
        }
        Ok(())
    }

    /// Goes to the next word.
    async fn advance(&mut self, catalog: &Catalog) -> Result<(), CatalogError> {
        while let Some(page) = &mut self.page {
            if page.advance()? {
                return Ok(());
            }
            if self.pages.is_empty() {
                let sql = "SELECT first_word, content FROM index_pages WHERE segment = $1 AND first_word > $2
                    ORDER BY first_word LIMIT $3";
                let values = args![self.segment, self.behind.clone(), PAGES_READ];
                self.pages = catalog.db().rows(sql, values).await?.into();
            }
            self.page = match self.pages.pop_front() {
                Some((first_word, content)) => {
                    self.behind = first_word;
                    Some(PageReader::new(content)?)
                }
                None => None,
            };
        }
        Ok(())
    }
}
