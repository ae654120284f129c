//! The patrol's rounds: who needs what by what the catalogue knows, the plan that follows, and the share of the
//! searches that is kept to, whatever has become due.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use feishu::Priority;
use tokio::time::{Instant, sleep_until};

use super::plan::{Allowance, LONGEST_MS, Members, Need, Plan, float, millis};
use crate::Archive;
use crate::catalog::{Catalog, CatalogError, Patrolled, args};
use crate::model::{OpenId, to_ms};
use crate::queue::{TaskKind, lane_of};

/// Whoever has met since so long may well meet again.
const LATELY_MS: i64 = 4 * 3_600_000;
/// A plan holds so long; then the company may be another.
const PLAN_HOLDS_MS: i64 = 60_000;
/// Work is found for so long ahead, so that it does not end before the next plan.
const AHEAD_MS: i64 = 2 * PLAN_HOLDS_MS;
/// A look at somebody of whom no event tells that is due by so much later than it should be is brought forward.
const SLACK_MS: i64 = 60_000;
/// Looks brought forward, or put into another lane, in one transaction.
const CHUNK: usize = 100;
/// What a busy moment left unused of the share is made up for so long.
const CATCH_UP: Duration = Duration::from_secs(10);

const BRING_FORWARD: &str = "UPDATE tasks SET run_at = $2
    WHERE kind = 'patrol' AND subject = $1 AND lease_until IS NULL AND run_at > $2";
const PUT_INTO_LANE: &str = "UPDATE tasks SET lane = $2 WHERE kind = 'patrol' AND subject = $1";

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

impl Survey {
    /// Who should be looked at sooner than they are due, and when, unix ms: of whom no event tells any more; who is
    /// due later than anybody should be; and
    /// where less is due than the share has room for, whoever by the plan is next, but nobody twice in an interval.
    /// Otherwise all who were once looked at together would be due together ever after. They are spread over the
    /// time that has room, so that nobody who is due waits for them.
    fn sooner(&self, plan: &Plan, interval_ms: i64, now_ms: i64) -> Vec<(&OpenId, i64)> {
        let (mut sooner, mut next, mut busy) = (Vec::new(), Vec::new(), 0.0);
        for (it, need) in &self.people {
            let Some(mut run_at) = it.run_at else { continue };
            let due_ms = it.patrolled_at.map_or(run_at, |seen_ms| plan.due_ms(*need, seen_ms));
            let is_too_far = it.patrolled_at.is_some_and(|seen_ms| run_at > seen_ms + LONGEST_MS);
            if (*need == Need::Untold || is_too_far) && run_at > due_ms.max(now_ms) + SLACK_MS {
                sooner.push((&it.open_id, due_ms));
                run_at = due_ms;
            }
            if run_at <= now_ms + AHEAD_MS {
                busy += 1.0;
            } else if it.patrolled_at.is_some_and(|seen_ms| seen_ms + interval_ms <= now_ms) {
                next.push((due_ms, &it.open_id));
            }
        }
        let room = plan.looks_a_minute * millis(AHEAD_MS) / 60_000.0 - busy;
        next.sort_unstable();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates at none")]
        for (place, (_, open_id)) in next.into_iter().take(room as usize).enumerate() {
            sooner.push((open_id, now_ms + (float(place) / room * millis(AHEAD_MS)) as i64));
        }
        sooner
    }

