//! Is this file whole? Structure and length before a recording is kept, its hash whenever somebody asks again.
//!
//! Knows files and bytes only: not where they came from ([`crate::fetch`]) nor where they live ([`crate::store`]);
//! all but [`audit`], which holds the one against the other.

mod audit;
mod mp4;
mod reread;
mod sniff;

pub use audit::{AuditError, AuditSum, Depth, FileFault, Finding, audit};
pub use mp4::{MediaKind, Mp4Facts, Mp4Fault, check_mp4, check_mp4_file};
pub use reread::{FileHash, hash_file};
pub use sniff::{Looks, refuse_content_type};
