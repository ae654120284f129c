//! A meeting has ended: ask for its recording until it is there. Most meetings are never recorded, and the
//! platform's answer for those and for "not yet known" is the same at first, so the asking goes on for a
//! while either way; what came of it is kept with the meeting.

use feishu::{Caller, Error, Priority};
use tracing::{info, warn};

use super::sight;
use crate::Archive;
use crate::catalog::{
    CatalogError, MeetingFacts, Sighting, Tx, date_by_meeting, hear_of_meeting, set_recorded,
};
use crate::model::{Meeting, MeetingId, MeetingOutcome, MinuteToken, OpenId, Track, to_ms};
use crate::queue::{Call, Next, Task, TaskKind, enqueue};

/// A recording was seen to come up to three hours after the end; what is said after twice that is believed.
const ASK_FOR_MS: i64 = 6 * 3_600_000;

/// What the meeting and the company's record say alike after this is believed.
const BELIEVED_AFTER_MS: i64 = 3_600_000;

/// Notes the meeting and calls for the question, in the transaction that works through the event.
pub(super) async fn ask_later(tx: &mut Tx, facts: &MeetingFacts, now_ms: i64) -> Result<(), CatalogError> {
    hear_of_meeting(tx, facts, MeetingOutcome::Asking, now_ms).await?;
    let call = Call::new(TaskKind::Meeting, facts.meeting_id.as_ref(), facts.track.priority(), now_ms);
    enqueue(tx, &call, now_ms).await
}

/// Notes a meeting whose minute is known already.
pub(super) async fn note_recorded(
    tx: &mut Tx,
    facts: &MeetingFacts,
    minute_token: &MinuteToken,
    now_ms: i64,
) -> Result<(), CatalogError> {
    hear_of_meeting(tx, facts, MeetingOutcome::Asking, now_ms).await?;
    set_recorded(tx, &facts.meeting_id, minute_token, now_ms).await?;
    date_by_meeting(tx, &facts.meeting_id).await
}

/// What a meeting answered.
enum Answer {
    Minute(MinuteToken),
    /// Nothing yet; if it stays so, this is how it ends.
    NotYet(MeetingOutcome, String),
}

impl Archive {
    /// Runs a task of kind `meeting`.
    pub(crate) async fn work_on_meeting(&self, task: &Task) -> Next {
        let Ok(meeting_id) = MeetingId::parse(&task.subject) else { return Next::Done };
        let again_at = self.clock.now_ms() + self.waits.meeting.wait_ms(task.attempts);
        let failed = |error: &dyn std::fmt::Display| Next::Failed { at: again_at, error: error.to_string() };
        let meeting = match self.known_meeting(&meeting_id).await {
            Ok(meeting) if meeting.outcome == MeetingOutcome::Recorded => return Next::Done,
            Ok(meeting) => meeting,
            Err(error) => return failed(&error),
        };
        let answer = match self.ask_meeting(&meeting).await {
            Ok(answer) => answer,
            Err(Error::RateLimited { after, .. }) => return Next::At(self.clock.now_ms() + to_ms(after)),
            Err(error) => return failed(&error),
        };
        let noted = match answer {
            Answer::Minute(minute_token) => {
                self.sight_recorded(&meeting, minute_token).await.map(|()| Next::Done)
            }
            Answer::NotYet(end, why) => self.ask_again_or_end(task, &meeting, again_at, end, why).await,
        };
        noted.unwrap_or_else(|error| failed(&error))
    }

    async fn known_meeting(&self, meeting_id: &MeetingId) -> Result<Meeting, CatalogError> {
        loop {
            if let Some(meeting) = self.catalog.meeting(meeting_id).await? {
                return Ok(meeting);
            }
            // Called for by a version that had no table of meetings.
            let facts = MeetingFacts::of(meeting_id.clone(), Track::MeetingEnded);
            let mut tx = self.catalog.db().begin().await?;
            hear_of_meeting(&mut tx, &facts, MeetingOutcome::Asking, self.clock.now_ms()).await?;
            tx.commit().await?;
        }
    }

