//! Where bytes live: names made safe, files made durable, sums made provable.
//!
//! A file appears under its final name only when it is whole and on disk: bytes go to a `.part` file, which is
//! hashed while it is written, synced, checked by the caller, renamed, and its folders synced. Nothing here knows
//! the platform, the catalogue or what the bytes mean; [`crate::verify`] says whether they are a recording.

mod disk;
mod error;
mod name;
mod part;
mod sums;
mod template;

pub use disk::Store;
pub use error::StoreError;
pub use name::owner_folder;
pub use part::{Committed, FinishedPart, PartFile};
pub use sums::{SUMS_FILE, write_sums};
pub use template::{DEFAULT_TEMPLATE, Fields, Stem, Template, TemplateError};
