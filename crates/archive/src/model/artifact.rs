//! What a recording consists of. Each artifact has a state of its own: a denied transcript does not
//! keep the video out.

use super::{Reason, text_enum};

text_enum! {
    /// The parts of a recording that the platform hands out, and our own sidecar.
    pub enum ArtifactKind {
        /// The MP4 or M4A file.
        Media = "media",
        /// The transcript as text, with speakers and times.
        TranscriptTxt = "transcript_txt",
        /// The transcript as captions.
        TranscriptSrt = "transcript_srt",
        /// Summary, chapters and to-dos made by the platform's AI.
        Summary = "summary",
        /// The picture that the platform shows for it. Not among [`ArtifactKind::FETCHED`]: it comes or it does not.
        Cover = "cover",
        /// Our JSON sidecar: metadata, sources, hashes.
        Sidecar = "sidecar",
    }
}

impl ArtifactKind {
    /// What the platform is asked for, in this order.
    pub const FETCHED: [Self; 4] = [Self::Media, Self::TranscriptTxt, Self::TranscriptSrt, Self::Summary];

    /// Whether it is for reading: what it says can be searched.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::TranscriptTxt | Self::TranscriptSrt | Self::Summary)
    }
}

text_enum! {
    /// How far an artifact is.
    pub enum ArtifactState {
        /// Not asked for yet.
        Pending = "pending",
        /// On disk, hashed, in the catalogue.
        Done = "done",
        /// The platform has not finished it (2091003); asked again with growing waits.
        Waiting = "waiting",
        /// Nobody whose grant we hold may export it.
        Denied = "denied",
        /// The platform has none, and will not have one.
        Absent = "absent",
        /// The last attempt failed; asked again with growing waits.
        Failed = "failed",
    }
}

/// One artifact of one recording.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Artifact {
    /// The recording that it belongs to.
    pub minute_token: String,
    /// Which part.
    #[sqlx(try_from = "String")]
    pub kind: ArtifactKind,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: ArtifactState,
    /// Why it is not done.
    pub reason: Option<String>,
    /// Platform code, message and log id behind the reason.
    pub reason_detail: Option<String>,
    /// File name inside the recording's folder.
    pub file_name: Option<String>,
    /// Size on disk.
    pub bytes: Option<i64>,
    /// Lowercase hex SHA-256 of the file.
    pub sha256: Option<String>,
    /// What the media host called it.
    pub content_type: Option<String>,
    /// Whose grant fetched it.
    pub via: Option<String>,
    /// How long it plays by its own index, which may differ a little from what the platform says.
    pub play_ms: Option<i64>,
    /// Attempts so far that did not end in `Done`.
    pub attempts: i64,
    /// Not asked for before this time, unix ms.
    pub due_at: i64,
    /// When it was committed, unix ms.
    pub done_at: Option<i64>,
    /// When its bytes were last read again and found right, unix ms.
    pub verified_at: Option<i64>,
}

impl Artifact {
    /// The reason, typed, when this version knows the word.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason.as_deref().and_then(|word| word.parse().ok())
    }
}