    async fn ask_meeting(&self, meeting: &Meeting) -> Result<Answer, Error> {
        let owner = meeting.owner_id.as_deref().and_then(|id| OpenId::parse(id).ok());
        let (end, error) = match self.recording_of(&meeting.meeting_id, owner.as_ref()).await {
            Ok(feishu::MeetingRecording { minute_token: Some(token), .. }) => {
                return Ok(Answer::Minute(token));
            }
            Ok(recording) => {
                let why = format!("its recording is not a minute yet: {}", recording.url.unwrap_or_default());
                return Ok(Answer::NotYet(MeetingOutcome::NeverReady, why));
            }
            Err(error @ Error::NotReady(_)) => (MeetingOutcome::NeverReady, error),
            Err(error @ Error::NotFound(_)) => (MeetingOutcome::NeverRecorded, error),
            // What there is nevertheless, the patrol finds.
            Err(
                error
                @ (Error::Denied(_) | Error::MissingScope { .. } | Error::Gone(_) | Error::Permanent(_)),
            ) => (MeetingOutcome::Refused, error),
            Err(error) => return Err(error),
        };
        Ok(Answer::NotYet(end, error.to_string()))
    }

    /// With the app's own token, which reaches the whole company; where that is refused, with the owner's.
    async fn recording_of(
        &self,
        meeting_id: &MeetingId,
        owner: Option<&OpenId>,
    ) -> Result<feishu::MeetingRecording, Error> {
        let client = self.client.at(Priority::Event);
        let refused = match client.meeting_recording(meeting_id, Caller::Tenant).await {
            Err(error @ (Error::Denied(_) | Error::MissingScope { .. })) => error,
            answer => return answer,
        };
        let Some(owner) = owner else { return Err(refused) };
        match self.grants.access(owner).await {
            Ok(access) => client.meeting_recording(meeting_id, Caller::User(&access.token)).await,
            Err(_) => Err(refused),
        }
    }

    async fn ask_again_or_end(
        &self,
        task: &Task,
        meeting: &Meeting,
        again_at: i64,
        end: MeetingOutcome,
        why: String,
    ) -> Result<Next, CatalogError> {
        let now_ms = self.clock.now_ms();
        let last_at = task.created_at + ASK_FOR_MS;
        let both_say_none = end == MeetingOutcome::NeverRecorded && meeting.is_recorded == Some(0);
        let is_over = now_ms >= last_at || (both_say_none && now_ms >= task.created_at + BELIEVED_AFTER_MS);
        let outcome = if is_over { end } else { MeetingOutcome::Asking };
        self.catalog.set_asked(&meeting.meeting_id, outcome, Some(&why), now_ms).await?;
        if !is_over {
            return Ok(Next::NotYet { at: again_at.min(last_at), why });
        }
        metrics::counter!("vault_meetings_ended_without_minute_total", "outcome" => end.as_str())
            .increment(1);
        if end == MeetingOutcome::NeverRecorded {
            info!(meeting_id = %meeting.meeting_id, why, "this meeting was not recorded");
        } else {
            warn!(meeting_id = %meeting.meeting_id, outcome = %end, why, "no recording came of this meeting");
        }
        Ok(Next::Done)
    }

    async fn sight_recorded(&self, meeting: &Meeting, minute_token: MinuteToken) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        let owner = meeting.owner_id.as_deref().and_then(|id| OpenId::parse(id).ok());
        let is_from_record = meeting.track == Track::CompanyRecord.as_str();
        let seen = Sighting {
            minute_token,
            track: if is_from_record { Track::CompanyRecord } else { Track::MeetingEnded },
            member: owner.clone(),
            owner,
            meeting_id: Some(meeting.meeting_id.clone()),
            title: meeting.topic.clone(),
        };
        self.catalog.set_asked(&meeting.meeting_id, MeetingOutcome::Asking, None, now_ms).await?;
        let mut tx = self.catalog.db().begin().await?;
        sight(&mut tx, &seen, now_ms).await?;
        set_recorded(&mut tx, &meeting.meeting_id, &seen.minute_token, now_ms).await?;
        date_by_meeting(&mut tx, &meeting.meeting_id).await?;
        tx.commit().await?;
        self.queue.nudge(TaskKind::Archive);
        Ok(())
    }
}
