//! The words of some documents, turned round: each word with the documents that have it.

use std::collections::BTreeMap;

use super::page::{IndexPage, PageWriter};
use crate::library::words::{PAIR_BITS, Words, spelling};

/// Below the pair of characters in one number: sorting these is all that there is to do.
const SLOT_BITS: u32 = u64::BITS - PAIR_BITS;
/// Ten megabytes; of usual talk sixty hours have fewer.
const FULL_WORDS: usize = 1 << 20;

/// A segment in the making.
#[derive(Debug, Default)]
pub(in crate::library) struct Inverted {
    pairs: Vec<u64>,
    spelt: BTreeMap<String, Vec<u32>>,
    next_slot: u32,
    /// Counted in each document that has them.
    words: usize,
}

impl Inverted {
    /// Takes in the words of a document, which has the next slot, the first one 0.
    pub(in crate::library) fn take(&mut self, words: &Words) {
        let slot = self.next_slot;
        debug_assert!(u64::from(slot) >> SLOT_BITS == 0, "segments are small");
        self.pairs.extend(words.pairs().iter().map(|pair| pair << SLOT_BITS | u64::from(slot)));
        for word in words.spelt() {
            if let Some(slots) = self.spelt.get_mut(word) {
                slots.push(slot);
            } else {
                self.spelt.insert(word.to_owned(), vec![slot]);
            }
        }
        self.words += words.len();
        self.next_slot += 1;
    }

    /// Whether it has as many words as are to be stored at once.
    pub(in crate::library) fn is_full(&self) -> bool {
        self.words >= FULL_WORDS
    }

    /// Its pages.
    pub(in crate::library) fn pages(mut self) -> Vec<IndexPage> {
        #[expect(
            clippy::stable_sort_primitive,
            reason = "each document's come sorted, which a stable sort makes use of"
        )]
        self.pairs.sort();
        let mut pages = PageWriter::default();
        let mut spelt = self.spelt.into_iter().peekable();
        for group in self.pairs.chunk_by(|one, next| one >> SLOT_BITS == next >> SLOT_BITS) {
            let pair = spelling(group[0] >> SLOT_BITS);
            while let Some((word, slots)) = spelt.next_if(|(word, _)| *word < pair) {
                pages.push(word.as_bytes(), slots);
            }
            pages.push(pair.as_bytes(), group.iter().map(|it| (it & ((1 << SLOT_BITS) - 1)) as u32));
        }
        for (word, slots) in spelt {
            pages.push(word.as_bytes(), slots);
        }
        pages.finish()
    }
}
