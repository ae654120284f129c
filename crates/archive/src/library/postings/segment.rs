//! The words of some documents, turned round: each word with the documents that have it.

use std::collections::BTreeMap;

use super::page::{Page, PageWriter};
use crate::library::words::{PAIR_BITS, Words, spelling};

/// Below the pair of characters in one number: sorting these is all that there is to do.
const SLOT_BITS: u32 = u64::BITS - PAIR_BITS;

/// The pages of a segment of these documents; the first one has slot 0.
pub(in crate::library) fn invert(documents: &[Words]) -> Vec<Page> {
    let count = documents.iter().map(|words| words.pairs().len()).sum();
    let mut pairs = Vec::with_capacity(count);
    let mut spelt: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (slot, words) in (0_u32..).zip(documents) {
        debug_assert!(u64::from(slot) >> SLOT_BITS == 0, "segments are small");
        pairs.extend(words.pairs().iter().map(|pair| pair << SLOT_BITS | u64::from(slot)));
        for word in words.spelt() {
            spelt.entry(word).or_default().push(slot);
        }
    }
    #[expect(
        clippy::stable_sort_primitive,
        reason = "each document's come sorted, which a stable sort makes use of"
    )]
    pairs.sort();
    let mut pages = PageWriter::default();
    let mut spelt = spelt.into_iter().peekable();
    for group in pairs.chunk_by(|one, next| one >> SLOT_BITS == next >> SLOT_BITS) {
        let pair = spelling(group[0] >> SLOT_BITS);
        while let Some((word, slots)) = spelt.next_if(|(word, _)| *word < pair.as_str()) {
            pages.push(word.as_bytes(), slots);
        }
        pages.push(pair.as_bytes(), group.iter().map(|it| (it & ((1 << SLOT_BITS) - 1)) as u32));
    }
    for (word, slots) in spelt {
        pages.push(word.as_bytes(), slots);
    }
    pages.finish()
}
