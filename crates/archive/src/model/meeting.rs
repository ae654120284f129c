//! A meeting (视频会议) of the company, recorded or not.

use super::{MeetingId, text_enum};

text_enum! {
    /// What came of asking a meeting for its recording.
    pub enum MeetingOutcome {
        /// It goes on; nobody asks it yet.
        GoingOn = "going_on",
        /// It is still asked.
        Asking = "asking",
        /// It was recorded; the minute is known.
        Recorded = "recorded",
        /// There is no recording, and by now there would be one.
        NeverRecorded = "never_recorded",
        /// A recording was being generated, and never came.
        NeverReady = "never_ready",
        /// Nobody whose token we hold may ask.
        Refused = "refused",
    }
}

/// One meeting as the catalogue knows it. What nobody has told is `None`.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Meeting {
    /// Its identity, a long number.
    #[sqlx(try_from = "String")]
    pub meeting_id: MeetingId,
    /// The nine digits that people dial.
    pub meeting_no: Option<String>,
    /// What it was about.
    pub topic: Option<String>,
    /// The owner's open_id.
    pub owner_id: Option<String>,
    /// The owner's name, as the list of the company's meetings has it.
    pub organizer: Option<String>,
    /// The owner's user_id, as that list has it.
    pub organizer_user_id: Option<String>,
    /// When it began, unix ms.
    pub start_ms: Option<i64>,
    /// When it ended, unix ms.
    pub end_ms: Option<i64>,
    /// Whether it was recorded (1) or not (0), as that list says.
    pub is_recorded: Option<i64>,
    /// Which track told of it first.
    pub track: String,
    /// When that was, unix ms.
    pub heard_at: i64,
    /// When it was last asked for its recording, unix ms.
    pub asked_at: Option<i64>,
    /// How often it was asked.
    pub times_asked: i64,
    /// What came of it.
    #[sqlx(try_from = "String")]
    pub outcome: MeetingOutcome,
    /// Since when the outcome stands, unix ms.
    pub outcome_at: i64,
    /// The platform's words behind the outcome.
    pub outcome_detail: Option<String>,
    /// Its recording.
    pub minute_token: Option<String>,
}
