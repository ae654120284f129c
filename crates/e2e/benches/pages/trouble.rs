//! What is not here, as the program leaves it: one recording of twenty, for several reasons, each with the time at which
//! it is asked for again; and of archived ones some a text.

use archive::catalog::{Arg, Tx};
use archive::model::{ArtifactKind, ArtifactState as Part, Reason, RecordingState as State};

use crate::Size;
use crate::filled::{DAY_MS, HOUR_MS, whole};

/// One of so many that have no transcript.
const ONE_OF: usize = 16;

/// Why something is not here.
pub(crate) struct Trouble {
    pub(crate) state: State,
    part: Part,
    pub(crate) reason: Reason,
    pub(crate) detail: Option<&'static str>,
    attempts: i64,
}

const fn trouble(state: State, part: Part, reason: Reason, detail: &'static str, attempts: i64) -> Trouble {
    Trouble { state, part, reason, detail: Some(detail), attempts }
}

const NOT_READY: Trouble =
    trouble(State::Waiting, Part::Waiting, Reason::NotReady, "not ready yet [HTTP 400, code 2091003]", 13);
const PLATFORM_TROUBLE: Trouble =
    trouble(State::Failed, Part::Failed, Reason::PlatformTrouble, "temporary trouble [HTTP 502]", 40);
const RATE_LIMITED: Trouble =
    trouble(State::Failed, Part::Failed, Reason::RateLimited, "rate limited, wait 3600 s", 0);
const TRUNCATED: Trouble =
    trouble(State::Failed, Part::Failed, Reason::Truncated, "the file ends inside a box", 25);
const NOT_MEDIA: Trouble =
    trouble(State::Failed, Part::Failed, Reason::NotMedia, "instead of media the host sent a web page", 25);
const DENIED: Trouble =
    trouble(State::Denied, Part::Denied, Reason::ExportDenied, "permission denied [code 2091005]", 20);
const NO_SCOPE: Trouble =
    trouble(State::Denied, Part::Denied, Reason::ScopeNotGranted, "lacks the scope [code 99991679]", 9);
const NO_GRANT: Trouble =
    Trouble { detail: None, ..trouble(State::NoGrant, Part::Pending, Reason::NoGrant, "", 0) };
const DELETED: Trouble =
    trouble(State::Gone, Part::Absent, Reason::Deleted, "deleted on the platform [code 2091004]", 3);
const NOT_FOUND: Trouble =
    trouble(State::Gone, Part::Absent, Reason::NotFound, "not found [HTTP 404, code 2091002]", 12);
const EMPTY: Trouble = trouble(State::Archived, Part::Absent, Reason::Empty, "there is nothing in it", 1);

/// What waits for its next turn, as a run that could not bring it in puts it back.
pub(crate) const QUEUED: &str = "INSERT INTO tasks (kind, subject, run_at, created_at, lane, party, made_ms)
     SELECT 'archive', r.minute_token, MIN(a.due_at), r.found_at, 1 + r.rowid % 3, r.owner_id, r.created_ms
     FROM recordings r JOIN artifacts a ON a.minute_token = r.minute_token
     WHERE r.state IN ('waiting', 'failed', 'denied', 'no_grant')
        AND (a.state IN ('waiting', 'failed') OR (a.state = 'denied' AND a.kind = 'media'))
     GROUP BY r.minute_token";

impl Trouble {
    /// None of those with a transcript: what the index is measured by has all of them.
    pub(crate) fn of(number: usize, size: Size) -> Option<&'static Self> {
        if number < size.transcripts || number % ONE_OF != 5 {
            return None;
        }
        Some(match number / ONE_OF % 20 {
            0 => &NOT_READY,
            1 => &PLATFORM_TROUBLE,
            2 => &RATE_LIMITED,
            3 => &TRUNCATED,
            4 => &NOT_MEDIA,
            5..10 => &DENIED,
            10 => &NO_SCOPE,
            11..18 => &NO_GRANT,
            18 => &DELETED,
            _ => &NOT_FOUND,
        })
    }

    /// Its parts; `since_ms` is when it came to stand like that.
    pub(crate) async fn note(&self, tx: &mut Tx, token: &str, number: usize, since_ms: i64, now_ms: i64) {
        for kind in ArtifactKind::FETCHED {
            // Without a grant nothing is planned but what was put back before it ended: here a text that had failed.
            let is_tried = self.reason == Reason::NoGrant && kind == ArtifactKind::Summary;
            let why = if is_tried { &PLATFORM_TROUBLE } else { self };
            why.note_part(tx, token, kind, why.due_ms(number, since_ms, now_ms)).await;
        }
    }

    /// The longest wait of its kind, less what chance takes off it.
    fn due_ms(&self, number: usize, since_ms: i64, now_ms: i64) -> i64 {
        let share = whole(number * 7_919 % 1_000);
        match self.part {
            Part::Waiting => now_ms + DAY_MS - DAY_MS / 5 * share / 1_000,
            Part::Failed => now_ms + HOUR_MS - HOUR_MS / 5 * share / 1_000,
            Part::Denied => now_ms + 7 * DAY_MS - 6 * DAY_MS * share / 1_000,
            Part::Pending | Part::Absent | Part::Done => since_ms,
        }
    }

    async fn note_part(&self, tx: &mut Tx, token: &str, kind: ArtifactKind, due_ms: i64) {
        let words = [token, kind.as_str(), self.part.as_str(), self.reason.as_str()];
        let mut values = Vec::from(words.map(Arg::from));
        values.push(Arg::from(self.detail));
        values.extend([self.attempts, due_ms].map(Arg::from));
        let sql = "INSERT INTO artifacts (minute_token, kind, state, reason, reason_detail, attempts, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        tx.execute(sql, values).await.expect("a part");
    }
}

/// The texts that an archived recording will not have: in one of ten nothing was said that could be summed up, and of
/// one of fifty the owner lets nobody export the transcript.
pub(crate) async fn note_missing_texts(tx: &mut Tx, token: &str, number: usize, since_ms: i64) {
    if number % 10 == 3 {
        EMPTY.note_part(tx, token, ArtifactKind::Summary, since_ms).await;
    }
    if number % 50 == 9 {
        for kind in [ArtifactKind::TranscriptTxt, ArtifactKind::TranscriptSrt] {
            DENIED.note_part(tx, token, kind, since_ms + 7 * DAY_MS).await;
        }
    }
}
