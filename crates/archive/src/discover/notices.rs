//! Works through stored events: each becomes sightings, a question to a meeting, or the end of a grant.
//! What it does and the mark that it is done are one transaction, so a crash between them is harmless.

use std::time::Duration;

use feishu::Notice;
use tracing::{info, warn};

use super::{meeting, sight};
use crate::Archive;
use crate::catalog::{CatalogError, Sighting, args};
use crate::model::Track;
use crate::queue::{Backoff, Next, Task, TaskKind};

const CATALOG_TROUBLE: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(1) };

/// Subscribers of one event that become sightings; each is somebody whose grant may be tried.
const MOST_SUBSCRIBERS: usize = 100;

/// Whether events of this kind lead to work. The others are counted.
pub(super) fn is_handled(kind: &str) -> bool {
    crate::members::EVENTS.contains(&kind)
}

impl Archive {
    /// Runs a task of kind `event`.
    pub(crate) async fn work_on_event(&self, task: &Task) -> Next {
        match self.handle_event(&task.subject).await {
            Ok(()) => Next::Done,
            Err(error) => Next::Failed {
                at: self.clock.now_ms() + CATALOG_TROUBLE.wait_ms(task.attempts),
                error: error.to_string(),
            },
        }
    }

    async fn handle_event(&self, event_id: &str) -> Result<(), CatalogError> {
        let stored: Option<(String, Option<String>, Option<i64>)> = self
            .catalog
            .db()
            .row(
                "SELECT kind, body, created_ms FROM events WHERE event_id = $1 AND handled_at IS NULL",
                args![event_id],
            )
            .await?;
        let Some((kind, body, created_ms)) = stored else { return Ok(()) };
        let notice = serde_json::from_str(body.as_deref().unwrap_or("null"))
            .map_err(|error| error.to_string())
            .and_then(|body| Notice::read(&kind, &body).map_err(|error| error.to_string()));
        let note = match notice {
            Ok(notice) => {
                self.act_on(event_id, created_ms, notice).await?;
                None
            }
            Err(garbled) => {
                warn!(event_id, kind, garbled, "an event could not be understood; noted and left");
                metrics::counter!("vault_events_garbled_total").increment(1);
                Some(garbled)
            }
        };
        if let Some(note) = note {
            self.catalog
                .db()
                .execute(
                    "UPDATE events SET handled_at = $2, note = $3 WHERE event_id = $1",
                    args![event_id, self.clock.now_ms(), note],
                )
                .await?;
        }
        self.queue.nudge(TaskKind::Archive);
        self.queue.nudge(TaskKind::Meeting);
        Ok(())
    }

    async fn act_on(
        &self,
        event_id: &str,
        created_ms: Option<i64>,
        notice: Notice,
    ) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        if let Notice::GrantRevoked { open_id, reason } = &notice {
            info!(member = %open_id, reason, "the platform says that a grant was revoked");
            self.grants.revoked(open_id, reason, created_ms).await?;
        }
        let mut tx = self.catalog.db().begin().await?;
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
                sight(&mut tx, &seen, now_ms).await?;
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
                    sight(&mut tx, &seen, now_ms).await?;
                }
            }
            Notice::MeetingEnded { meeting_id, owner, topic, .. } => {
                meeting::ask_later(&mut tx, &meeting_id, owner.as_ref(), topic.as_deref(), now_ms).await?;
            }
            Notice::GrantRevoked { .. } | Notice::Other => {}
        }
        tx.execute(
            "UPDATE events SET handled_at = $2, body = NULL WHERE event_id = $1",
            args![event_id, now_ms],
        )
        .await?;
        tx.commit().await
    }
}
