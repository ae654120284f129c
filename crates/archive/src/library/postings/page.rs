//! A page of a segment: words in the order of their bytes, each with the slots of the documents that have it. A word is
//! written as what is new in it after the one before, slots as the steps from one to the next, all numbers in seven bits
//! a byte (LEB128). What is written ends with its checksum, CRC-32, little end first.

use std::ops::Range;

use crate::catalog::CatalogError;

/// A page that has so much is closed; a common word of a large segment may make it larger.
const FULL_BYTES: usize = 8 << 10;

/// A closed page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::library) struct IndexPage {
    pub(super) first_word: Vec<u8>,
    pub(super) content: Vec<u8>,
}

/// Writes pages.
#[derive(Debug, Default)]
pub(super) struct PageWriter {
    closed: Vec<IndexPage>,
    first_word: Vec<u8>,
    last_word: Vec<u8>,
    content: Vec<u8>,
    steps: Vec<u8>,
}

impl PageWriter {
    /// Takes in a word, which comes after those before, with its slots from the lowest to the highest.
    pub(super) fn push(&mut self, word: &[u8], slots: impl IntoIterator<Item = u32>) {
        if self.content.len() >= FULL_BYTES {
            self.close();
        }
        if self.content.is_empty() {
            self.first_word = word.to_vec();
            self.last_word.clear();
        }
        let shared = word.iter().zip(&self.last_word).take_while(|(one, other)| one == other).count();
        let fresh = &word[shared..];
        put_length(&mut self.content, shared);
        put_length(&mut self.content, fresh.len());
        self.content.extend_from_slice(fresh);
        self.last_word.truncate(shared);
        self.last_word.extend_from_slice(fresh);
        self.steps.clear();
        let mut last = 0;
        for slot in slots {
            put_number(&mut self.steps, slot - last);
            last = slot;
        }
        put_length(&mut self.content, self.steps.len());
        self.content.extend_from_slice(&self.steps);
    }

    /// The pages that are closed by now.
    pub(super) fn take_closed(&mut self) -> Vec<IndexPage> {
        std::mem::take(&mut self.closed)
    }

    /// All that are left.
    pub(super) fn finish(mut self) -> Vec<IndexPage> {
        if !self.content.is_empty() {
            self.close();
        }
        self.closed
    }

    fn close(&mut self) {
        self.closed.push(IndexPage {
            first_word: std::mem::take(&mut self.first_word),
            content: with_checksum(std::mem::take(&mut self.content)),
        });
    }
}

/// Reads the content of a page, word by word.
#[derive(Debug)]
pub(super) struct PageReader {
    content: Vec<u8>,
    at: usize,
    word: Vec<u8>,
    steps: Range<usize>,
}

impl PageReader {
    pub(super) fn new(content: Vec<u8>) -> Result<Self, Damaged> {
        let content = without_checksum(content)?;
        Ok(Self { content, at: 0, word: Vec::new(), steps: 0..0 })
    }

    /// At the end of nothing.
    pub(super) fn empty() -> Self {
        Self { content: Vec::new(), at: 0, word: Vec::new(), steps: 0..0 }
    }

    /// Goes to the next word; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Damaged> {
        if self.at == self.content.len() {
            return Ok(false);
        }
        let shared = self.length()?;
        let fresh = self.bytes()?;
        if shared > self.word.len() {
            return Err(Damaged);
        }
        self.word.truncate(shared);
        self.word.extend_from_slice(&self.content[fresh]);
        self.steps = self.bytes()?;
        Ok(true)
    }

    /// The word at which it is.
    pub(super) fn word(&self) -> &[u8] {
        &self.word
    }

    /// The slots of the documents that have this word.
    pub(super) fn slots(&self) -> Slots<'_> {
        Slots { steps: &self.content[self.steps.clone()], last: 0 }
    }

    fn length(&mut self) -> Result<usize, Damaged> {
        let (number, rest) = take_number(&self.content[self.at..]).ok_or(Damaged)?;
        self.at = self.content.len() - rest.len();
        usize::try_from(number).map_err(|_| Damaged)
    }

    fn bytes(&mut self) -> Result<Range<usize>, Damaged> {
        let length = self.length()?;
        let from = self.at;
        self.at = from.checked_add(length).filter(|end| *end <= self.content.len()).ok_or(Damaged)?;
        Ok(from..self.at)
    }
}

