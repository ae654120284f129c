//! What stored events mean: each becomes sightings, a question to a meeting, or the end of a grant. What is
//! done and the mark that it is done are one transaction, so a crash between them is harmless.

use feishu::Notice;
use tracing::{info, warn};

use super::backlog::Stored;
use super::{meeting, sight};
use crate::Archive;
use crate::catalog::{CatalogError, MeetingFacts, Sighting, Tx, args, set_heard};
use crate::model::Track;

/// Subscribers of one event that become sightings; each is somebody whose grant may be tried.
const MOST_SUBSCRIBERS: usize = 100;

/// Whether events of this kind lead to work. The others are counted.
pub(super) fn is_handled(kind: &str) -> bool {
    crate::members::EVENTS.contains(&kind)
}

impl Archive {
    /// Does what these events call for, in one transaction.
    pub(super) async fn handle_events(&self, events: &[Stored]) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        let notices: Vec<_> = events.iter().map(|event| (event, read(event))).collect();
        for (event, notice) in &notices {
            if let Ok(Notice::GrantRevoked { open_id, reason }) = notice {
                info!(member = %open_id, reason, "the platform says that a grant was revoked");
                self.grants.revoked(open_id, reason, event.created_ms).await?;
            }
        }
        let mut tx = self.catalog.db().begin().await?;
        for (event, notice) in notices {
            let note = notice.as_ref().err().map(String::as_str);
            // First, since the row is then ours: another node that is at the same event waits and leaves it.
            let is_ours = tx
                .execute(
                    "UPDATE events SET handled_at = $2, note = $3, body = CASE WHEN $4 = 1 THEN body END
                     WHERE event_id = $1 AND handled_at IS NULL",
                    args![event.event_id.as_str(), now_ms, note, i64::from(note.is_some())],
                )
                .await?
                > 0;
            if is_ours && let Ok(notice) = notice {
                act_on(&mut tx, notice, now_ms).await?;
            }
        }
        tx.commit().await
    }
}

/// What an event says, or why it cannot be understood.
fn read(event: &Stored) -> Result<Notice, String> {
    let notice = serde_json::from_str(event.body.as_deref().unwrap_or("null"))
        .map_err(|error| error.to_string())
        .and_then(|body| Notice::read(&event.kind, &body).map_err(|error| error.to_string()));
    if let Err(garbled) = &notice {
        warn!(
            event_id = event.event_id,
            kind = event.kind,
            garbled,
            "an event could not be understood; noted and left"
        );
        metrics::counter!("vault_events_garbled_total").increment(1);
    }
    notice
}

async fn act_on(tx: &mut Tx, notice: Notice, now_ms: i64) -> Result<(), CatalogError> {
    match notice {
        Notice::RecordingReady { meeting_id, minute_token, owner, topic, .. } => {
            let seen = Sighting {
                minute_token,
                track: Track::RecordingReady,
                member: owner.clone(),
                owner,
                meeting_id,
                title: topic,
            };
            sight(tx, &seen, now_ms).await?;
            if let Some(meeting_id) = seen.meeting_id {
                let facts = MeetingFacts {
                    owner: seen.owner,
                    topic: seen.title,
                    ..MeetingFacts::of(meeting_id, seen.track)
                };
                meeting::note_recorded(tx, &facts, &seen.minute_token, now_ms).await?;
            }
        }
        Notice::MinuteGenerated { minute_token, meeting_id, subscribers } => {
            // Those who are told can see it; nobody says who owns it.
            let nobody = subscribers.is_empty().then_some(None);
            for member in subscribers.into_iter().map(Some).take(MOST_SUBSCRIBERS).chain(nobody) {
                let seen = Sighting {
                    minute_token: minute_token.clone(),
                    track: Track::MinuteGenerated,
                    member,
                    owner: None,
                    meeting_id: meeting_id.clone(),
                    title: None,
                };
                sight(tx, &seen, now_ms).await?;
                if let Some(member) = &seen.member {
                    set_heard(tx, member, now_ms).await?;
                }
            }
            if let Some(meeting_id) = meeting_id {
                let facts = MeetingFacts::of(meeting_id, Track::MinuteGenerated);
                meeting::note_recorded(tx, &facts, &minute_token, now_ms).await?;
            }
        }
        Notice::MeetingEnded { meeting_id, meeting_no, owner, topic, start_time_ms, end_time_ms } => {
            let facts = MeetingFacts {
                meeting_no,
                owner,
                topic,
                start_ms: start_time_ms,
                end_ms: end_time_ms,
                ..MeetingFacts::of(meeting_id, Track::MeetingEnded)
            };
            meeting::ask_later(tx, &facts, now_ms).await?;
        }
        Notice::GrantRevoked { .. } | Notice::Other => {}
    }
    Ok(())
}
