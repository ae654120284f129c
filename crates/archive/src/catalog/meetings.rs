//! Meetings: what each track tells of one is laid together, and what came of asking it for its recording is
//! kept, so that "never recorded" and "never ready" can be told apart later.

use super::{Catalog, CatalogError, Tx, args};
use crate::model::{Meeting, MeetingId, MeetingOutcome, MinuteToken, OpenId, Track};

/// What a track tells of a meeting.
#[derive(Debug, Clone)]
pub struct MeetingFacts {
    /// The meeting.
    pub meeting_id: MeetingId,
    /// The track.
    pub track: Track,
    /// The nine digits that people dial.
    pub meeting_no: Option<String>,
    /// What it was about.
    pub topic: Option<String>,
    /// The owner.
    pub owner: Option<OpenId>,
    /// The owner's name.
    pub organizer: Option<String>,
    /// The owner's user_id.
    pub organizer_user_id: Option<String>,
    /// When it began, unix ms.
    pub start_ms: Option<i64>,
    /// When it ended, unix ms.
    pub end_ms: Option<i64>,
    /// Whether it was recorded.
    pub is_recorded: Option<bool>,
}

impl MeetingFacts {
    /// Nothing but that it exists.
    #[must_use]
    pub fn of(meeting_id: MeetingId, track: Track) -> Self {
        Self {
            meeting_id,
            track,
            meeting_no: None,
            topic: None,
            owner: None,
            organizer: None,
            organizer_user_id: None,
            start_ms: None,
            end_ms: None,
            is_recorded: None,
        }
    }
}

impl Catalog {
    /// One meeting.
    pub async fn meeting(&self, meeting_id: &MeetingId) -> Result<Option<Meeting>, CatalogError> {
        self.db
            .row(
                "SELECT meeting_id, meeting_no, topic, owner_id, organizer, organizer_user_id, start_ms, end_ms,
                    is_recorded, track, heard_at, asked_at, times_asked, outcome, outcome_at, outcome_detail,
                    minute_token
                 FROM meetings WHERE meeting_id = $1",
                args![meeting_id.as_ref()],
            )
            .await
    }

    /// The meetings that were held under a number (nine digits), the latest first; `limit` of them.
    pub async fn meetings_numbered(&self, number: &str, limit: i64) -> Result<Vec<Meeting>, CatalogError> {
        self.db
            .rows(
                "SELECT meeting_id, meeting_no, topic, owner_id, organizer, organizer_user_id, start_ms, end_ms,
                    is_recorded, track, heard_at, asked_at, times_asked, outcome, outcome_at, outcome_detail,
                    minute_token
                 FROM meetings WHERE meeting_no = $1 ORDER BY COALESCE(start_ms, heard_at) DESC, meeting_id LIMIT $2",
                args![number, limit],
            )
            .await
    }

    /// The recording that came of a meeting, when one is known.
    pub async fn recording_of_meeting(
        &self,
        meeting_id: &MeetingId,
    ) -> Result<Option<MinuteToken>, CatalogError> {
        let row: Option<(Option<String>,)> = self
            .db
            .row(
                "SELECT COALESCE((SELECT MIN(minute_token) FROM recordings WHERE meeting_id = $1),
                    (SELECT minute_token FROM meetings WHERE meeting_id = $1))",
                args![meeting_id.as_ref()],
            )
            .await?;
        Ok(row.and_then(|(token,)| token).and_then(|token| MinuteToken::parse(&token).ok()))
    }

    /// Notes that a meeting was asked for its recording, and what came of it so far.
    pub async fn set_asked(
        &self,
        meeting_id: &MeetingId,
        outcome: MeetingOutcome,
        detail: Option<&str>,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        self.db
            .execute(
                "UPDATE meetings SET asked_at = $4, times_asked = times_asked + 1, outcome_detail = $3,
                    outcome_at = CASE WHEN outcome = $2 THEN outcome_at ELSE $4 END, outcome = $2
                 WHERE meeting_id = $1 AND outcome <> 'recorded'",
                args![meeting_id.as_ref(), outcome.as_str(), detail, now_ms],
            )
            .await?;
        Ok(())
    }
}

impl Catalog {
    /// The meetings that began before `before_ms` (unix ms) and go on, as far as is known.
    pub(crate) async fn going_on(&self, before_ms: i64) -> Result<Vec<MeetingId>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db
            .rows(
                "SELECT meeting_id FROM meetings WHERE outcome = 'going_on' AND COALESCE(start_ms, heard_at) < $1",
                args![before_ms],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| MeetingId::parse(&id).ok()).collect())
    }

    /// The recorded meetings that began at `since_ms` (unix ms) or later, whose recording nobody knows and which
    /// are not being asked for it.
    pub(crate) async fn unknown_recordings(&self, since_ms: i64) -> Result<Vec<MeetingId>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db
            .rows(
                "SELECT m.meeting_id FROM meetings m
                 WHERE m.start_ms >= $1 AND m.is_recorded = 1 AND m.minute_token IS NULL
                    AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.meeting_id = m.meeting_id)
                    AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.kind = 'meeting' AND t.subject = m.meeting_id)",
                args![since_ms],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| MeetingId::parse(&id).ok()).collect())
    }

    /// Gives up following what goes on: whatever does is asked for its recording, once somebody asks. For a start
    /// without anybody whose grant opens the company's record.
    pub(crate) async fn follow_nothing(&self, now_ms: i64) -> Result<(), CatalogError> {
        self.db
            .execute(
                "UPDATE meetings SET outcome = 'asking', outcome_at = $1 WHERE outcome = 'going_on'",
                args![now_ms],
            )
            .await?;
        Ok(())
    }
}

