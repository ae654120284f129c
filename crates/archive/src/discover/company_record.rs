//! The company's own record (会议明细), read with one administrator's grant: what was recorded, by whom, whoever has
//! authorised. A recorded meeting whose recording nobody knows is asked for it.
//!
//! Looks overlap and each reaches back to where the last good one ended, so that no outage leaves a gap.

mod going_on;
mod looks;
mod pages;

use std::collections::HashSet;

use feishu::{Error, ListedMeeting, MeetingStage, Priority};
use tracing::{info, warn};

use self::looks::Look;
use self::pages::{Pages, Reader};
use super::meeting::ask_later;
use crate::Archive;
use crate::catalog::{
    CatalogError, MeetingFacts, RecordStanding, Tx, args, date_by_meeting, hear_of_meeting,
};
use crate::members::{COMPANY_RECORD_SCOPE, GrantError};
use crate::model::{MeetingOutcome, MemberState, OpenId, Track};
use crate::queue::{Backoff, Next, Task, TaskKind};

/// Of an organiser's name, in characters: it stands in an index, whose entries have bounds.
const LONGEST_NAME: usize = 200;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A meeting may lie a little ahead of what our clock calls now.
const AHEAD_MS: i64 = HOUR_MS;
/// One question takes in no more, so that its pages stay few and their tokens fresh.
const WINDOW_MS: i64 = DAY_MS;
/// Meetings in one transaction.
const CHUNK: usize = 100;
const TROUBLE: Backoff =
    Backoff { first: std::time::Duration::from_secs(30), longest: std::time::Duration::from_mins(30) };

/// What a look brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reconciled {
    /// Meetings in the company's record.
    pub meetings: usize,
    /// Of these, recorded.
    pub recorded: usize,
    /// Of these, asked for a recording that nobody knew.
    pub asked: usize,
}

/// Why the company's record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// Somebody has to do something first; which, and the platform's words.
    #[error("the company's record cannot be read ({0}): {1}")]
    Closed(RecordStanding, String),
    /// The platform has trouble.
    #[error(transparent)]
    Platform(#[from] Error),
    /// The grant is in trouble.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The catalogue does not answer.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl ReconcileError {
    fn standing(&self) -> RecordStanding {
        match self {
            Self::Closed(standing, _) => *standing,
            Self::Grant(GrantError::MustAuthorise { .. }) => RecordStanding::NotAuthorised,
            _ => RecordStanding::Trouble,
        }
    }
}

/// The subject of a task that looks at the record once, back to a moment (unix ms).
#[must_use]
pub fn look_since(since_ms: i64) -> String {
    format!("since {since_ms}")
}

/// Calls for the repeated looks, now.
pub(crate) async fn call_for_looks(tx: &mut Tx, now_ms: i64) -> Result<(), CatalogError> {
    for subject in Look::REPEATED {
        let call = crate::queue::Call::new(TaskKind::Reconcile, subject, Priority::Patrol, now_ms);
        crate::queue::enqueue(tx, &call, now_ms).await?;
    }
    Ok(())
}

impl Archive {
    /// Runs a task of kind `reconcile`.
    pub(crate) async fn work_on_reconcile(&self, task: &Task) -> Next {
        let Some(look) = Look::of(&task.subject) else { return Next::Done };
        if self.administrators.is_empty() {
            return Next::Done;
        }
        let outcome = self.look(look).await;
        let now_ms = self.clock.now_ms();
        match outcome {
            // Whoever authorises calls for it at once.
            Ok(_) | Err(ReconcileError::Closed(..)) => {
                look.again_in_ms().map_or(Next::Done, |again_ms| Next::At(now_ms + again_ms))
            }
            Err(error) => {
                Next::Failed { at: now_ms + TROUBLE.wait_ms(task.attempts), error: error.to_string() }
            }
        }
    }

    /// Reads the company's record from a moment (unix ms) on, and asks for what it knows and we do not.
    pub async fn reconcile(&self, since_ms: i64) -> Result<Reconciled, ReconcileError> {
        self.look(Look::Since(since_ms)).await
    }

