//! How long what is kept: rules, legal holds, and the trash, out of which everything can be put back for thirty days.
//! By itself nothing goes. A rule is made switched off, and switched on by somebody who has seen what it would take.
//!
//! Invariant: what is held leaves for nowhere, neither by a rule nor by hand nor out of the trash. Whoever places a hold
//! and whoever takes something away write into the audit log first, in the same transaction, and so one after the other.
//!
//! Invariant: the catalogue goes first and the files follow, by renaming alone; a kill in between is taken up at the start.

mod empty;
mod files;
mod holds;
mod keep;
mod rules;
mod trash;
mod usage;

pub(crate) use files::take_up_trash;
pub use holds::{Hold, HoldOn};
pub use keep::{RoundSum, keep_retention, look};
pub use rules::{Candidate, Candidates, NewRule, Rule, Switched, WouldTake};
pub use trash::{InTrash, TRASH_MS, Trash, TrashError, TrashSize};
pub use usage::{MonthUsage, OpenFault, PersonUsage, ScrubStanding, Usage};
