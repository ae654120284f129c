//! What a member attended and somebody else owns. It is its owner's to bring in, so nothing is fetched because of
//! these looks; they tell who may see and find what is here, and through whom a recording can be reached that nobody
//! could fetch. What its owner brings in later is noted until then. Slow and below all other work: events tell of
//! new meetings at once.

use std::time::Duration;

use feishu::{Client, Priority};

use super::look::LookError;
use super::patrol::AHEAD_MS;
use super::search::{Found, WIDEST_MS, Walk, Whose};
use super::sight;
use crate::Archive;
use crate::catalog::{Attended, CatalogError, Sighting, note_attended, record_sighting};
use crate::model::{AttendedLooks, Member, MemberState, MinuteToken, OpenId, Scope, Track, to_ms};
use crate::queue::{Backoff, Next, Task, TaskKind};
use crate::settings::FIRST_MINUTES_MS;

const TROUBLE: Backoff = Backoff { first: Duration::from_mins(1), longest: Duration::from_hours(1) };
/// Windows in one run; then it is another member's turn.
const WINDOWS_A_TURN: usize = 8;
/// Minutes noted in one transaction.
const CHUNK: usize = 100;
const DAY_MS: i64 = 86_400_000;
/// How late a minute may turn up in a search.
const SEARCH_LAG_MS: i64 = 3_600_000;

impl Archive {
    /// Runs a task of kind `attended`: what is new, then some windows of history; and calls for the next round.
    pub(crate) async fn work_on_attended(&self, task: &Task) -> Next {
        let Ok(member) = OpenId::parse(&task.subject) else { return Next::Done };
        match self.look_for_attended(&member).await {
            Ok(next) => next,
            Err(error) => error.next(self.clock.now_ms(), task.attempts, TROUBLE),
        }
    }

    async fn look_for_attended(&self, member: &OpenId) -> Result<Next, LookError> {
        let known = match self.catalog.member(member).await? {
            Some(known) if known.state == MemberState::Active => known,
            // Called for again when the person authorises again.
            _ => return Ok(Next::Done),
        };
        if self.scope == Scope::OwnedAndAttended {
            // Patrol and back-fill look for all of it, and bring it in.
            return Ok(Next::Done);
        }
        let client = self.client.at(Priority::Backfill);
        let mut looks = self.begun_looks(&client, member, &known).await?;
        self.look_forward(&client, &mut looks).await?;
        for _ in 0..WINDOWS_A_TURN {
            if !self.look_back(&client, &mut looks).await? || self.stop.is_cancelled() {
                break;
            }
        }
        let now_ms = self.clock.now_ms();
        let is_over = looks.reached_ms <= looks.goal_ms;
        let rest_ms = if is_over { self.planned().await?.plan.attended_every_ms } else { 0 };
        Ok(Next::At(now_ms + rest_ms))
    }

    /// As far as it was looked, or where it begins; back to where the archive's oldest recording may be.
    async fn begun_looks(
        &self,
        client: &Client,
        member: &OpenId,
        known: &Member,
    ) -> Result<AttendedLooks, LookError> {
        let mut looks = if let Some(looks) = self.catalog.attended_looks(member).await? {
            looks
        } else {
            let mark = self.mark(client, member, known).await?;
            AttendedLooks {
                open_id: member.clone(),
                seen_to_ms: mark,
                goal_ms: self.backfill_since.goal_ms(mark),
                reached_ms: mark,
                span_ms: WIDEST_MS,
            }
        };
        let oldest_ms = self.catalog.oldest_made().await?.map_or(looks.goal_ms, |made_ms| made_ms - DAY_MS);
        // A date that cannot be is no reason to look before there was anything.
        looks.goal_ms = looks.goal_ms.min(oldest_ms.max(FIRST_MINUTES_MS));
        self.catalog.set_attended_looks(&looks).await?;
        Ok(looks)
    }

    /// What they attended since the last look.
    async fn look_forward(&self, client: &Client, looks: &mut AttendedLooks) -> Result<(), LookError> {
        let now_ms = self.clock.now_ms();
        let from_ms = looks.seen_to_ms.min(now_ms) - to_ms(self.patrol_settings.overlap).max(SEARCH_LAG_MS);
        // Our clock may be slow: look well past what we think is now.
        let until_ms = now_ms.max(looks.seen_to_ms) + AHEAD_MS;
        let member = looks.open_id.clone();
        let found = self.look_through(client, &member, &[Whose::Attended], (from_ms, until_ms)).await?;
        let mut seen: Vec<_> = found.tokens.keys().cloned().collect();
        seen.extend(self.catalog.attended_and_known(&member).await?);
        // In one order, as whoever writes about many of them.
        seen.sort();
        seen.dedup();
        self.note_all_attended(&seen, &member).await?;
        looks.seen_to_ms = found.served_at_ms.unwrap_or(now_ms);
        Ok(self.catalog.set_attended_looks(looks).await?)
    }

    /// One window of their history; false when there is none left.
    async fn look_back(&self, client: &Client, looks: &mut AttendedLooks) -> Result<bool, LookError> {
        let AttendedLooks { goal_ms, reached_ms, span_ms, .. } = *looks;
        let mut walk = Walk { goal_ms, reached_ms, span_ms };
        if walk.is_over() {
            return Ok(false);
        }
        let window = walk.window();
        let brought = self.look_into(client, &looks.open_id, &[Whose::Attended], window).await?;
        if walk.take(window, &brought) {
            let Found { tokens, .. } = brought.found;
            self.note_all_attended(&tokens.into_keys().collect::<Vec<_>>(), &looks.open_id).await?;
        }
        (looks.reached_ms, looks.span_ms) = (walk.reached_ms, walk.span_ms);
        self.catalog.set_attended_looks(looks).await?;
        Ok(!walk.is_over())
    }

    /// What is known is theirs to see from now on; the rest is noted for the day on which its owner brings it in.
    async fn note_all_attended(&self, seen: &[MinuteToken], member: &OpenId) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        for chunk in seen.chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for minute_token in chunk {
                let known = note_attended(&mut tx, minute_token, member).await?;
                let sighting = Sighting {
                    minute_token: minute_token.clone(),
                    track: Track::Attended,
                    member: Some(member.clone()),
                    owner: None,
                    meeting_id: None,
                    title: None,
                };
                match known {
                    Attended::Unknown | Attended::Reached => {}
                    // There is nothing to fetch.
                    Attended::Archived => drop(record_sighting(&mut tx, &sighting, now_ms).await?),
                    Attended::Open => drop(sight(&mut tx, &sighting, now_ms).await?),
                }
            }
            tx.commit().await?;
        }
        self.queue.nudge(TaskKind::Archive);
        Ok(())
    }
}