    async fn look(&self, look: Look) -> Result<Reconciled, ReconcileError> {
        let outcome = self.look_as_administrator(look).await;
        if let Err(error) = &outcome {
            let mut record = self.catalog.company_record().await?;
            (record.failure, record.error) = (Some(error.standing()), Some(error.to_string()));
            self.catalog.set_company_record(&record).await?;
            warn!(%error, "the company's record could not be read");
        }
        outcome
    }

    async fn look_as_administrator(&self, look: Look) -> Result<Reconciled, ReconcileError> {
        let mut refusal = ReconcileError::Closed(RecordStanding::NotAuthorised, String::new());
        for administrator in &self.administrators {
            let Some(member) = self.catalog.member(administrator).await? else { continue };
            if member.state != MemberState::Active {
                continue;
            }
            if !member.granted().any(|scope| scope == COMPANY_RECORD_SCOPE) {
                refusal = ReconcileError::Closed(RecordStanding::ScopeMissing, String::new());
                continue;
            }
            match self.read_record(look, administrator).await {
                Err(ReconcileError::Platform(error @ Error::Denied(_))) => {
                    refusal = ReconcileError::Closed(RecordStanding::Refused, error.to_string());
                }
                Err(ReconcileError::Platform(error @ Error::MissingScope { .. })) => {
                    refusal = ReconcileError::Closed(RecordStanding::ScopeMissing, error.to_string());
                }
                Err(error @ ReconcileError::Grant(_)) => refusal = error,
                outcome => return outcome,
            }
        }
        Err(refusal)
    }

    async fn read_record(&self, look: Look, administrator: &OpenId) -> Result<Reconciled, ReconcileError> {
        let mut record = self.catalog.company_record().await?;
        let urgency = if matches!(look, Look::Since(_)) { Priority::Person } else { Priority::Patrol };
        let reader = Reader { client: self.client.at(urgency), administrator };
        let now_ms = self.clock.now_ms();
        let (from_ms, end_ms) = look.window(&record, now_ms);
        let followed_ms = match look {
            Look::Recent => self.follow(&reader, record.their_time(now_ms)).await?,
            Look::Settled | Look::Month | Look::Since(_) => record.followed_ms,
        };
        let mut sum = Reconciled::default();
        // Whether the end of a window belongs to it is not documented: what comes twice counts once.
        let mut seen = HashSet::new();
        let to_ms = end_ms.unwrap_or(now_ms + AHEAD_MS);
        let mut window = (from_ms, from_ms);
        let mut seen_to = from_ms;
        let mut ahead_ms = record.ahead_ms;
        while window.1 < to_ms {
            window = (window.1, (window.1 + WINDOW_MS).min(to_ms));
            let mut pages = Pages::of(MeetingStage::Ended, window);
            while let Some(page) = self.next_page(&reader, &mut pages).await? {
                seen_to = window.1.min(page.served_at_ms.unwrap_or(now_ms));
                ahead_ms = page.served_at_ms.map_or(ahead_ms, |theirs_ms| theirs_ms - self.clock.now_ms());
                let news =
                    page.meetings.iter().filter(|it| it.meeting_id.clone().is_none_or(|id| seen.insert(id)));
                self.take_in(&news.collect::<Vec<_>>(), &mut sum).await?;
            }
            // What begins after the platform's present cannot be asked for.
            if seen_to < window.1 {
                break;
            }
        }
        if let Some(since_ms) = look.asks_again_since(now_ms) {
            sum.asked += self.ask_again(since_ms).await?;
        }
        record = self.catalog.company_record().await?;
        record.extend((from_ms, seen_to), administrator, self.clock.now_ms());
        (record.followed_ms, record.ahead_ms) = (followed_ms, ahead_ms);
        self.catalog.set_company_record(&record).await?;
        self.queue.nudge(TaskKind::Meeting);
        if sum.asked > 0 {
            info!(
                meetings = sum.meetings,
                recorded = sum.recorded,
                asked = sum.asked,
                "the company's record names recorded meetings whose recordings nobody knew; asking for them"
            );
        }
        Ok(sum)
    }

