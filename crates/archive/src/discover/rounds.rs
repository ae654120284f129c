//! The patrol's rounds: who needs what by what the catalogue knows, the plan that follows, and the share of the
//! searches that is kept to, whatever has become due.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::plan::{Allowance, Members, Need, Plan};
use crate::Archive;
use crate::catalog::{Catalog, CatalogError, Patrolled, args};
use crate::model::OpenId;
use crate::queue::TaskKind;

/// Whoever has met since so long may well meet again.
const LATELY_MS: i64 = 4 * 3_600_000;
/// A plan holds so long; then the company may be another.
const PLAN_HOLDS_MS: i64 = 60_000;
/// A look that is due by so much later than it should be is brought forward.
const SLACK_MS: i64 = 60_000;
/// Looks brought forward in one transaction.
const CHUNK: usize = 100;
/// What a busy moment left unused of the share is made up for so long.
const CATCH_UP: Duration = Duration::from_secs(10);

/// The company as the patrol sees it.
#[derive(Debug)]
pub struct Survey {
    people: Vec<(Patrolled, Need)>,
}

impl Survey {
    /// As the catalogue has it now (unix ms).
    pub async fn of(catalog: &Catalog, now_ms: i64) -> Result<Self, CatalogError> {
        let events_arrive = catalog.events_arrive(now_ms).await?;
        let people = catalog.patrolled(now_ms - LATELY_MS).await?;
        let need = |it: &Patrolled| match (events_arrive && it.is_subscribed == 1, it.has_met == 1) {
            (false, _) => Need::Untold,
            (true, true) => Need::Active,
            (true, false) => Need::Quiet,
        };
        Ok(Self {
            people: people
                .into_iter()
                .map(|it| {
                    let need = need(&it);
                    (it, need)
                })
                .collect(),
        })
    }

    /// How many need what.
    #[must_use]
    pub fn members(&self) -> Members {
        let mut members = Members::default();
        for (_, need) in &self.people {
            members[*need as usize] += 1;
        }
        members
    }

    /// How many have never been looked at with success.
    #[must_use]
    pub fn never_seen(&self) -> usize {
        self.people.iter().filter(|(it, _)| it.patrolled_at.is_none()).count()
    }

    /// When whoever was not seen for longest was seen, unix ms.
    #[must_use]
    pub fn longest_unseen(&self) -> Option<i64> {
        self.people.iter().filter_map(|(it, _)| it.patrolled_at).min()
    }
}

/// What the patrol keeps in mind between two looks.
#[derive(Debug, Default)]
pub struct Rounds {
    planned: tokio::sync::Mutex<Option<Arc<Planned>>>,
    /// When the share has room again.
    free_at: Mutex<Option<Instant>>,
}

/// A plan, and whose need is not that of most.
#[derive(Debug)]
pub(super) struct Planned {
    at_ms: i64,
    pub(super) plan: Plan,
    in_need: HashMap<OpenId, Need>,
}

impl Planned {
    /// When this member is looked at next, who has just been seen, unix ms.
    pub(super) fn next_ms(&self, member: &OpenId, seen_ms: i64) -> i64 {
        self.plan.due_ms(self.in_need.get(member).copied().unwrap_or(Need::Quiet), seen_ms)
    }
}

impl Rounds {
    /// Takes room for so many searches out of the share; from when on they may be made.
    fn take(&self, searches: usize, each: Duration) -> Instant {
        let now = Instant::now();
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        let at = free_at.map_or(now, |free_at| free_at.max(earliest));
        *free_at = Some(at + each * u32::try_from(searches).unwrap_or(u32::MAX));
        at
    }
}

impl Archive {
    /// What the patrol may use.
    fn allowance(&self) -> Allowance {
        Allowance::of(&self.patrol_settings, self.scope, self.client.searches_a_minute())
    }

    /// The present plan. A new one brings those forward who by it should be seen sooner.
    pub(super) async fn planned(&self) -> Result<Arc<Planned>, CatalogError> {
        let mut planned = self.rounds.planned.lock().await;
        let now_ms = self.clock.now_ms();
        if let Some(planned) = planned.as_ref().filter(|it| (now_ms - it.at_ms).abs() < PLAN_HOLDS_MS) {
            return Ok(Arc::clone(planned));
        }
        let survey = Survey::of(&self.catalog, now_ms).await?;
        let plan = Plan::of(survey.members(), &self.allowance());
        self.bring_forward(&survey, &plan, now_ms).await?;
        let in_need = survey.people.into_iter().filter(|(_, need)| *need != Need::Quiet);
        let in_need = in_need.map(|(it, need)| (it.open_id, need)).collect();
        let new = Arc::new(Planned { at_ms: now_ms, plan, in_need });
        *planned = Some(Arc::clone(&new));
        Ok(new)
    }

    async fn bring_forward(&self, survey: &Survey, plan: &Plan, now_ms: i64) -> Result<(), CatalogError> {
        let late: Vec<(&OpenId, i64)> = survey
            .people
            .iter()
            .filter_map(|(it, need)| {
                let due_ms = plan.due_ms(*need, it.patrolled_at?);
                (it.run_at? > due_ms.max(now_ms) + SLACK_MS).then_some((&it.open_id, due_ms))
            })
            .collect();
        for chunk in late.chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for &(member, due_ms) in chunk {
                tx.execute(
                    "UPDATE tasks SET run_at = $2
                     WHERE kind = 'patrol' AND subject = $1 AND lease_until IS NULL AND run_at > $2",
                    args![member, due_ms],
                )
                .await?;
            }
            tx.commit().await?;
        }
        if !late.is_empty() {
            self.queue.nudge(TaskKind::Patrol);
        }
        Ok(())
    }

    /// Waits until the share has room for a look; false when the program stops before.
    pub(super) async fn room_for_a_look(&self) -> bool {
        let at = self.rounds.take(self.allowance().searches_a_look, self.each_search());
        tokio::select! {
            () = sleep_until(at) => true,
            () = self.stop.cancelled() => false,
        }
    }

    /// Counts searches for which no room was taken before.
    pub(super) fn count_searches(&self, searches: usize) {
        self.rounds.take(searches, self.each_search());
    }

    /// How much of the share's time a search takes.
    fn each_search(&self) -> Duration {
        Duration::from_mins(1).div_f64(self.allowance().searches_a_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_share_is_kept_however_much_is_due() {
        let (rounds, each) = (Rounds::default(), Duration::from_millis(800));
        let began = Instant::now();
        for _ in 0..100 {
            sleep_until(rounds.take(1, each)).await;
        }
        assert_eq!(began.elapsed(), each * 99);
        rounds.take(10, each);
        sleep_until(rounds.take(1, each)).await;
        assert_eq!(began.elapsed(), each * 110, "what a look took beyond the usual counts, too");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_is_made_up_for_only_so_long() {
        let (rounds, each) = (Rounds::default(), Duration::from_secs(1));
        rounds.take(1, each);
        tokio::time::sleep(Duration::from_hours(1)).await;
        let began = Instant::now();
        for _ in 0..20 {
            sleep_until(rounds.take(1, each)).await;
        }
        assert_eq!(began.elapsed(), Duration::from_secs(9));
    }
}
