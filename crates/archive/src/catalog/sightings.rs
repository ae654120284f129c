//! Sightings: a track saw a recording, perhaps through a member. Any number of them, in any order, make
//! exactly one recording.

use super::{Catalog, CatalogError, Tx, args};
use crate::model::{ArtifactKind, MeetingId, MinuteToken, OpenId, Track};

/// What a track saw.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// The recording.
    pub minute_token: MinuteToken,
    /// The track.
    pub track: Track,
    /// Whose rights reach it, when the track tells.
    pub member: Option<OpenId>,
    /// Its owner, when the track tells.
    pub owner: Option<OpenId>,
    /// The meeting it came from, when the track tells.
    pub meeting_id: Option<MeetingId>,
    /// Title, when the track tells.
    pub title: Option<String>,
}

/// One stored sighting.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct SightingRow {
    /// The track.
    pub track: String,
    /// Whose rights reach it; empty when the track names nobody.
    pub open_id: String,
    /// First time, unix ms.
    pub first_at: i64,
    /// Last time, unix ms.
    pub last_at: i64,
    /// How often.
    pub times: i64,
}

impl Catalog {
    /// Who saw this recording, oldest first.
    pub async fn sightings(&self, token: &MinuteToken) -> Result<Vec<SightingRow>, CatalogError> {
        self.db
            .rows(
                "SELECT track, open_id, first_at, last_at, times FROM sightings
                 WHERE minute_token = $1 ORDER BY first_at, track, open_id",
                args![token],
            )
            .await
    }

    /// Members with a working grant who can probably reach a recording: its owner first, then those
    /// through whom it was seen, the latest sighting first.
    pub async fn reachers(&self, token: &MinuteToken) -> Result<Vec<OpenId>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db
            .rows(
                "SELECT m.open_id FROM members m
                 JOIN recordings r ON r.minute_token = $1
                 LEFT JOIN sightings s ON s.minute_token = r.minute_token AND s.open_id = m.open_id
                 WHERE m.state = 'active' AND (m.open_id = r.owner_id OR s.open_id IS NOT NULL)
                 GROUP BY m.open_id, r.owner_id
                 ORDER BY CASE WHEN m.open_id = r.owner_id THEN 0 ELSE 1 END, MAX(COALESCE(s.last_at, 0)) DESC, m.open_id",
                args![token],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| OpenId::parse(&id).ok()).collect())
    }
}

impl Catalog {
    /// Whether a fresh sighting can mean work: somebody new may reach what nobody could fetch so far.
    pub(crate) async fn is_unsettled(tx: &mut Tx, token: &MinuteToken) -> Result<bool, CatalogError> {
        let row: Option<(i64,)> = tx
            .row(
                "SELECT COUNT(*) FROM recordings WHERE minute_token = $1 AND state IN ('found', 'no_grant')",
                args![token],
            )
            .await?;
        Ok(row.is_some_and(|(count,)| count > 0))
    }
}

/// Records a sighting; true when the recording itself is new. Facts that are known already are kept.
pub(crate) async fn record_sighting(
    tx: &mut Tx,
    sighting: &Sighting,
    now_ms: i64,
) -> Result<bool, CatalogError> {
    let is_new = tx
        .execute(
            "INSERT INTO recordings (minute_token, state, found_at) VALUES ($1, 'found', $2)
             ON CONFLICT (minute_token) DO NOTHING",
            args![&sighting.minute_token, now_ms],
        )
        .await?
        > 0;
    if is_new {
        for kind in ArtifactKind::FETCHED {
            tx.execute(
                "INSERT INTO artifacts (minute_token, kind, state) VALUES ($1, $2, 'pending')",
                args![&sighting.minute_token, kind.as_str()],
            )
            .await?;
        }
    }
    tx.execute(
        "UPDATE recordings SET owner_id = COALESCE(owner_id, $2), meeting_id = COALESCE(meeting_id, $3),
            title = COALESCE(title, $4)
         WHERE minute_token = $1 AND (owner_id IS NULL OR meeting_id IS NULL OR title IS NULL)",
        args![
            &sighting.minute_token,
            sighting.owner.as_ref().map(ToString::to_string),
            sighting.meeting_id.as_ref().map(ToString::to_string),
            sighting.title.as_deref()
        ],
    )
    .await?;
    tx.execute(
        "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (minute_token, track, open_id)
         DO UPDATE SET last_at = excluded.last_at, times = sightings.times + 1",
        args![
            &sighting.minute_token,
            sighting.track.as_str(),
            sighting.member.as_ref().map(ToString::to_string).unwrap_or_default(),
            now_ms
        ],
    )
    .await?;
    Ok(is_new)
}
