//! A meeting has ended: ask for its recording until it is there. Most meetings are never recorded, and
//! the platform's answer for those and for "not yet known" is the same at first, so the asking goes on
//! for a while either way.

use feishu::{Caller, Error, Priority};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::sight;
use crate::Archive;
use crate::catalog::{CatalogError, Sighting, Tx, date_by_meeting, set_recorded};
use crate::model::{MeetingId, MeetingOutcome, OpenId, Track, to_ms};
use crate::queue::{Call, Next, Task, TaskKind, enqueue};

/// "Still generating" is believed for a day: readiness was seen up to three hours late.
const BELIEVE_GENERATING_MS: i64 = 24 * 3_600_000;
/// "There is none" is believed at once when it is said an hour after the end.
const BELIEVE_NONE_MS: i64 = 3_600_000;

#[derive(Serialize, Deserialize)]
struct Known {
    owner: Option<OpenId>,
    topic: Option<String>,
    /// Who told of the meeting; the event, where nothing stands here.
    track: Option<Track>,
}

/// Calls for the question, in the transaction that works through the event.
pub(super) async fn ask_later(
    tx: &mut Tx,
    meeting_id: &MeetingId,
    owner: Option<&OpenId>,
    topic: Option<&str>,
    track: Track,
    now_ms: i64,
) -> Result<(), CatalogError> {
    let known = Known { owner: owner.cloned(), topic: topic.map(str::to_owned), track: Some(track) };
    let payload = serde_json::to_string(&known).unwrap_or_default();
    let call = Call::new(TaskKind::Meeting, meeting_id.as_ref(), track.priority(), now_ms).with(&payload);
    enqueue(tx, &call, now_ms).await
}

/// What an answer means for the meeting; none for trouble that says nothing of it.
fn outcome_of(error: &Error, asked_for_ms: i64) -> Option<MeetingOutcome> {
    let after = |believe_ms: i64, outcome| {
        if asked_for_ms < believe_ms { MeetingOutcome::Asking } else { outcome }
    };
    Some(match error {
        Error::NotReady(_) => after(BELIEVE_GENERATING_MS, MeetingOutcome::NeverReady),
        Error::NotFound(_) => after(BELIEVE_NONE_MS, MeetingOutcome::NeverRecorded),
        Error::Denied(_) | Error::MissingScope { .. } | Error::Gone(_) | Error::Permanent(_) => {
            after(BELIEVE_GENERATING_MS, MeetingOutcome::Refused)
        }
        _ => return None,
    })
}

impl Archive {
    /// Runs a task of kind `meeting`.
    pub(crate) async fn work_on_meeting(&self, task: &Task) -> Next {
        let now_ms = self.clock.now_ms();
        let Ok(meeting_id) = MeetingId::parse(&task.subject) else { return Next::Done };
        let known = task.payload.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let known = known.unwrap_or(Known { owner: None, topic: None, track: None });
        let asked_for_ms = now_ms - task.created_at;
        let again_at = now_ms + self.waits.meeting.wait_ms(task.attempts);
        let not_yet = |error: &Error| Next::NotYet { at: again_at, why: error.to_string() };
        let answer = self.ask_meeting(&meeting_id, known.owner.as_ref()).await;
        if let Err(error) = &answer
            && let Some(outcome) = outcome_of(error, asked_for_ms)
        {
            let noted = self.catalog.set_asked(&meeting_id, outcome, Some(&error.to_string()), now_ms).await;
            if let Err(error) = noted {
                return Next::Failed { at: again_at, error: error.to_string() };
            }
        }
        match answer {
            Ok(recording) => {
                let Some(minute_token) = recording.minute_token else {
                    info!(%meeting_id, "the meeting's recording is not a minute");
                    return Next::Done;
                };
                let seen = Sighting {
                    minute_token,
                    track: known.track.unwrap_or(Track::MeetingEnded),
                    member: known.owner.clone(),
                    owner: known.owner,
                    meeting_id: Some(meeting_id.clone()),
                    title: known.topic,
                };
                match self.sight_alone(&seen, &meeting_id).await {
                    Ok(()) => Next::Done,
                    Err(error) => Next::Failed { at: now_ms + 1_000, error: error.to_string() },
                }
            }
            Err(error @ Error::NotReady(_)) if asked_for_ms < BELIEVE_GENERATING_MS => not_yet(&error),
            Err(error @ Error::NotFound(_)) if asked_for_ms < BELIEVE_NONE_MS => not_yet(&error),
            Err(error @ (Error::NotReady(_) | Error::NotFound(_))) => {
                info!(%meeting_id, %error, "no recording came of this meeting");
                Next::Done
            }
            // Nobody asks for ever where every answer is a refusal; what there is, the patrol finds.
            Err(
                error
                @ (Error::Denied(_) | Error::MissingScope { .. } | Error::Gone(_) | Error::Permanent(_)),
            ) if asked_for_ms >= BELIEVE_GENERATING_MS => {
                warn!(%meeting_id, %error, "this meeting's recording may not be asked for; giving up");
                Next::Done
            }
            Err(Error::RateLimited { after, .. }) => Next::At(now_ms + to_ms(after)),
            Err(error) => Next::Failed { at: again_at, error: error.to_string() },
        }
    }

    /// With the app's own token, which reaches the whole company; where that is refused, with the owner's.
    async fn ask_meeting(
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

    async fn sight_alone(&self, seen: &Sighting, meeting_id: &MeetingId) -> Result<(), CatalogError> {
        let mut tx = self.catalog.db().begin().await?;
        sight(&mut tx, seen, self.clock.now_ms()).await?;
        set_recorded(&mut tx, meeting_id, &seen.minute_token, self.clock.now_ms()).await?;
        date_by_meeting(&mut tx, meeting_id).await?;
        tx.commit().await?;
        self.queue.nudge(TaskKind::Archive);
        Ok(())
    }
}
