//! Which documents have which words: an inverted index in segments, kept in the catalogue, so that it is as whole as the
//! rest of it. A [`segment`] is the words of some documents, in [`page`]s; it is written once and never changed, but for
//! documents of it that go. What is new comes in a segment of its own, and [`merge`] makes large ones of small ones.
//!
//! SQLite's full-text index was used first: it took in an hour of Chinese talk, with its ten thousand pairs of
//! characters, at less than half of the rate that an archive needs when it is indexed first (docs/BENCHMARKS.md).

mod lookup;
mod merge;
mod page;
mod segment;
mod table;
#[cfg(test)]
mod tests;

pub(super) use merge::{clear_some, merge_some};
pub(super) use page::{IndexPage, is_damage};
pub(super) use segment::Inverted;
pub(super) use table::{Numbers, add, let_go};
