//! A recording: one minute (妙记) of the platform, whoever saw it and however often.

use feishu::Priority;

use super::{MinuteToken, OpenId, Reason, text_enum};

text_enum! {
    /// How a track or an old installation came to know a recording.
    pub enum Track {
        /// Event `vc.meeting.recording_ready_v1`.
        RecordingReady = "recording_ready",
        /// Event `vc.meeting.all_meeting_ended_v1`, then asked for the recording.
        MeetingEnded = "meeting_ended",
        /// Event `minutes.minute.generated_v1`.
        MinuteGenerated = "minute_generated",
        /// The periodic look (巡检).
        Patrol = "patrol",
        /// The look through a member's history.
        Backfill = "backfill",
        /// The slow look for what a member attended and somebody else owns.
        Attended = "attended",
        /// The company's own record of its meetings, then asked for the recording.
        CompanyRecord = "company_record",
        /// The history file of the script that was here before.
        Import = "import",
    }
}

impl Track {
    /// How urgent the work is that it calls for.
    #[must_use]
    pub const fn priority(self) -> Priority {
        match self {
            Self::RecordingReady | Self::MeetingEnded | Self::MinuteGenerated => Priority::Event,
            Self::Patrol | Self::CompanyRecord => Priority::Patrol,
            Self::Backfill | Self::Attended | Self::Import => Priority::Backfill,
        }
    }
}

text_enum! {
    /// Where a recording stands as a whole; what decides is its media.
    pub enum RecordingState {
        /// Known; work is on its way.
        Found = "found",
        /// The media is on disk, whole and hashed.
        Archived = "archived",
        /// The platform is still making the media.
        Waiting = "waiting",
        /// Nobody whose grant we hold may export the media.
        Denied = "denied",
        /// Nobody who can see it has authorised us.
        NoGrant = "no_grant",
        /// Deleted at the source before we could fetch it.
        Gone = "gone",
        /// It was archived; its file is damaged or gone, and the platform has it no more.
        Lost = "lost",
        /// The platform never made a media file.
        NoMedia = "no_media",
        /// The last attempts failed; they go on, slower.
        Failed = "failed",
        /// In the trash: it can be put back, and is not fetched again.
        Trashed = "trashed",
        /// Removed on purpose, and not fetched again.
        Purged = "purged",
    }
}

impl RecordingState {
    /// Whether somebody (or a rule) has taken it out of the archive: it is shown to nobody and fetched no more.
    #[must_use]
    pub const fn is_removed(self) -> bool {
        matches!(self, Self::Trashed | Self::Purged)
    }
}

/// One recording as the catalogue knows it.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Recording {
    /// Its identity.
    #[sqlx(try_from = "String")]
    pub minute_token: MinuteToken,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: RecordingState,
    /// Why it stands there.
    pub reason: Option<String>,
    /// Platform code, message and log id behind the reason.
    pub reason_detail: Option<String>,
    /// The owner's open_id, once metadata or an event told it.
    pub owner_id: Option<String>,
    /// Title as last seen.
    pub title: Option<String>,
    /// When the minute was created, unix ms.
    pub created_ms: Option<i64>,
    /// Length in ms as the platform says.
    pub duration_ms: Option<i64>,
    /// The meeting it came from, when known.
    pub meeting_id: Option<String>,
    /// The page of the minute on the platform.
    pub url: Option<String>,
    /// The platform's own metadata, as it came (JSON).
    pub metadata: Option<String>,
    /// Folder below the archive root; fixed at first use, so that renames do not move files.
    pub dir: Option<String>,
    /// File name without extension; fixed at first use.
    pub stem: Option<String>,
    /// When a track first saw it, unix ms.
    pub found_at: i64,
    /// When the media was committed, unix ms.
    pub archived_at: Option<i64>,
}

impl Recording {
    /// The reason, typed, when this version knows the word.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason.as_deref().and_then(|word| word.parse().ok())
    }

    /// The owner, when known and well-formed.
    #[must_use]
    pub fn owner(&self) -> Option<OpenId> {
        self.owner_id.as_deref().and_then(|id| OpenId::parse(id).ok())
    }
}
