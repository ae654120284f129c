//! The words the archive thinks in: recordings, artifacts, members, reasons, time. No IO here.

mod artifact;
mod attended;
mod backfill;
mod clock;
mod link;
mod meeting;
mod member;
mod reason;
mod recording;
mod scope;
mod text_enum;
mod viewer;

pub use artifact::{Artifact, ArtifactKind, ArtifactState};
pub use attended::AttendedLooks;
pub use backfill::{Backfill, BackfillYield, MediaMeasure};
pub(crate) use clock::to_ms;
pub use clock::{Clock, ManualClock, SystemClock};
pub use feishu::{MeetingId, MinuteToken, OpenId};
pub use link::{LinkStanding, LinkState, LinkTrouble};
pub use meeting::{Meeting, MeetingOutcome};
pub use member::{Member, MemberState};
pub use reason::{Mover, Reason};
pub use recording::{Recording, RecordingState, Track};
pub use scope::Scope;
pub use text_enum::UnknownWord;
pub(crate) use text_enum::text_enum;
pub use viewer::{Role, Viewer};
