//! Bringing one recording in: metadata, media, transcript, AI products, each with a state of its own,
//! with the owner's grant first and then with others' who can see it. How bytes become a file is the
//! business of `store`, whether a file is whole that of `verify`.

mod again;
mod cover;
mod holds;
mod media;
mod metadata;
mod miss;
mod place;
mod reach;
mod recording;
mod sidecar;
mod source;
mod summary;
mod sums;
mod text;
mod transfer;
mod transfers;

pub use again::{Again, try_again};
pub use holds::Holds;
pub use source::keep_sources_known;
pub(crate) use sums::SumsTurns;
pub use transfer::{Bandwidth, Engine, Hours, TransferSettings};
pub use transfers::{Transfer, Transfers};
