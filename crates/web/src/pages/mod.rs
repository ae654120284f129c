//! The pages of the library: what their templates are filled with.

mod found;
mod library;
mod player;

pub(crate) use found::FoundPage;
pub(crate) use library::LibraryPage;
pub(crate) use player::PlayerPage;
