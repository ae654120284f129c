//! Track two, the patrol (巡检): what the events missed is found by looking, member by member.
//!
//! The mark up to which a member is patrolled is the platform's time, not ours, and moves only after a
//! good patrol: a machine whose clock jumps leaves no gap.

use std::time::Duration;

use feishu::Priority;
use tracing::{debug, info};

use super::look::{LookError, wanted};
use crate::Archive;
use crate::model::{Member, MemberState, OpenId, Track, to_ms};
use crate::queue::{Backoff, Next, Task};

const TROUBLE: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_mins(30) };
/// A minute's time may lie a little ahead of what the platform calls now.
pub(super) const AHEAD_MS: i64 = 3_600_000;

impl Archive {
    /// Runs a task of kind `patrol` and calls for the next round.
    pub(crate) async fn work_on_patrol(&self, task: &Task) -> Next {
        let Ok(member) = OpenId::parse(&task.subject) else { return Next::Done };
        let known = match self.catalog.member(&member).await {
            Ok(Some(known)) if known.state == MemberState::Active => known,
            // Called for again when the person authorises again.
            Ok(_) => return Next::Done,
            Err(error) => return self.patrol_failed(task, &error.to_string()),
        };
        let planned = match self.planned().await {
            Ok(planned) => planned,
            Err(error) => return self.patrol_failed(task, &error.to_string()),
        };
        if !self.room_for_a_look().await {
            return Next::At(self.clock.now_ms());
        }
        let began_ms = self.clock.now_ms();
        let outcome = self.patrol(&member, &known).await;
        let now_ms = self.clock.now_ms();
        let noted = match &outcome {
            Ok(seen_to) => self.catalog.set_patrolled(&member, Ok(*seen_to), now_ms).await,
            Err(error) => {
                let failure = Err((&*error.to_string(), error.reason()));
                self.catalog.set_patrolled(&member, failure, now_ms).await
            }
        };
        if let Err(error) = noted {
            return self.patrol_failed(task, &error.to_string());
        }
        match outcome {
            Ok(_) => Next::At(planned.next_ms(&member, began_ms)),
            Err(error) => error.next(now_ms, task.attempts, TROUBLE),
        }
    }

    fn patrol_failed(&self, task: &Task, error: &str) -> Next {
        Next::Failed { at: self.clock.now_ms() + TROUBLE.wait_ms(task.attempts), error: error.to_owned() }
    }

    /// One look; the platform's time up to which everything has been seen.
    async fn patrol(&self, member: &OpenId, known: &Member) -> Result<i64, LookError> {
        let now_ms = self.clock.now_ms();
        let client = self.client.at(Priority::Patrol);
        // Before the mark lies the back-fill's part.
        let mark = self.mark(&client, member, known).await?;
        let from_ms = mark.min(now_ms) - to_ms(self.patrol_settings.overlap);
        // Our clock may be slow: look well past what we think is now.
        let to_ms = now_ms.max(mark) + AHEAD_MS;
        let whose = wanted(self.scope);
        let found = self.look_through(&client, member, whose, (from_ms, to_ms)).await?;
        let new = self.sight_found(&found, Track::Patrol, member, now_ms).await?;
        self.count_searches(found.searches.saturating_sub(whose.len()));
        metrics::counter!("vault_patrols_total").increment(1);
        if new > 0 {
            info!(%member, new, seen = found.tokens.len(), "patrol found recordings that no event had told of");
        } else {
            debug!(%member, seen = found.tokens.len(), "patrol found nothing new");
        }
        Ok(found.served_at_ms.unwrap_or(now_ms))
    }
}
