//! What people find in the archive: lists, one recording with all that belongs to it, its transcript and notes, and
//! the search through all of them. [`reach`] alone decides who may see what; no other query here is without it but the
//! index's, whose answer goes no further than [`search`], which asks it.
//!
//! Invariant: nobody learns of what they may not open, be it a row, a hit, a count or a line.

mod document;
mod excerpt;
mod fold;
mod index;
mod initials;
mod list;
mod notes;
mod postings;
mod query;
mod reach;
mod search;
mod transcript;
mod words;

pub use document::Document;
pub use excerpt::{Excerpt, Excerpts, Stretch};
pub use index::{IndexError, Indexer, keep_indexed};
pub use list::{COUNTED, Item, Kind, Listed, Order, Shelf, Sort, Wish};
pub use notes::{Chapter, Notes, Todo};
pub use query::SearchQuery;
pub use reach::{Opened, Person};
pub use search::{Found, MOST_FOUND, Page};
pub use transcript::{Line, Transcript};
