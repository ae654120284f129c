//! Lists of recordings that are not done, for tables: what is in the queue, and what is missing, queued or not.

use super::Queue;
use crate::catalog::{CatalogError, args};
use crate::model::{Reason, RecordingState};

/// A recording that waits its turn, is at work, or waits for nobody.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct RecordingTask {
    /// The recording.
    pub minute_token: String,
    /// What people call it, when known.
    pub title: Option<String>,
    /// Its owner's open_id, when known.
    pub owner_id: Option<String>,
    /// Where it stands; a word of [`crate::model::RecordingState`].
    pub state: Option<String>,
    /// Why it stands there; a word of [`crate::model::Reason`].
    pub reason: Option<String>,
    /// Due at, unix ms; none while nothing is planned.
    pub run_at: Option<i64>,
    /// Held until, unix ms, while a worker is at it.
    pub lease_until: Option<i64>,
    /// Failed attempts so far.
    pub attempts: i64,
    /// What the last one failed on.
    pub last_error: Option<String>,
    /// Since when it is paused by itself, unix ms.
    pub paused_since: Option<i64>,
    /// Where it is in the order of the list, unix ms.
    place: i64,
}

/// Which recordings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Those in the queue: at work first, then those that are due next.
    Queued,
    /// Those that stand at one of these, the newest first.
    At([RecordingState; 2]),
    /// Those that lack something for this reason, the newest first.
    For(Reason),
}

/// A page of such a list.
#[derive(Debug, Clone)]
pub struct WaitingPage {
    /// Its rows.
    pub rows: Vec<RecordingTask>,
    /// After which row the next page begins, if there is one.
    pub next: Option<String>,
}

/// The rows of a list, each at its place.
macro_rules! rows {
    ($place:literal, $from:literal, $rest:literal) => {
        concat!(
            "SELECT r.minute_token, r.title, r.owner_id, r.state, r.reason, t.run_at, t.lease_until,
                COALESCE(t.attempts, 0) AS attempts, t.last_error, p.since AS paused_since, ",
            $place,
            " AS place FROM ",
            $from,
            " LEFT JOIN pauses p ON p.subject = r.minute_token WHERE ",
            $rest
        )
    };
}

/// Recordings of which this is so, the newest first.
macro_rules! newest_first {
    ($which:literal) => {
        rows!(
            "COALESCE(r.created_ms, r.found_at)",
            "recordings r LEFT JOIN tasks t ON t.kind = 'archive' AND t.subject = r.minute_token",
            $which
        )
    };
}

/// What is at work stands before all that is due.
const QUEUED: &str = rows!(
    "CASE WHEN t.lease_until IS NULL THEN t.run_at ELSE -1 END",
    "tasks t JOIN recordings r ON r.minute_token = t.subject",
    "t.kind = 'archive' AND $1 = '' AND $2 = ''
        AND (CASE WHEN t.lease_until IS NULL THEN t.run_at ELSE -1 END, t.subject) > ($3, $4)
     ORDER BY place, t.subject LIMIT $5"
);
const AT: &str = newest_first!(
    "r.state IN ($1, $2) AND (COALESCE(r.created_ms, r.found_at), r.minute_token) < ($3, $4)
     ORDER BY place DESC, r.minute_token DESC LIMIT $5"
);
const FOR: &str = newest_first!(
    "r.minute_token IN (SELECT minute_token FROM artifacts WHERE state <> 'done' AND reason = $1) AND $2 = ''
        AND (COALESCE(r.created_ms, r.found_at), r.minute_token) < ($3, $4)
     ORDER BY place DESC, r.minute_token DESC LIMIT $5"
);

impl Queue {
    /// Recordings that are not done, page by page; `after`: what the page before gave as [`WaitingPage::next`].
    pub async fn waiting(
        &self,
        which: Waiting,
        after: Option<&str>,
        limit: i64,
    ) -> Result<WaitingPage, CatalogError> {
        let (sql, words, before_all) = match which {
            Waiting::Queued => (QUEUED, ["", ""], i64::MIN),
            Waiting::At(states) => (AT, states.map(RecordingState::as_str), i64::MAX),
            Waiting::For(reason) => (FOR, [reason.as_str(), ""], i64::MAX),
        };
        let after = after.and_then(|after| after.split_once('.'));
        let after = after.and_then(|(place, token)| Some((place.parse().ok()?, token)));
        let (place, token) = after.unwrap_or((before_all, ""));
        let values = args![words[0], words[1], place, token, limit];
        let rows: Vec<RecordingTask> = self.catalog.db().rows(sql, values).await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next =
            rows.last().filter(|_| is_full).map(|last| format!("{}.{}", last.place, last.minute_token));
        Ok(WaitingPage { rows, next })
    }
}