    /// Whose look belongs into another lane, and into which. Where those of whom no event tells are to be seen more
    /// often than the others, their looks stand in for events and go before what has piled up.
    fn misplaced(&self, plan: &Plan) -> Vec<(&OpenId, i64)> {
        let goes_first = plan.every_ms(Need::Untold) < plan.every_ms(Need::Quiet);
        let lane = |need| match need {
            Need::Untold if goes_first => lane_of(Priority::Event),
            _ => lane_of(Priority::Patrol),
        };
        let people = self.people.iter().map(|(it, need)| (it, lane(*need)));
        people
            .filter(|(it, lane)| it.lane.is_some_and(|is| is != *lane))
            .map(|(it, lane)| (&it.open_id, lane))
            .collect()
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

    /// The present plan. A new one brings those forward who by it should be seen sooner, and before others.
    pub(super) async fn planned(&self) -> Result<Arc<Planned>, CatalogError> {
        let mut planned = self.rounds.planned.lock().await;
        let now_ms = self.clock.now_ms();
        if let Some(planned) = planned.as_ref().filter(|it| (now_ms - it.at_ms).abs() < PLAN_HOLDS_MS) {
            return Ok(Arc::clone(planned));
        }
        let survey = Survey::of(&self.catalog, now_ms).await?;
        let plan = Plan::of(survey.members(), &self.allowance());
        let sooner = survey.sooner(&plan, to_ms(self.patrol_settings.interval), now_ms);
        self.rearrange(BRING_FORWARD, &sooner).await?;
        self.rearrange(PUT_INTO_LANE, &survey.misplaced(&plan)).await?;
        let in_need = survey.people.into_iter().filter(|(_, need)| *need != Need::Quiet);
        let in_need = in_need.map(|(it, need)| (it.open_id, need)).collect();
        let new = Arc::new(Planned { at_ms: now_ms, plan, in_need });
        *planned = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Changes the tasks of some members, each to a value of its own.
    async fn rearrange(&self, change: &'static str, members: &[(&OpenId, i64)]) -> Result<(), CatalogError> {
        for chunk in members.chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for &(member, to) in chunk {
                tx.execute(change, args![member, to]).await?;
            }
            tx.commit().await?;
        }
        if !members.is_empty() {
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

    const MINUTE_MS: i64 = 60_000;
    const NOW_MS: i64 = 1_000 * MINUTE_MS;
    const INTERVAL_MS: i64 = 5 * MINUTE_MS;

    /// Members by when they were seen and when they are due, minutes from now.
    fn survey(need: Need, people: impl IntoIterator<Item = (i64, i64)>) -> Survey {
        let people = people.into_iter().enumerate().map(|(number, (seen, due))| {
            let patrolled = Patrolled {
                open_id: OpenId::parse(&format!("ou_{number}")).unwrap(),
                patrolled_at: Some(NOW_MS + seen * MINUTE_MS),
                is_subscribed: 1,
                has_met: 0,
                run_at: Some(NOW_MS + due * MINUTE_MS),
                lane: Some(lane_of(Priority::Patrol)),
            };
            (patrolled, need)
        });
        Survey { people: people.collect() }
    }

    fn sooner(survey: &Survey, searches_a_minute: f64) -> Vec<(String, i64)> {
        let allowance = Allowance { searches_a_minute, searches_a_look: 1, interval_ms: INTERVAL_MS };
        let sooner = survey.sooner(&Plan::of(survey.members(), &allowance), INTERVAL_MS, NOW_MS);
        sooner.into_iter().map(|(it, due_ms)| (it.to_string(), (due_ms - NOW_MS) / MINUTE_MS)).collect()
    }

    #[test]
    fn of_whom_no_event_tells_is_brought_forward_to_where_they_belong() {
        let company = survey(Need::Untold, (0..400).map(|number| (-1, if number == 7 { 100 } else { 6 })));
        // 66.5 looks a minute: each is seen every six minutes and a second.
        assert_eq!(sooner(&company, 70.0), [("ou_7".to_owned(), 5)]);
    }

    #[test]
    fn of_whom_no_event_tells_goes_before_the_others_where_not_all_are_alike() {
        let mut company = survey(Need::Quiet, (0..400).map(|_| (-1, 60)));
        company.people[7].1 = Need::Untold;
        company.people[8].0.lane = Some(lane_of(Priority::Event));
        let allowance = Allowance { searches_a_minute: 10.0, searches_a_look: 1, interval_ms: INTERVAL_MS };
        let plan = Plan::of(company.members(), &allowance);
        let (urgent, usual) = (lane_of(Priority::Event), lane_of(Priority::Patrol));
        let misplaced: Vec<_> =
            company.misplaced(&plan).into_iter().map(|(it, to)| (it.as_ref(), to)).collect();
        assert_eq!(misplaced, [("ou_7", urgent), ("ou_8", usual)]);
        let plan = Plan::of(company.members(), &Allowance { searches_a_minute: 0.1, ..allowance });
        assert_eq!(company.misplaced(&plan).len(), 1, "where all wait alike, all wait in one lane");
    }

    #[test]
    fn where_less_is_due_than_there_is_room_for_whoever_is_next_is_seen_now() {
        // All were seen within two minutes, half an hour ago, and would be due together again.
        let together = (0..1_000).map(|number| (-30 - number / 500, 80 - number / 500));
        let now = sooner(&survey(Need::Quiet, together), 10.0);
        assert_eq!(now.len(), 19, "nine and a half looks a minute, for two minutes");
        assert_eq!(now.iter().filter(|(_, at)| *at == 0).count(), 10, "spread over them");
        assert_eq!(now[0].0, "ou_500", "the longest unseen first");
        let some_due = (0..1_000).map(|number| (-30, if number < 15 { 1 } else { 80 }));
        assert_eq!(sooner(&survey(Need::Quiet, some_due), 10.0).len(), 4);
        let just_seen = survey(Need::Quiet, (0..1_000).map(|_| (-3, 100)));
        assert_eq!(sooner(&just_seen, 10.0), [], "nobody twice in an interval");
        let small = survey(Need::Untold, (0..10).map(|_| (-3, 2)));
        assert_eq!(sooner(&small, 70.0), [], "nor sooner than every interval");
    }

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