/// Slots of documents, rising.
#[derive(Debug, Clone)]
pub(super) struct Slots<'a> {
    steps: &'a [u8],
    last: u32,
}

impl Iterator for Slots<'_> {
    type Item = Result<u32, Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.steps.is_empty() {
            return None;
        }
        let slot = take_number(self.steps).and_then(|(step, rest)| {
            self.steps = rest;
            self.last.checked_add(step)
        });
        match slot {
            Some(slot) => self.last = slot,
            None => self.steps = &[],
        }
        Some(slot.ok_or(Damaged))
    }
}

/// What was read from the catalogue is no page of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a page of the index of searches is damaged")]
pub(super) struct Damaged;

/// Whether this is why something failed.
pub(in crate::library) fn is_damage(error: &CatalogError) -> bool {
    matches!(error, CatalogError::Other(sqlx::Error::Decode(cause)) if cause.is::<Damaged>())
}

impl From<Damaged> for CatalogError {
    fn from(damaged: Damaged) -> Self {
        Self::Other(sqlx::Error::Decode(Box::new(damaged)))
    }
}

pub(super) fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

pub(super) fn without_checksum(mut bytes: Vec<u8>) -> Result<Vec<u8>, Damaged> {
    let (content, checksum) = bytes.split_last_chunk().ok_or(Damaged)?;
    if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
        return Err(Damaged);
    }
    bytes.truncate(content.len());
    Ok(bytes)
}

fn put_length(bytes: &mut Vec<u8>, length: usize) {
    put_number(bytes, u32::try_from(length).expect("a page is small"));
}

fn put_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number > 0x7F {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7F) as u8);
}

fn take_number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0_u32;
    for (at, byte) in bytes.iter().enumerate() {
        let part = u32::from(byte & 0x7F);
        let shift = u32::try_from(at * 7).ok().filter(|shift| *shift < 32)?;
        number |= part.checked_shl(shift).filter(|shifted| shifted >> shift == part)?;
        if byte & 0x80 == 0 {
            return Some((number, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::collection::{btree_map, btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    fn read(pages: &[IndexPage]) -> BTreeMap<Vec<u8>, BTreeSet<u32>> {
        let mut read = BTreeMap::new();
        for page in pages {
            let mut reader = PageReader::new(page.content.clone()).unwrap();
            let mut is_first = true;
            while reader.advance().unwrap() {
                assert!(!is_first || reader.word() == page.first_word);
                is_first = false;
                let slots = reader.slots().collect::<Result<_, _>>().unwrap();
                assert!(read.insert(reader.word().to_vec(), slots).is_none());
            }
        }
        read
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            words in btree_map(vec(0_u8..4, 1..6), btree_set(any::<u32>(), 1..40), 0..400),
        ) {
            let mut writer = PageWriter::default();
            for (word, slots) in &words {
                writer.push(word, slots.iter().copied());
            }
            let mut pages = writer.take_closed();
            pages.extend(writer.finish());
            prop_assert!(pages.is_sorted_by(|one, next| one.first_word < next.first_word));
            prop_assert_eq!(read(&pages), words);
        }

        #[test]
        fn a_changed_byte_is_noticed(place in any::<prop::sample::Index>(), change in 1_u8..) {
            let mut writer = PageWriter::default();
            for word in ["a", "ab", "数据"] {
                writer.push(word.as_bytes(), [0, 3, 700]);
            }
            let mut content = writer.finish().remove(0).content;
            *place.get_mut(&mut content) ^= change;
            prop_assert_eq!(PageReader::new(content).unwrap_err(), Damaged);
        }

        #[test]
        fn whatever_a_damaged_page_holds_is_refused_or_read(content in vec(any::<u8>(), 0..60)) {
            let mut reader = PageReader::new(with_checksum(content)).unwrap();
            while let Ok(true) = reader.advance() {
                let slots: Result<Vec<u32>, _> = reader.slots().collect();
                prop_assert!(slots.is_err() || slots.is_ok_and(|slots| slots.is_sorted()));
            }
        }
    }
}
