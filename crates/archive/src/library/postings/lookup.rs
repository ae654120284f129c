//! Which documents have a word.

use super::page::PageReader;
use super::table::Documents;
use crate::catalog::{Catalog, CatalogError, args};
use crate::library::words::Sought;

/// The pages, of all segments, that may have words from `$1` to `$2`: of each segment the last one that begins before.
/// One statement, so that a merge in between hides nothing; CROSS, so that SQLite begins with the segments.
const PAGES: &str = "SELECT s.documents, p.content FROM index_segments s CROSS JOIN index_pages p
    WHERE p.segment = s.segment AND LENGTH(s.documents) > 0 AND p.first_word <= $2 AND p.first_word >= COALESCE(
        (SELECT q.first_word FROM index_pages q WHERE q.segment = s.segment AND q.first_word <= $1
         ORDER BY q.first_word DESC LIMIT 1), $1)";
/// No text has this byte.
const BEHIND_ALL: u8 = 0xFF;

impl Catalog {
    /// The numbers of the documents that have a word, rising: for nobody in particular, never for an answer to anybody.
    pub(in crate::library) async fn documents_with(&self, word: &Sought) -> Result<Vec<u32>, CatalogError> {
        let (first, last) = match word {
            Sought::Whole(word) => (word.as_bytes(), word.clone().into_bytes()),
            Sought::Beginning(start) => (start.as_bytes(), [start.as_bytes(), &[BEHIND_ALL]].concat()),
        };
        let pages: Vec<(Vec<u8>, Vec<u8>)> =
            self.db().rows(PAGES, args![first.to_vec(), last.clone()]).await?;
        let mut numbers = Vec::new();
        for (documents, content) in pages {
            let documents = Documents::from_bytes(&documents);
            let mut page = PageReader::new(content);
            while page.advance()? && page.word() <= last.as_slice() {
                if page.word() >= first {
                    for slot in page.slots() {
                        numbers.extend(documents.get(slot?));
                    }
                }
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }
}
