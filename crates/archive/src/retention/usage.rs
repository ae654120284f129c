//! Who and what takes up the room, and how well it is known to be whole.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{ArtifactKind, MinuteToken, Reason};

/// What one person owns of the archive.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct PersonUsage {
    /// Who; empty for recordings whose owner nobody has told.
    pub open_id: String,
    /// Their recordings that have files here.
    pub count: i64,
    /// Bytes of these files.
    pub bytes: i64,
}

/// Everybody, by bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Those who have most.
    pub most: Vec<PersonUsage>,
    /// How many others there are.
    pub others: i64,
    /// Their recordings.
    pub others_count: i64,
    /// Their bytes.
    pub others_bytes: i64,
}

/// What was made in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthUsage {
    /// When it began, unix ms; none: everything before.
    pub from_ms: Option<i64>,
    /// Recordings that have files here.
    pub count: i64,
    /// Bytes of these files.
    pub bytes: i64,
}

/// What the slow reading of the archive has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct ScrubStanding {
    /// Files of the archive.
    pub files: i64,
    /// Of these, the ones that were read again, every byte, since the time asked for.
    pub read_again: i64,
    /// When the one that was not read for longest was last read or written, unix ms.
    pub oldest_at: Option<i64>,
    /// When a file was last read again, unix ms.
    pub last_at: Option<i64>,
    /// Files that were found damaged or gone and are not back.
    pub open_faults: i64,
}

/// A file that was found damaged or gone and is not back.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OpenFault {
    /// The recording.
    #[sqlx(try_from = "String")]
    pub minute_token: MinuteToken,
    /// Its title, when known.
    pub title: Option<String>,
    /// Which part.
    #[sqlx(try_from = "String")]
    pub kind: ArtifactKind,
    /// What is wrong with it.
    #[sqlx(try_from = "String")]
    pub reason: Reason,
}

impl Catalog {
    /// Files that were found damaged or gone and are not back, some of them.
    pub async fn open_faults(&self, limit: i64) -> Result<Vec<OpenFault>, CatalogError> {
        self.db()
            .rows(
                "SELECT f.minute_token, r.title, f.kind, f.reason FROM artifacts f
                 JOIN recordings r ON r.minute_token = f.minute_token
                 WHERE f.state <> 'done' AND f.reason IN ('file_damaged', 'file_missing', 'lost')
                 ORDER BY f.reason, f.minute_token, f.kind LIMIT $1",
                args![limit],
            )
            .await
    }

    /// What everybody takes up; of those who have most, so many one by one.
    pub async fn usage_by_person(&self, most: usize) -> Result<Usage, CatalogError> {
        let mut people: Vec<PersonUsage> = self
            .db()
            .rows(
                "SELECT COALESCE(r.owner_id, '') AS open_id, COUNT(*) AS count,
                    CAST(COALESCE(SUM(a.bytes), 0) AS BIGINT) AS bytes
                 FROM (SELECT minute_token, SUM(bytes) AS bytes FROM artifacts WHERE state = 'done'
                    GROUP BY minute_token) a JOIN recordings r ON r.minute_token = a.minute_token
                 GROUP BY COALESCE(r.owner_id, '') ORDER BY 3 DESC, 1",
                args![],
            )
            .await?;
        let others = people.split_off(people.len().min(most));
        Ok(Usage {
            most: people,
            others: others.len().try_into().unwrap_or(i64::MAX),
            others_count: others.iter().map(|it| it.count).sum(),
            others_bytes: others.iter().map(|it| it.bytes).sum(),
        })
    }

    /// What was made in each of the last months, the present one first, and at the end everything before.
    pub async fn usage_by_month(
        &self,
        zone: &TimeZone,
        now_ms: i64,
        months: u16,
    ) -> Result<Vec<MonthUsage>, CatalogError> {
        let mut usage = Vec::new();
        // What was made a little ahead of our clock belongs to the present month.
        let mut until_ms = i64::MAX;
        for back in 0..months {
            let from_ms = month_start(zone, now_ms, back);
            let (count, bytes) = self.usage_between(from_ms, until_ms).await?;
            usage.push(MonthUsage { from_ms: Some(from_ms), count, bytes });
            until_ms = from_ms;
        }
        let (count, bytes) = self.usage_between(i64::MIN, until_ms).await?;
        usage.push(MonthUsage { from_ms: None, count, bytes });
        Ok(usage)
    }

    async fn usage_between(&self, from_ms: i64, until_ms: i64) -> Result<(i64, i64), CatalogError> {
        let row: Option<(i64, i64)> = self
            .db()
            .row(
                "SELECT COUNT(DISTINCT r.minute_token), CAST(COALESCE(SUM(a.bytes), 0) AS BIGINT)
                 FROM recordings r JOIN artifacts a ON a.minute_token = r.minute_token
                 WHERE COALESCE(r.created_ms, r.found_at) >= $1 AND COALESCE(r.created_ms, r.found_at) < $2
                    AND a.state = 'done'",
                args![from_ms, until_ms],
            )
            .await?;
        Ok(row.unwrap_or_default())
    }

    /// How far the files have been read again since then, unix ms.
    pub async fn scrub_standing(&self, since_ms: i64) -> Result<ScrubStanding, CatalogError> {
        let standing = self
            .db()
            .row(
                "SELECT COUNT(*) AS files, COUNT(CASE WHEN verified_at > done_at AND verified_at >= $1 THEN 1 END)
                    AS read_again, MIN(COALESCE(verified_at, done_at)) AS oldest_at,
                    MAX(CASE WHEN verified_at > done_at THEN verified_at END) AS last_at,
                    (SELECT COUNT(*) FROM artifacts f WHERE f.state <> 'done'
                        AND f.reason IN ('file_damaged', 'file_missing', 'lost')) AS open_faults
                 FROM artifacts WHERE state = 'done'",
                args![since_ms],
            )
            .await?;
        Ok(standing.unwrap_or_default())
    }
}

/// When the month began that lies so many months before this moment, unix ms.
fn month_start(zone: &TimeZone, now_ms: i64, back: u16) -> i64 {
    let now = Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let first = zone.to_datetime(now).date().first_of_month();
    let first = first.checked_sub(i32::from(back).months()).unwrap_or(first);
    zone.to_timestamp(first.at(0, 0, 0, 0)).map_or(now_ms, Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_of_the_zone_across_years() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let say = |ms| zone.to_datetime(Timestamp::from_millisecond(ms).unwrap()).to_string();
        // 2026-01-31 23:00 UTC is February in Shanghai.
        let now_ms = 1_769_900_400_000;
        assert_eq!(say(month_start(&zone, now_ms, 0)), "2026-02-01T00:00:00");
        assert_eq!(say(month_start(&zone, now_ms, 2)), "2025-12-01T00:00:00");
        assert_eq!(say(month_start(&zone, now_ms, 14)), "2024-12-01T00:00:00");
    }
}
