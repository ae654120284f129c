//! How far the company's own record of its meetings has been read, and what it says was recorded.

use serde::{Deserialize, Serialize};

use super::{Catalog, CatalogError, args};
use crate::members::COMPANY_RECORD_SCOPE;
use crate::model::{MeetingOutcome, MemberState, OpenId, Reason, RecordingState, text_enum};

/// The fact under which [`CompanyRecord`] is kept.
const KEY: &str = "company_record";
/// A record that was not looked at for longer says nothing of the present.
const FRESH_MS: i64 = 3_600_000;

text_enum! {
    /// Whether the company's own record can be relied on, and if not, why.
    pub enum RecordStanding {
        /// It has been read up to now.
        Available = "available",
        /// The configuration names no administrator.
        NobodyNamed = "nobody_named",
        /// None of the named administrators has a working authorisation.
        NotAuthorised = "not_authorised",
        /// They have authorised, without the scope that the record needs.
        ScopeMissing = "scope_missing",
        /// The platform refuses: the administrator lacks the admin console's meeting-management right.
        Refused = "refused",
        /// The last look failed; it is repeated.
        Trouble = "trouble",
        /// Nobody has looked lately: the service is not running, or has only just begun.
        Stale = "stale",
    }
}

/// What is known of the reading of the company's record. There are no gaps between its two ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CompanyRecord {
    /// Every meeting that began after this was seen, unix ms.
    pub since_ms: Option<i64>,
    /// … and up to this, by the platform's clock, unix ms.
    pub until_ms: Option<i64>,
    /// Up to when what goes on has been followed, by the platform's clock, unix ms.
    pub followed_ms: Option<i64>,
    /// By how much the platform's clock was ahead of ours at the last look, ms.
    pub ahead_ms: i64,
    /// When it was last looked at with success, by our clock, unix ms.
    pub looked_at: Option<i64>,
    /// With whose grant.
    pub via: Option<OpenId>,
    /// What kept the last look from succeeding.
    pub failure: Option<RecordStanding>,
    /// That in the platform's words.
    pub error: Option<String>,
}

impl CompanyRecord {
    /// Takes in that everything between two moments has been seen.
    pub(crate) fn extend(&mut self, (from_ms, to_ms): (i64, i64), via: &OpenId, now_ms: i64) {
        let touches =
            self.since_ms.zip(self.until_ms).is_some_and(|(since, until)| from_ms <= until && since <= to_ms);
        self.since_ms = Some(if touches { self.since_ms.unwrap_or(from_ms).min(from_ms) } else { from_ms });
        self.until_ms = Some(if touches { self.until_ms.unwrap_or(to_ms).max(to_ms) } else { to_ms });
        self.looked_at = Some(now_ms);
        self.via = Some(via.clone());
        (self.failure, self.error) = (None, None);
    }

    /// Whether every meeting that began between two moments, the second not later than now, is in it.
    #[must_use]
    pub fn covers(&self, from_ms: i64, to_ms: i64, now_ms: i64) -> bool {
        let (Some(since_ms), Some(until_ms)) = (self.since_ms, self.until_ms) else { return false };
        since_ms <= from_ms && to_ms.min(now_ms - FRESH_MS) <= until_ms
    }

    /// The platform's time when ours is `now_ms`, unix ms.
    pub(crate) fn their_time(&self, now_ms: i64) -> i64 {
        now_ms + self.ahead_ms
    }

    fn is_fresh(&self, now_ms: i64) -> bool {
        self.looked_at.is_some_and(|at| now_ms - at <= FRESH_MS)
    }
}

/// A meeting that was recorded, as the company's record has it, beside what the archive has of it.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct RecordedMeeting {
    /// Its identity.
    pub meeting_id: String,
    /// The nine digits that people dial.
    pub meeting_no: Option<String>,
    /// What it was about.
    pub topic: Option<String>,
    /// The owner's open_id.
    pub owner_id: Option<String>,
    /// The owner's name.
    pub organizer: Option<String>,
    /// When it began, unix ms.
    pub start_ms: Option<i64>,
    /// What came of asking for its recording.
    #[sqlx(try_from = "String")]
    pub outcome: MeetingOutcome,
    /// The platform's words behind the outcome.
    pub outcome_detail: Option<String>,
    /// Its recording, when known.
    pub minute_token: Option<String>,
    /// Where the recording stands; none while it is not known.
    pub state: Option<String>,
    /// Why it stands there.
    pub reason: Option<String>,
}

