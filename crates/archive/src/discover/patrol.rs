//! Track two, the patrol (巡检): what the events missed is found by looking, member by member.
//!
//! The mark up to which a member is patrolled is the platform's time, not ours, and moves only after a
//! good patrol: a machine whose clock jumps leaves no gap.

use std::time::Duration;

use feishu::{Client, Priority};
use tracing::{debug, info};

use super::look::{LookError, wanted};
use super::plan::Plan;
use super::search::Whose;
use super::sight;
use crate::Archive;
use crate::catalog::Sighting;
use crate::model::{Member, MemberState, OpenId, Track, to_ms};
use crate::queue::{Backoff, Next, Task, TaskKind};

const TROUBLE: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_mins(30) };
/// A minute's time may lie a little ahead of what the platform calls now.
const AHEAD_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// How late a minute may turn up in a search.
const SEARCH_LAG_MS: i64 = 3_600_000;

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
        let outcome = self.patrol(&member, &known, &planned.plan).await;
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
    async fn patrol(&self, member: &OpenId, known: &Member, plan: &Plan) -> Result<i64, LookError> {
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
        let is_rested = |at: i64| !(0..plan.others_every_ms).contains(&(now_ms - at));
        if known.attended_at.is_none_or(is_rested) {
            self.look_for_attended(&client, member, known, now_ms, to_ms).await?;
        }
        metrics::counter!("vault_patrols_total").increment(1);
        if new > 0 {
            info!(%member, new, seen = found.tokens.len(), "patrol found recordings that no event had told of");
        } else {
            debug!(%member, seen = found.tokens.len(), "patrol found nothing new");
        }
        Ok(found.served_at_ms.unwrap_or(now_ms))
    }

    /// Recordings that nobody could fetch so far may be within reach of somebody who took part. Only what
    /// the catalogue knows already is taken from this look: what others own is theirs to bring in.
    async fn look_for_attended(
        &self,
        client: &Client,
        member: &OpenId,
        known: &Member,
        now_ms: i64,
        to_ms: i64,
    ) -> Result<(), LookError> {
        // The platform's search lags behind: what is unreached for less than an hour is looked for again.
        let since = known.attended_at.map_or(0, |at| at - SEARCH_LAG_MS);
        let Some(oldest_ms) = self.catalog.oldest_unreached(since).await? else { return Ok(()) };
        let from_ms = oldest_ms - DAY_MS;
        let found = self.look_through(client, member, &[Whose::Attended], (from_ms, to_ms)).await?;
        self.count_searches(found.searches);
        let seen = found.tokens.keys().collect::<Vec<_>>();
        let known_tokens = self.catalog.known_among(&seen).await?;
        let mut tx = self.catalog.db().begin().await?;
        for minute_token in known_tokens {
            let seen = Sighting {
                minute_token,
                track: Track::Patrol,
                member: Some(member.clone()),
                owner: None,
                meeting_id: None,
                title: None,
            };
            sight(&mut tx, &seen, now_ms).await?;
        }
        tx.commit().await?;
        self.queue.nudge(TaskKind::Archive);
        self.catalog.set_attended(member, now_ms).await?;
        Ok(())
    }
}
