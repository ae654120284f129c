//! Counts and lists for people: `status`, `recordings list`.

use std::collections::BTreeMap;

use super::recordings::recording_columns;
use super::{Catalog, CatalogError, args};
use crate::model::Recording;

/// How everything stands.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Overview {
    /// Recordings by state.
    pub recordings: BTreeMap<String, i64>,
    /// Members by state.
    pub members: BTreeMap<String, i64>,
    /// Events that are stored and not yet worked through.
    pub events_waiting: i64,
    /// Of these, the ones that broke down at least once.
    pub events_put_off: i64,
    /// Tasks by kind.
    pub tasks: BTreeMap<String, i64>,
    /// Bytes on disk, as the catalogue knows.
    pub bytes: i64,
    /// When the last event came, unix ms.
    pub last_event_at: Option<i64>,
    /// When the last patrol of anybody ended well, unix ms.
    pub last_patrol_at: Option<i64>,
}

impl Overview {
    /// All recordings.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.recordings.values().sum()
    }
}

/// How much there ever was of what is many times as much as there are recordings.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Artifacts by kind and state, as "media/done".
    pub artifacts: BTreeMap<String, i64>,
    /// Events by kind, all that ever came.
    pub events: BTreeMap<String, i64>,
}

/// What came into the archive in some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Growth {
    /// Bytes of files that were finished then and are still there.
    pub bytes: i64,
    /// When the first of them was finished, unix ms.
    pub first_at: Option<i64>,
}

impl Growth {
    /// In how many days so much room is used up if it goes on like this. None while less than a day is known, or
    /// nothing came.
    #[must_use]
    pub fn days_until_full(&self, room_bytes: u64, now_ms: i64) -> Option<u64> {
        const DAY_MS: u64 = 86_400_000;
        let known_ms = u64::try_from(now_ms - self.first_at?).ok().filter(|known_ms| *known_ms >= DAY_MS)?;
        let bytes = u128::from(u64::try_from(self.bytes).ok().filter(|bytes| *bytes > 0)?);
        let days = u128::from(room_bytes) * u128::from(known_ms) / bytes / u128::from(DAY_MS);
        u64::try_from(days).ok()
    }
}

/// Which recordings to list.
#[derive(Debug, Clone, Default)]
pub struct RecordingFilter {
    /// Only this state.
    pub state: Option<String>,
    /// Only of this owner (open_id).
    pub owner: Option<String>,
    /// Only after this one, in the order of the list: (found_at, minute_token).
    pub before: Option<(i64, String)>,
    /// At most so many.
    pub limit: i64,
}

impl Catalog {
    /// How everything stands; quick enough for a page.
    pub async fn overview(&self) -> Result<Overview, CatalogError> {
        let waiting: Option<(i64, i64)> = self
            .db
            .row(
                "SELECT COUNT(*), COUNT(CASE WHEN attempts > 0 THEN 1 END) FROM events WHERE handled_at IS NULL",
                args![],
            )
            .await?;
        let (events_waiting, events_put_off) = waiting.unwrap_or_default();
        let latest: Option<(Option<i64>, Option<i64>, i64)> = self
            .db
            .row(
                "SELECT (SELECT MAX(received_at) FROM events), (SELECT MAX(patrolled_at) FROM members),
                    (SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM artifacts WHERE state = 'done')",
                args![],
            )
            .await?;
        let (last_event_at, last_patrol_at, bytes) = latest.unwrap_or_default();
        Ok(Overview {
            recordings: self.counts("SELECT state, COUNT(*) FROM recordings GROUP BY state").await?,
            members: self.counts("SELECT state, COUNT(*) FROM members GROUP BY state").await?,
            tasks: self.counts("SELECT kind, COUNT(*) FROM tasks GROUP BY kind").await?,
            events_waiting,
            events_put_off,
            bytes,
            last_event_at,
            last_patrol_at,
        })
    }

    /// Goes through all events that ever came: a second for some millions.
    pub async fn tally(&self) -> Result<Tally, CatalogError> {
        let artifacts = "SELECT kind || '/' || state, COUNT(*) FROM artifacts GROUP BY kind, state";
        Ok(Tally {
            artifacts: self.counts(artifacts).await?,
            events: self.counts("SELECT kind, COUNT(*) FROM events GROUP BY kind").await?,
        })
    }

    async fn counts(&self, sql: &'static str) -> Result<BTreeMap<String, i64>, CatalogError> {
        let rows: Vec<(String, i64)> = self.db.rows(sql, args![]).await?;
        Ok(rows.into_iter().collect())
    }

    /// Whether nothing has ever been found.
    pub async fn has_nothing(&self) -> Result<bool, CatalogError> {
        let any: Option<(String,)> =
            self.db.row("SELECT minute_token FROM recordings LIMIT 1", args![]).await?;
        Ok(any.is_none())
    }

    /// For each reason, how many recordings lack something because of it, the archived ones included. What somebody
    /// has taken away lacks nothing.
    pub async fn open_reasons(&self) -> Result<BTreeMap<String, i64>, CatalogError> {
        let rows: Vec<(String, i64)> = self
            .db
            .rows(
                "SELECT reason, COUNT(DISTINCT minute_token) FROM artifacts
                 WHERE state <> 'done' AND reason IS NOT NULL AND reason NOT IN ('trashed', 'purged') GROUP BY reason",
                args![],
            )
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// How much has been archived since then.
    pub async fn growth(&self, since_ms: i64) -> Result<Growth, CatalogError> {
        let growth = self
            .db
            .row(
                "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes, MIN(done_at) AS first_at
                 FROM artifacts WHERE state = 'done' AND done_at >= $1",
                args![since_ms],
            )
            .await?;
        Ok(growth.unwrap_or_default())
    }

    /// Recordings, newest found first.
    pub async fn recordings(&self, filter: &RecordingFilter) -> Result<Vec<Recording>, CatalogError> {
        let (before_at, before_token) = filter.before.clone().unwrap_or((i64::MAX, String::new()));
        self.db
            .rows(
                recording_columns!(
                    "WHERE ($1 = '' OR state = $1) AND ($2 = '' OR owner_id = $2) AND (found_at, minute_token) < ($3, $4)
                     ORDER BY found_at DESC, minute_token DESC LIMIT $5"
                ),
                args![
                    filter.state.as_deref().unwrap_or_default(),
                    filter.owner.as_deref().unwrap_or_default(),
                    before_at,
                    before_token,
                    filter.limit
                ],
            )
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::Growth;

    #[test]
    fn a_forecast_needs_a_day_of_growth() {
        let day_ms = 86_400_000;
        let growth = Growth { bytes: 10 << 30, first_at: Some(0) };
        assert_eq!(growth.days_until_full(100 << 30, 2 * day_ms), Some(20));
        assert_eq!(growth.days_until_full(100 << 30, day_ms - 1), None, "too short to tell");
        assert_eq!(growth.days_until_full(0, 2 * day_ms), Some(0), "full");
        assert_eq!(growth.days_until_full(1, -5), None, "a clock that was set back");
        for nothing in [Growth { bytes: 0, ..growth }, Growth { first_at: None, ..growth }] {
            assert_eq!(nothing.days_until_full(100 << 30, 2 * day_ms), None);
        }
    }
}