/// Notes that a meeting goes on. One that was taken for over is not, unless its recording is known.
pub(crate) async fn note_going_on(
    tx: &mut Tx,
    facts: &MeetingFacts,
    now_ms: i64,
) -> Result<(), CatalogError> {
    hear_of_meeting(tx, facts, MeetingOutcome::GoingOn, now_ms).await?;
    tx.execute(
        "UPDATE meetings SET outcome = 'going_on', outcome_at = $2 WHERE meeting_id = $1 AND outcome = 'asking'",
        args![facts.meeting_id.as_ref(), now_ms],
    )
    .await?;
    Ok(())
}

/// Notes that a meeting that went on does not any more; whether that is news.
pub(crate) async fn note_end(tx: &mut Tx, meeting_id: &MeetingId, now_ms: i64) -> Result<bool, CatalogError> {
    let ended = tx
        .execute(
            "UPDATE meetings SET outcome = 'asking', outcome_at = $2 WHERE meeting_id = $1 AND outcome = 'going_on'",
            args![meeting_id.as_ref(), now_ms],
        )
        .await?;
    Ok(ended > 0)
}

/// Makes a meeting with this outcome, or fills in what was not known of one; whether it is new. What is known
/// already stays, but a later word on whether it was recorded counts.
pub(crate) async fn hear_of_meeting(
    tx: &mut Tx,
    facts: &MeetingFacts,
    outcome: MeetingOutcome,
    now_ms: i64,
) -> Result<bool, CatalogError> {
    let is_new = tx
        .execute(
            "INSERT INTO meetings (meeting_id, track, heard_at, outcome, outcome_at) VALUES ($1, $2, $3, $4, $3)
             ON CONFLICT (meeting_id) DO NOTHING",
            args![facts.meeting_id.as_ref(), facts.track.as_str(), now_ms, outcome.as_str()],
        )
        .await?
        > 0;
    tx.execute(
        "UPDATE meetings SET meeting_no = COALESCE(meeting_no, $2), topic = COALESCE(topic, $3),
            owner_id = COALESCE(owner_id, $4), organizer = COALESCE(organizer, $5),
            organizer_user_id = COALESCE(organizer_user_id, $6), start_ms = COALESCE(start_ms, $7),
            end_ms = COALESCE(end_ms, $8), is_recorded = COALESCE($9, is_recorded)
         WHERE meeting_id = $1",
        args![
            facts.meeting_id.as_ref(),
            facts.meeting_no.as_deref(),
            facts.topic.as_deref(),
            facts.owner.as_ref().map(ToString::to_string),
            facts.organizer.as_deref(),
            facts.organizer_user_id.as_deref(),
            facts.start_ms,
            facts.end_ms,
            facts.is_recorded.map(i64::from)
        ],
    )
    .await?;
    // What a removed person held before stays without a name, however often the company's record is read.
    tx.execute(
        "UPDATE meetings SET topic = NULL, organizer = NULL, organizer_user_id = NULL WHERE meeting_id = $1
            AND EXISTS (SELECT 1 FROM removals r WHERE r.open_id = meetings.owner_id
                AND r.removed_at >= COALESCE(meetings.start_ms, meetings.heard_at))",
        args![facts.meeting_id.as_ref()],
    )
    .await?;
    Ok(is_new)
}

/// Gives a recording that nobody could ask for its time that of its meeting, so that it counts in its own week.
pub(crate) async fn date_by_meeting(tx: &mut Tx, meeting_id: &MeetingId) -> Result<(), CatalogError> {
    tx.execute(
        "UPDATE recordings SET created_ms = (SELECT start_ms FROM meetings WHERE meeting_id = $1)
         WHERE meeting_id = $1 AND created_ms IS NULL",
        args![meeting_id.as_ref()],
    )
    .await?;
    Ok(())
}

/// Notes that a meeting was recorded, whoever said so. It must have been heard of.
pub(crate) async fn set_recorded(
    tx: &mut Tx,
    meeting_id: &MeetingId,
    minute_token: &MinuteToken,
    now_ms: i64,
) -> Result<(), CatalogError> {
    tx.execute(
        "UPDATE meetings SET outcome = 'recorded', outcome_at = $3, outcome_detail = NULL, minute_token = $2
         WHERE meeting_id = $1 AND outcome <> 'recorded'",
        args![meeting_id.as_ref(), minute_token, now_ms],
    )
    .await?;
    Ok(())
}
