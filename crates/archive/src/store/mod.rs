//! Where bytes live: names made safe, files made durable, sums made provable.
//!
//! A file appears under its final name only when it is whole and on disk: bytes go to a `.part` file, which is
//! hashed while it is written, synced, checked by the caller, renamed, and its folders synced. Media comes in pieces
//! and over several runs; a ledger beside the part says which of its bytes are safe. Nothing here knows
//! the platform, the catalogue or what the bytes mean; [`crate::verify`] says whether they are a recording.

mod assembly;
mod disk;
mod error;
mod finished;
mod ledger;
mod mark;
mod name;
mod part;
mod pieces;
mod quarantine;
mod ranges;
mod room;
mod sums;
mod sweep;
mod template;
mod trash;

pub use assembly::{Assembly, AssemblyError};
pub use disk::{Store, is_own_file};
pub use error::StoreError;
pub use finished::{Committed, FinishedPart};
pub use ledger::Object;
pub use mark::{MARK_FILE, Mark};
pub use name::owner_folder;
pub use part::PartFile;
pub use pieces::{Closed, Pieces, Room};
pub use quarantine::{QUARANTINE, QuarantineSize, Quarantined};
pub use ranges::Ranges;
pub use room::{DiskRoom, KeepFree};
pub use sums::{SUMS_FILE, write_sums};
pub use sweep::Unfinished;
pub use template::{DEFAULT_TEMPLATE, Fields, Stem, TEMPLATE_FIELDS, Template, TemplateError};
pub use trash::TRASH;