impl RecordedMeeting {
    /// Where its recording stands, when it is known.
    #[must_use]
    pub fn state(&self) -> Option<RecordingState> {
        self.state.as_deref().and_then(|word| word.parse().ok())
    }

    /// Why it stands there, when this version knows the word.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason.as_deref().and_then(|word| word.parse().ok())
    }
}

impl Catalog {
    /// How far the company's record has been read.
    pub async fn company_record(&self) -> Result<CompanyRecord, CatalogError> {
        let stored = self.meta(KEY).await?;
        Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    pub(crate) async fn set_company_record(&self, record: &CompanyRecord) -> Result<(), CatalogError> {
        self.set_meta(KEY, &serde_json::to_string(record).unwrap_or_default()).await
    }

    /// Whether the company's record can be relied on now; `administrators` are those whom the configuration names.
    pub async fn record_standing(
        &self,
        administrators: &[OpenId],
        now_ms: i64,
    ) -> Result<RecordStanding, CatalogError> {
        if administrators.is_empty() {
            return Ok(RecordStanding::NobodyNamed);
        }
        let mut standing = RecordStanding::NotAuthorised;
        for administrator in administrators {
            let Some(member) = self.member(administrator).await? else { continue };
            if member.state != MemberState::Active {
                continue;
            }
            if member.granted().any(|scope| scope == COMPANY_RECORD_SCOPE) {
                let record = self.company_record().await?;
                return Ok(match record.failure {
                    Some(failure) => failure,
                    None if record.is_fresh(now_ms) => RecordStanding::Available,
                    None => RecordStanding::Stale,
                });
            }
            standing = RecordStanding::ScopeMissing;
        }
        Ok(standing)
    }

    /// The recorded meetings that began at `since_ms` or later, the latest first.
    pub async fn recorded_meetings(&self, since_ms: i64) -> Result<Vec<RecordedMeeting>, CatalogError> {
        self.db
            .rows(
                "SELECT m.meeting_id, m.meeting_no, m.topic, COALESCE(r.owner_id, m.owner_id) AS owner_id, m.organizer,
                    m.start_ms, m.outcome, m.outcome_detail, r.minute_token, r.state, r.reason
                 FROM meetings m LEFT JOIN recordings r ON r.minute_token = COALESCE(
                    (SELECT MIN(o.minute_token) FROM recordings o WHERE o.meeting_id = m.meeting_id), m.minute_token)
                 WHERE m.is_recorded = 1 AND m.start_ms >= $1 ORDER BY m.start_ms DESC, m.meeting_id",
                args![since_ms],
            )
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_that_do_not_touch_leave_no_hidden_gap() {
        let via = OpenId::parse("ou_a").unwrap();
        let mut record = CompanyRecord::default();
        assert!(!record.covers(0, 1, 10));
        record.extend((100, 200), &via, 0);
        record.extend((150, 300), &via, 0);
        record.extend((50, 120), &via, 0);
        assert_eq!((record.since_ms, record.until_ms), (Some(50), Some(300)));
        record.extend((400, 500), &via, 0);
        assert_eq!(
            (record.since_ms, record.until_ms),
            (Some(400), Some(500)),
            "what lies between was not seen"
        );
    }

    #[test]
    fn a_week_counts_as_covered_only_while_somebody_looks() {
        const DAY_MS: i64 = 86_400_000;
        let via = OpenId::parse("ou_a").unwrap();
        let mut record = CompanyRecord::default();
        record.extend((0, 10 * DAY_MS), &via, 10 * DAY_MS);
        assert!(record.covers(0, 7 * DAY_MS, 20 * DAY_MS), "a week that is over stays covered");
        assert!(record.covers(7 * DAY_MS, 14 * DAY_MS, 10 * DAY_MS), "the present one up to now");
        assert!(!record.covers(7 * DAY_MS, 14 * DAY_MS, 11 * DAY_MS), "nobody has looked for a day");
        assert!(!record.covers(-1, 7 * DAY_MS, 20 * DAY_MS), "it begins too early");
    }
}
