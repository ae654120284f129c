//! What must hold whatever outsiders send: one function for each parser that faces them, which panics when it
//! does not hold.
//!
//! No part of the crate as others use it: it is there for libFuzzer (`fuzz/`, which sets `cfg(fuzzing)`) and for
//! the tests below, which try the same seeds and changes of them on any toolchain. See docs/FUZZING.md.
#![expect(clippy::missing_panics_doc, reason = "a panic is what they are for")]

mod content_disposition;
mod content_range;
mod event;
mod long_connection;
mod minute_url;
mod search_answer;

pub use content_disposition::content_disposition;
pub use content_range::content_range;
pub use event::event;
pub use long_connection::long_connection;
pub use minute_url::minute_url;
pub use search_answer::search_answer;

#[cfg(test)]
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;

#[cfg(test)]
mod tests {
    use super::inputs::{Target, try_changed_seeds, try_seeds};
    use super::*;

    const TARGETS: [Target; 6] = [
        ("content_disposition", content_disposition),
        ("content_range", content_range),
        ("event", event),
        ("long_connection", long_connection),
        ("minute_url", minute_url),
        ("search_answer", search_answer),
    ];

    #[test]
    fn every_seed_keeps_what_must_hold() {
        try_seeds(&TARGETS);
    }

    #[test]
    fn so_does_every_changed_seed() {
        try_changed_seeds(&TARGETS);
    }
}
