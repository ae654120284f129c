//! The back-fill: a member's whole history, once, newest first and below all other work. It begins where the
//! patrol begins and goes back; each window that was looked through is noted, so that a kill costs one.

use std::time::Duration;

use feishu::{Client, Priority};
use tracing::info;

use super::look::{LookError, wanted};
use super::search::{WIDEST_MS, Walk};
use crate::Archive;
use crate::catalog::CatalogError;
use crate::model::{Backfill, Member, MemberState, OpenId, Track};
use crate::queue::{Backoff, Call, Next, Task, TaskKind};

const TROUBLE: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_hours(1) };
/// Windows in one run; then it is another member's turn.
const WINDOWS_A_TURN: usize = 16;

impl Archive {
    /// Runs a task of kind `backfill`: some windows, until there are no more.
    pub(crate) async fn work_on_backfill(&self, task: &Task) -> Next {
        let Ok(member) = OpenId::parse(&task.subject) else { return Next::Done };
        match self.go_back(&member).await {
            Ok(true) => Next::Done,
            Ok(false) => Next::At(self.clock.now_ms()),
            Err(error) => {
                // Where the catalogue does not take this, it does not take the task's own note either.
                let _ = self.catalog.set_backfill_ended(&member, Err(&error.to_string())).await;
                error.next(self.clock.now_ms(), task.attempts, TROUBLE)
            }
        }
    }

    /// Some windows; whether there is nothing left to do.
    async fn go_back(&self, member: &OpenId) -> Result<bool, LookError> {
        let known = match self.catalog.member(member).await? {
            Some(known) if known.state == MemberState::Active => known,
            // Called for again when the person authorises again.
            _ => return Ok(true),
        };
        let client = self.client.at(Priority::Backfill);
        let backfill = self.begun(&client, member, &known).await?;
        let Backfill { goal_ms, reached_ms, span_ms, .. } = backfill;
        let mut walk = Walk { goal_ms, reached_ms, span_ms };
        for _ in 0..WINDOWS_A_TURN {
            if walk.is_over() || self.stop.is_cancelled() {
                break;
            }
            self.step_back(&client, member, &mut walk).await?;
        }
        if walk.is_over() && backfill.ended_at.is_none() {
            self.catalog.set_backfill_ended(member, Ok(self.clock.now_ms())).await?;
            info!(%member, "all of this member's history has been looked through");
        }
        Ok(walk.is_over())
    }

    /// One window. What it brings waits, if it is to be narrowed, for the narrower ones: they bring it as well,
    /// and tell better when it was made.
    async fn step_back(&self, client: &Client, member: &OpenId, walk: &mut Walk) -> Result<(), LookError> {
        let (from_ms, made_ms) = walk.window();
        let brought = self.look_into(client, member, wanted(self.scope), (from_ms, made_ms)).await?;
        let is_done = walk.take((from_ms, made_ms), &brought);
        if is_done {
            // First what was found, then that it was looked for.
            self.sight_found(&brought.found, Track::Backfill, member, made_ms).await?;
            metrics::counter!("vault_backfill_windows_total").increment(1);
        }
        let searches = i64::try_from(brought.found.searches).unwrap_or(i64::MAX);
        let counted = (i64::from(is_done), searches);
        self.catalog.set_backfill_reached(member, (walk.reached_ms, walk.span_ms), counted).await?;
        Ok(())
    }

    /// This member's back-fill as it stands, begun or extended to what is now wanted of it.
    async fn begun(&self, client: &Client, member: &OpenId, known: &Member) -> Result<Backfill, LookError> {
        loop {
            let now_ms = self.clock.now_ms();
            match self.catalog.backfill(member).await? {
                Some(backfill) if backfill.scope.covers(self.scope) => {
                    let goal_ms = self.backfill_since.goal_ms(backfill.to_ms);
                    if goal_ms >= backfill.goal_ms {
                        return Ok(backfill);
                    }
                    self.catalog.set_backfill_goal(member, goal_ms).await?;
                }
                _ => {
                    let to_ms = self.mark(client, member, known).await?;
                    let reach = (self.backfill_since.goal_ms(to_ms), to_ms);
                    self.catalog.begin_backfill(member, self.scope, reach, WIDEST_MS, now_ms).await?;
                }
            }
        }
    }

    /// Calls for every back-fill that is not over, or goes less far than is wanted by now.
    pub(crate) async fn call_for_backfills(&self) -> Result<(), CatalogError> {
        let begun = self.catalog.backfills().await?;
        for member in self.catalog.active_members().await? {
            let is_over = begun.iter().find(|it| it.open_id == member).is_some_and(|it| {
                it.ended_at.is_some()
                    && it.scope.covers(self.scope)
                    && self.backfill_since.goal_ms(it.to_ms) >= it.goal_ms
            });
            if !is_over {
                let now_ms = self.clock.now_ms();
                let call = Call::new(TaskKind::Backfill, member.as_ref(), Priority::Backfill, now_ms);
                self.queue.call(call).await?;
            }
        }
        Ok(())
    }
}
