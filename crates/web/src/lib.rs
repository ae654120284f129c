//! The doors: authorisation and sign-in, pages for those who have signed in ([`session`]), the webhook, health and
//! metrics; and [`words`], the texts in two languages that pages and command line share. It knows the archive and asks
//! it; it keeps nothing itself but what a browser carries in its own cookies.
//!
//! Invariant: no code, state, token or query of a request reaches a log, and none of an authorisation's a page.

pub mod amounts;
mod assets;
mod attachment;
mod attempt;
pub mod checkup;
mod crowd;
mod doors;
mod entrance;
mod figures;
mod gauges;
pub mod moments;
mod nav;
mod notice;
mod office;
mod page;
mod pages;
mod partial;
mod range;
mod readiness;
mod reading_room;
mod routes;
mod said;
pub mod session;
pub mod sheet;
mod site;
mod streaming;
pub mod table;
mod theme;
mod visitor;
mod whence;
pub mod words;
mod zip;

pub use doors::{Doors, router};
pub use office::{Office, Setting};
pub use readiness::Readiness;
pub use site::Site;