    async fn take_in(&self, meetings: &[&ListedMeeting], sum: &mut Reconciled) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        for chunk in meetings.chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for meeting in chunk {
                sum.meetings += 1;
                sum.recorded += usize::from(meeting.is_recorded);
                if let Some(facts) = facts_of(meeting) {
                    sum.asked += usize::from(note_meeting(&mut tx, &facts, now_ms).await?);
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Asks recorded meetings that began since then (unix ms) for recordings that stayed unknown; how many.
    async fn ask_again(&self, since_ms: i64) -> Result<usize, CatalogError> {
        let now_ms = self.clock.now_ms();
        let unknown = self.catalog.unknown_recordings(since_ms).await?;
        for chunk in unknown.chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for meeting_id in chunk {
                ask_anew(&mut tx, &MeetingFacts::of(meeting_id.clone(), Track::CompanyRecord), now_ms)
                    .await?;
            }
            tx.commit().await?;
        }
        Ok(unknown.len())
    }
}

fn facts_of(meeting: &ListedMeeting) -> Option<MeetingFacts> {
    Some(MeetingFacts {
        meeting_no: meeting.meeting_no.clone(),
        topic: meeting.topic.clone(),
        owner: meeting.owner.clone(),
        organizer: meeting.owner_name.as_ref().map(|name| name.chars().take(LONGEST_NAME).collect()),
        start_ms: meeting.started_ms,
        end_ms: meeting.ended_ms,
        is_recorded: Some(meeting.is_recorded),
        ..MeetingFacts::of(meeting.meeting_id.clone()?, Track::CompanyRecord)
    })
}

/// Notes one meeting that is over; whether it is asked for its recording now.
async fn note_meeting(tx: &mut Tx, facts: &MeetingFacts, now_ms: i64) -> Result<bool, CatalogError> {
    let id = facts.meeting_id.as_ref();
    let was_recorded: Option<(Option<i64>,)> =
        tx.row("SELECT is_recorded FROM meetings WHERE meeting_id = $1", args![id]).await?;
    let is_recorded = facts.is_recorded == Some(true);
    let outcome = if is_recorded { MeetingOutcome::Asking } else { MeetingOutcome::NeverRecorded };
    hear_of_meeting(tx, facts, outcome, now_ms).await?;
    if !is_recorded {
        tx.execute(
            "UPDATE meetings SET outcome = $2, outcome_at = $3 WHERE meeting_id = $1 AND outcome = 'going_on'",
            args![id, outcome.as_str(), now_ms],
        )
        .await?;
        return Ok(false);
    }
    date_by_meeting(tx, &facts.meeting_id).await?;
    // Known to have been recorded before: asked then, and again by the looks that have time for it.
    if was_recorded.is_some_and(|(flag,)| flag == Some(1)) {
        return Ok(false);
    }
    let is_known: Option<(i64,)> = tx
        .row(
            "SELECT m.heard_at FROM meetings m WHERE m.meeting_id = $1 AND (m.minute_token IS NOT NULL
                OR EXISTS (SELECT 1 FROM recordings r WHERE r.meeting_id = m.meeting_id)
                OR EXISTS (SELECT 1 FROM tasks t WHERE t.kind = 'meeting' AND t.subject = m.meeting_id))",
            args![id],
        )
        .await?;
    if is_known.is_some() {
        return Ok(false);
    }
    ask_anew(tx, facts, now_ms).await?;
    Ok(true)
}

/// Asks a meeting for its recording, whatever came of it before.
async fn ask_anew(tx: &mut Tx, facts: &MeetingFacts, now_ms: i64) -> Result<(), CatalogError> {
    tx.execute(
        "UPDATE meetings SET outcome = 'asking', outcome_at = $2 WHERE meeting_id = $1 AND outcome <> 'asking'",
        args![facts.meeting_id.as_ref(), now_ms],
    )
    .await?;
    ask_later(tx, facts, now_ms).await
}
