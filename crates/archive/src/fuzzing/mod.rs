//! What must hold whatever outsiders send: one function for each parser that faces them, which panics when it
//! does not hold.
//!
//! No part of the crate as others use it: it is there for libFuzzer (`fuzz/`, which sets `cfg(fuzzing)`) and for
//! the tests below, which try the same seeds and changes of them on any toolchain. See docs/FUZZING.md.
#![expect(clippy::missing_panics_doc, reason = "a panic is what they are for")]

mod mp4;
mod template;

pub use crate::legacy::fuzzing::legacy;
pub use mp4::mp4;
pub use template::template;

#[cfg(test)]
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;

#[cfg(test)]
mod tests {
    use super::inputs::{Target, try_changed_seeds, try_seeds};
    use super::*;

    const TARGETS: [Target; 3] = [("legacy", legacy), ("mp4", mp4), ("template", template)];

    #[test]
    fn every_seed_keeps_what_must_hold() {
        try_seeds(&TARGETS);
    }

    #[test]
    fn so_does_every_changed_seed() {
        try_changed_seeds(&TARGETS);
    }
}
