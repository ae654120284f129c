//! What members attended: how far it was looked for, and the minutes that nobody has brought in so far.

use super::{Catalog, CatalogError, Tx, args};
use crate::model::{AttendedLooks, MinuteToken, OpenId, Track};

/// What the catalogue knows of a minute that somebody attended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attended {
    /// Nobody has brought it in.
    Unknown,
    /// It is archived, and nothing says yet that they reach it.
    Archived,
    /// It is known and not archived, and nothing says yet that they reach it.
    Open,
    /// It is known that they reach it.
    Reached,
}

impl Catalog {
    /// How far it was looked for what this member attended, once it was.
    pub async fn attended_looks(&self, member: &OpenId) -> Result<Option<AttendedLooks>, CatalogError> {
        let sql =
            "SELECT open_id, seen_to_ms, goal_ms, reached_ms, span_ms FROM attended_looks WHERE open_id = $1";
        self.db.row(sql, args![member]).await
    }

    /// Notes how far it was looked.
    pub(crate) async fn set_attended_looks(&self, looks: &AttendedLooks) -> Result<(), CatalogError> {
        let AttendedLooks { open_id, seen_to_ms, goal_ms, reached_ms, span_ms } = looks;
        self.db
            .execute(
                "INSERT INTO attended_looks (open_id, seen_to_ms, goal_ms, reached_ms, span_ms)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (open_id) DO UPDATE SET seen_to_ms = excluded.seen_to_ms, goal_ms = excluded.goal_ms,
                    reached_ms = excluded.reached_ms, span_ms = excluded.span_ms",
                args![open_id, *seen_to_ms, *goal_ms, *reached_ms, *span_ms],
            )
            .await?;
        Ok(())
    }

    /// When the oldest recording of all was made, or found, unix ms.
    pub(crate) async fn oldest_made(&self) -> Result<Option<i64>, CatalogError> {
        let sql = "SELECT COALESCE(created_ms, found_at) FROM recordings ORDER BY COALESCE(created_ms, found_at) LIMIT 1";
        let row: Option<(i64,)> = self.db.row(sql, args![]).await?;
        Ok(row.map(|(made_ms,)| made_ms))
    }

    /// What this member attended that was brought in at the very moment in which it was noted as unknown.
    pub(crate) async fn attended_and_known(&self, member: &OpenId) -> Result<Vec<MinuteToken>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db
            .rows(
                "SELECT a.minute_token FROM attended a JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE a.open_id = $1",
                args![member],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(token,)| MinuteToken::parse(&token).ok()).collect())
    }
}

/// Notes that somebody attended this, unless it is there already; what was known of it before.
pub(crate) async fn note_attended(
    tx: &mut Tx,
    token: &MinuteToken,
    member: &OpenId,
) -> Result<Attended, CatalogError> {
    let row: Option<(i64, i64)> = tx
        .row(
            "SELECT CAST(CASE WHEN r.owner_id = $2 OR EXISTS (
                SELECT 1 FROM sightings s WHERE s.minute_token = r.minute_token AND s.open_id = $2
             ) THEN 1 ELSE 0 END AS BIGINT), CAST(CASE WHEN r.state = 'archived' THEN 1 ELSE 0 END AS BIGINT)
             FROM recordings r WHERE r.minute_token = $1",
            args![token, member],
        )
        .await?;
    let sql = match row {
        None => "INSERT INTO attended (minute_token, open_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        Some(_) => "DELETE FROM attended WHERE minute_token = $1 AND open_id = $2",
    };
    tx.execute(sql, args![token, member]).await?;
    Ok(match row {
        None => Attended::Unknown,
        Some((1, _)) => Attended::Reached,
        Some((_, 1)) => Attended::Archived,
        Some(_) => Attended::Open,
    })
}

/// A recording is known from now on: whoever attended it reaches it.
pub(super) async fn sight_for_those_who_attended(
    tx: &mut Tx,
    token: &MinuteToken,
    now_ms: i64,
) -> Result<(), CatalogError> {
    tx.execute(
        "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at)
         SELECT minute_token, $2, open_id, $3, $3 FROM attended WHERE minute_token = $1",
        args![token, Track::Attended.as_str(), now_ms],
    )
    .await?;
    tx.execute("DELETE FROM attended WHERE minute_token = $1", args![token]).await?;
    Ok(())
}
