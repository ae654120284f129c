//! Sightings: a track saw a recording, perhaps through a member. Any number of them, in any order, make
//! exactly one recording.

use super::attended::sight_for_those_who_attended;
use super::unindexed::mark_unindexed;
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

    /// Members with a working grant, or one that is tried for the last time, who can probably reach a recording: its
    /// owner first, then those through whom it was seen, the latest sighting first.
    pub async fn reachers(&self, token: &MinuteToken, now_ms: i64) -> Result<Vec<OpenId>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db
            .rows(
                "SELECT m.open_id FROM members m
                 JOIN recordings r ON r.minute_token = $1
                 LEFT JOIN sightings s ON s.minute_token = r.minute_token AND s.open_id = m.open_id
                 WHERE (m.state = 'active' OR m.sweep_until > $2) AND (m.open_id = r.owner_id OR s.open_id IS NOT NULL)
                 GROUP BY m.open_id, r.owner_id
                 ORDER BY CASE WHEN m.open_id = r.owner_id THEN 0 ELSE 1 END, MAX(COALESCE(s.last_at, 0)) DESC, m.open_id",
                args![token, now_ms],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| OpenId::parse(&id).ok()).collect())
    }
}

/// What a sighting changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// The recording itself is new.
    Recording,
    /// The recording was known, but not that this member reaches it.
    Reacher,
    /// Nothing that was not known.
    None,
}

/// Records a sighting. Facts that are known already are kept; a denial is open again when somebody new
/// may reach what nobody could fetch so far.
pub(crate) async fn record_sighting(
    tx: &mut Tx,
    sighting: &Sighting,
    now_ms: i64,
) -> Result<Novelty, CatalogError> {
    let (novelty, is_told_more) = record(tx, sighting, now_ms).await?;
    if is_told_more || novelty != Novelty::None {
        mark_unindexed(tx, &sighting.minute_token).await?;
    }
    Ok(novelty)
}

/// What the sighting changed, and whether it told an owner or a title where none was known.
async fn record(tx: &mut Tx, sighting: &Sighting, now_ms: i64) -> Result<(Novelty, bool), CatalogError> {
    let is_new = insert_recording(tx, sighting, now_ms).await?;
    let mut is_told_more = is_new;
    if !is_new {
        let owner = sighting.owner.as_ref().map(ToString::to_string);
        let (owner, title) = (owner.as_deref(), sighting.title.as_deref());
        let sql = "SELECT owner_id, title FROM recordings WHERE minute_token = $1";
        let known: Option<(Option<String>, Option<String>)> =
            tx.row(sql, args![&sighting.minute_token]).await?;
        is_told_more = known.is_some_and(|(known_owner, known_title)| {
            (known_owner.is_none() && owner.is_some()) || (known_title.is_none() && title.is_some())
        });
        tx.execute(
            "UPDATE recordings SET owner_id = COALESCE(owner_id, $2), meeting_id = COALESCE(meeting_id, $3),
                title = COALESCE(title, $4)
             WHERE minute_token = $1 AND state <> 'purged' AND (owner_id IS NULL OR meeting_id IS NULL OR title IS NULL)",
            args![
                &sighting.minute_token,
                owner,
                sighting.meeting_id.as_ref().map(ToString::to_string),
                title
            ],
        )
        .await?;
    }
    let open_id = sighting.member.as_ref().map(ToString::to_string).unwrap_or_default();
    let is_new_sighting = tx
        .execute(
            "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at) VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (minute_token, track, open_id) DO NOTHING",
            args![&sighting.minute_token, sighting.track.as_str(), open_id.as_str(), now_ms],
        )
        .await?
        > 0;
    if is_new {
        return Ok((Novelty::Recording, is_told_more));
    }
    if is_new_sighting && open_id.is_empty() {
        return Ok((Novelty::None, is_told_more));
    }
    if is_new_sighting {
        tx.execute(
            "UPDATE artifacts SET due_at = 0, state = 'pending' WHERE minute_token = $1
                AND (state = 'denied' OR (state = 'absent' AND reason = 'not_found'))",
            args![&sighting.minute_token],
        )
        .await?;
        return Ok((Novelty::Reacher, is_told_more));
    }
    tx.execute(
        "UPDATE sightings SET last_at = $4, times = times + 1 WHERE minute_token = $1 AND track = $2 AND open_id = $3",
        args![&sighting.minute_token, sighting.track.as_str(), open_id.as_str(), now_ms],
    )
    .await?;
    Ok((Novelty::None, is_told_more))
}

async fn insert_recording(tx: &mut Tx, sighting: &Sighting, now_ms: i64) -> Result<bool, CatalogError> {
    let token = &sighting.minute_token;
    let is_new = tx
        .execute(
            "INSERT INTO recordings (minute_token, state, found_at, state_at, owner_id, meeting_id, title)
             VALUES ($1, 'found', $2, $2, $3, $4, $5) ON CONFLICT (minute_token) DO NOTHING",
            args![
                token,
                now_ms,
                sighting.owner.as_ref().map(ToString::to_string),
                sighting.meeting_id.as_ref().map(ToString::to_string),
                sighting.title.as_deref()
            ],
        )
        .await?
        > 0;
    if is_new {
        let [a, b, c, d] = ArtifactKind::FETCHED.map(ArtifactKind::as_str);
        tx.execute(
            "INSERT INTO artifacts (minute_token, kind, state)
             VALUES ($1, $2, 'pending'), ($1, $3, 'pending'), ($1, $4, 'pending'), ($1, $5, 'pending')",
            args![token, a, b, c, d],
        )
        .await?;
        sight_for_those_who_attended(tx, token, now_ms).await?;
    }
    Ok(is_new)
}
