//! The company's own record (会议明细), read with one administrator's grant: what was recorded, by whom, whoever has
//! authorised. A recorded meeting whose recording nobody knows is asked for it.
//!
//! Looks overlap and each reaches back to where the last good one ended, so that no outage leaves a gap.

use std::collections::HashSet;

use feishu::{Client, Error, ListedMeeting, Priority};
use tracing::{info, warn};

use super::meeting::ask_later;
use crate::Archive;
use crate::catalog::{
    CatalogError, CompanyRecord, MeetingFacts, RecordStanding, Tx, args, date_by_meeting, hear_of_meeting,
};
use crate::members::{COMPANY_RECORD_SCOPE, GrantError};
use crate::model::{MeetingOutcome, MemberState, OpenId, Track};
use crate::queue::{Backoff, Next, Task, TaskKind};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A meeting may lie a little ahead of what our clock calls now.
const AHEAD_MS: i64 = HOUR_MS;
/// One question takes in no more, so that its pages stay few and their tokens fresh.
const WINDOW_MS: i64 = DAY_MS;
/// Pages of one window, 100 meetings each.
const MOST_PAGES: usize = 1_000;
/// Meetings in one transaction.
const CHUNK: usize = 100;
const TROUBLE: Backoff =
    Backoff { first: std::time::Duration::from_secs(30), longest: std::time::Duration::from_mins(30) };

/// How far a look reaches back, and when the next one is due. Each is a task of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The last hours, every five minutes.
    Recent,
    /// The last month, every day: what was recorded late, or stayed unknown.
    Month,
    /// Since a moment (unix ms), once, because somebody asked.
    Since(i64),
}

impl Look {
    /// The subjects of the tasks that come again and again.
    const REPEATED: [&str; 2] = ["recent", "month"];

    fn of(subject: &str) -> Option<Self> {
        match subject {
            "recent" => Some(Self::Recent),
            "month" => Some(Self::Month),
            since => since.strip_prefix("since ")?.parse().ok().map(Self::Since),
        }
    }

    fn reaches_back_to(self, until_ms: Option<i64>, now_ms: i64) -> i64 {
        let back = match self {
            Self::Since(since_ms) => return since_ms.min(now_ms),
            Self::Recent => 6 * HOUR_MS,
            Self::Month => 30 * DAY_MS,
        };
        let from_ms = now_ms - back;
        // Longer, if nobody has looked for longer.
        until_ms.map_or(from_ms, |until_ms| from_ms.min(until_ms - HOUR_MS))
    }

    const fn again_in_ms(self) -> Option<i64> {
        match self {
            Self::Recent => Some(5 * 60_000),
            Self::Month => Some(DAY_MS),
            Self::Since(_) => None,
        }
    }
}

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
        let record = self.catalog.company_record().await?;
        let urgency = if matches!(look, Look::Since(_)) { Priority::Person } else { Priority::Patrol };
        let client = self.client.at(urgency);
        let now_ms = self.clock.now_ms();
        let from_ms = look.reaches_back_to(record.until_ms, now_ms);
        let mut sum = Reconciled::default();
        // Whether the end of a window belongs to it is not documented: what comes twice counts once.
        let mut seen = HashSet::new();
        let mut window = (from_ms, from_ms);
        let mut seen_to = from_ms;
        while window.1 < now_ms + AHEAD_MS {
            window = (window.1, (window.1 + WINDOW_MS).min(now_ms + AHEAD_MS));
            let mut page_token: Option<String> = None;
            for _ in 0..MOST_PAGES {
                let page = self.ask_record(&client, administrator, window, page_token.as_deref()).await?;
                seen_to = window.1.min(page.served_at_ms.unwrap_or(now_ms));
                let news =
                    page.meetings.iter().filter(|it| it.meeting_id.clone().is_none_or(|id| seen.insert(id)));
                self.take_in(&news.collect::<Vec<_>>(), look, &mut sum).await?;
                match page.page_token {
                    // The same token again would bring the same page again.
                    Some(next) if page.has_more && page_token.as_ref() != Some(&next) => {
                        page_token = Some(next);
                    }
                    _ => break,
                }
            }
            // What begins after the platform's present cannot be asked for.
            if seen_to < window.1 {
                break;
            }
        }
        let mut record: CompanyRecord = self.catalog.company_record().await?;
        record.extend((from_ms, seen_to), administrator, self.clock.now_ms());
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

    async fn ask_record(
        &self,
        client: &Client,
        administrator: &OpenId,
        window: (i64, i64),
        page_token: Option<&str>,
    ) -> Result<feishu::MeetingPage, ReconcileError> {
        let access = self.grants.access(administrator).await?;
        match client.meeting_list(&access.token, window, page_token).await {
            Err(Error::Unauthorized(_)) => {
                let renewed = self.grants.renew(administrator, access.version).await?;
                Ok(client.meeting_list(&renewed.token, window, page_token).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn take_in(
        &self,
        meetings: &[&ListedMeeting],
        look: Look,
        sum: &mut Reconciled,
    ) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        for chunk in meetings.chunks(CHUNK) {
            let mut tx = self.catalog.db().begin().await?;
            for meeting in chunk {
                sum.meetings += 1;
                sum.recorded += usize::from(meeting.is_recorded);
                if let Some(facts) = facts_of(meeting) {
                    sum.asked += usize::from(note_meeting(&mut tx, &facts, look, now_ms).await?);
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

fn facts_of(meeting: &ListedMeeting) -> Option<MeetingFacts> {
    Some(MeetingFacts {
        meeting_no: meeting.meeting_no.clone(),
        topic: meeting.topic.clone(),
        owner: meeting.owner.clone(),
        organizer: meeting.owner_name.clone(),
        start_ms: meeting.started_ms,
        end_ms: meeting.ended_ms,
        is_recorded: Some(meeting.is_recorded),
        ..MeetingFacts::of(meeting.meeting_id.clone()?, Track::CompanyRecord)
    })
}

/// Notes one meeting; whether it is asked for its recording now.
async fn note_meeting(
    tx: &mut Tx,
    facts: &MeetingFacts,
    look: Look,
    now_ms: i64,
) -> Result<bool, CatalogError> {
    let id = facts.meeting_id.as_ref();
    let was_recorded: Option<(Option<i64>,)> =
        tx.row("SELECT is_recorded FROM meetings WHERE meeting_id = $1", args![id]).await?;
    let is_recorded = facts.is_recorded == Some(true);
    let outcome = if is_recorded { MeetingOutcome::Asking } else { MeetingOutcome::NeverRecorded };
    hear_of_meeting(tx, facts, outcome, now_ms).await?;
    if !is_recorded {
        return Ok(false);
    }
    date_by_meeting(tx, &facts.meeting_id).await?;
    // Known to have been recorded before: asked then, and again only by the looks that have time for it.
    let is_news = was_recorded.is_none_or(|(flag,)| flag != Some(1));
    if !is_news && look == Look::Recent {
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
    tx.execute(
        "UPDATE meetings SET outcome = 'asking', outcome_at = $2 WHERE meeting_id = $1 AND outcome <> 'asking'",
        args![id, now_ms],
    )
    .await?;
    ask_later(tx, facts, now_ms).await?;
    Ok(true)
}
