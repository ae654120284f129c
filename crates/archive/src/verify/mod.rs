//! Is this file whole? Structure and length before a recording is kept, its hash whenever somebody asks again.
//!
//! Knows files and bytes only: not where they came from ([`crate::fetch`]) nor where they live ([`crate::store`]);
//! all but [`audit`], [`strangers`] and [`scrub`], which hold the one against the other and have it mended.

mod audit;
mod mp4;
mod picture;
mod reread;
mod scrub;
mod sniff;
mod strangers;

pub use audit::{AuditError, AuditSum, Depth, FileFault, Finding, Reading, audit};
pub use mp4::{MediaKind, Mp4Facts, Mp4Fault, check_mp4, check_mp4_file};
pub use picture::{picture_extension, picture_type};
pub use reread::{FileHash, hash_file, hash_file_at};
pub use scrub::{ScrubSettings, keep_verified, mend};
pub use sniff::{Looks, refuse_content_type};
pub use strangers::{Stranger, strangers};
