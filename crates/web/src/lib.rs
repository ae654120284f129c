//! The doors: authorisation pages, the webhook, health and metrics; and [`words`], the texts in two
//! languages that pages and command line share. It knows the archive and asks it; it keeps nothing itself
//! but what a browser carries in its own cookies.
//!
//! Invariant: no code, state, token or query of a request reaches a log or a page.

mod assets;
mod attempt;
mod doors;
mod entrance;
mod gauges;
mod notice;
mod page;
mod readiness;
mod routes;
mod site;
mod visitor;
pub mod words;

pub use doors::{Doors, router};
pub use readiness::Readiness;
pub use site::Site;
