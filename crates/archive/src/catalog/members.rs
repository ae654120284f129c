//! Members and their folders. Their sealed tokens belong to `crate::members`.

use super::unindexed::mark_unindexed_of;
use super::{Catalog, CatalogError, Tx, args};
use crate::audit::{Deed, record_in};
use crate::model::{Member, MemberState, OpenId, Reason};

macro_rules! members {
    ($which:literal) => {
        concat!(
            "SELECT open_id, name, state, reason, reason_detail, reason_at, state_at, authorised_at, scopes,
                patrolled_to, patrolled_at, patrol_error, patrol_reason, subscribed_at, subscription_asked_at,
                subscription_reason, subscription_error, heard_at, sweep_until, language
             FROM members WHERE ",
            $which
        )
    };
}

/// A member with the times of their grant and what is archived of theirs, for tables.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct MemberRow {
    /// The member.
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub member: Member,
    /// When the access token ends, unix ms.
    pub access_expires_at: Option<i64>,
    /// When the refresh token ends, unix ms.
    pub refresh_expires_at: Option<i64>,
    /// Last successful refresh, unix ms.
    pub refreshed_at: Option<i64>,
    /// Failed refreshes since the last good one.
    pub failures: Option<i64>,
    /// Recordings that they own, as far as known.
    pub owned: i64,
    /// Of these, archived.
    pub archived: i64,
}

impl Catalog {
    /// Members whose grant is not known to be over, who last authorised before this, unix ms; the oldest grant first.
    pub async fn authorised_before(&self, before_ms: i64) -> Result<Vec<Member>, CatalogError> {
        let sql = members!("state = 'active' AND authorised_at < $1 ORDER BY authorised_at, name, open_id");
        self.db.rows(sql, args![before_ms]).await
    }

    /// One member.
    pub async fn member(&self, open_id: &OpenId) -> Result<Option<Member>, CatalogError> {
        self.db.row(members!("open_id = $1"), args![open_id]).await
    }

    /// All members with their grants' times, by name.
    pub async fn members(&self) -> Result<Vec<MemberRow>, CatalogError> {
        self.db
            .rows(
                "SELECT m.open_id, m.name, m.state, m.reason, m.reason_detail, m.reason_at, m.state_at,
                    m.authorised_at, m.scopes, m.patrolled_to, m.patrolled_at, m.patrol_error, m.patrol_reason,
                    m.subscribed_at, m.subscription_asked_at, m.subscription_reason, m.subscription_error,
                    m.heard_at, m.sweep_until, m.language,
                    g.access_expires_at, g.refresh_expires_at, g.refreshed_at, g.failures,
                    COALESCE(r.owned, 0) AS owned, COALESCE(r.archived, 0) AS archived
                 FROM members m LEFT JOIN grants g ON g.open_id = m.open_id
                 LEFT JOIN (
                    SELECT owner_id, COUNT(*) AS owned, COUNT(CASE WHEN state = 'archived' THEN 1 END) AS archived
                    FROM recordings WHERE owner_id IS NOT NULL GROUP BY owner_id
                 ) r ON r.owner_id = m.open_id
                 ORDER BY m.name, m.open_id",
                args![],
            )
            .await
    }

    /// Members whose grant can be used.
    pub async fn active_members(&self) -> Result<Vec<OpenId>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db
            .rows("SELECT open_id FROM members WHERE state = 'active' ORDER BY open_id", args![])
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| OpenId::parse(&id).ok()).collect())
    }

    /// Notes what a patrol came to. `patrolled_to` changes only on success.
    pub async fn set_patrolled(
        &self,
        open_id: &OpenId,
        outcome: Result<i64, (&str, Option<Reason>)>,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        match outcome {
            Ok(seen_to) => {
                self.db
                    .execute(
                        "UPDATE members SET patrolled_to = $2, patrolled_at = $3, patrol_error = NULL, patrol_reason = NULL
                         WHERE open_id = $1",
                        args![open_id, seen_to, now_ms],
                    )
                    .await?
            }
            Err((error, reason)) => {
                let sql = "UPDATE members SET patrol_error = $2, patrol_reason = $3 WHERE open_id = $1";
                self.db
                    .execute(sql, args![open_id, error, reason.map(Reason::as_str)])
                    .await?
            }
        };
        Ok(())
    }

    /// What people are called, by open_id: all who have authorised, and all who ever signed in.
    pub async fn names(&self) -> Result<Vec<(String, String)>, CatalogError> {
        let sql = "SELECT open_id, name FROM members UNION ALL
             SELECT open_id, name FROM people WHERE open_id NOT IN (SELECT open_id FROM members)";
        self.db.rows(sql, args![]).await
    }

    /// Notes in which language a member reads our pages.
    pub async fn set_language(&self, open_id: &OpenId, language: &str) -> Result<(), CatalogError> {
        let sql = "UPDATE members SET language = $2 WHERE open_id = $1";
        self.db.execute(sql, args![open_id, language]).await?;
        Ok(())
    }

    /// Forgets a member, their grant, their sessions and what their programs come in with. Their recordings stay.
    /// The deed of whoever does it is written down first; none where it is our own work on something that never was a person.
    pub async fn remove_member(&self, open_id: &OpenId, deed: Option<&Deed>) -> Result<bool, CatalogError> {
        let mut tx = self.db.begin().await?;
        if let Some(deed) = deed {
            record_in(&mut tx, deed).await?;
        }
        tx.execute("DELETE FROM grants WHERE open_id = $1", args![open_id]).await?;
        tx.execute("DELETE FROM sessions WHERE open_id = $1", args![open_id]).await?;
        tx.execute("DELETE FROM api_tokens WHERE open_id = $1", args![open_id]).await?;
        tx.execute("DELETE FROM preferences WHERE open_id = $1", args![open_id]).await?;
        tx.execute(
            "DELETE FROM tasks WHERE kind IN ('patrol', 'subscription', 'backfill', 'attended') AND subject = $1",
            args![open_id],
        )
        .await?;
        let removed = tx.execute("DELETE FROM members WHERE open_id = $1", args![open_id]).await?;
        mark_unindexed_of(&mut tx, open_id.as_ref()).await?;
        tx.commit().await?;
        Ok(removed > 0)
    }

    /// The folder of a person, if one was fixed.
    pub async fn folder(&self, open_id: &str) -> Result<Option<String>, CatalogError> {
        let row: Option<(String,)> =
            self.db.row("SELECT folder FROM folders WHERE open_id = $1", args![open_id]).await?;
        Ok(row.map(|(folder,)| folder))
    }

    /// Fixes a person's folder: `wanted` if nobody has it (whatever the case of its letters), else
    /// `fallback`, which holds the person's id. The folder that counts from now on.
    pub async fn claim_folder(
        &self,
        open_id: &str,
        wanted: &str,
        fallback: &str,
    ) -> Result<String, CatalogError> {
        for candidate in [wanted, fallback] {
            if let Some(folder) = self.folder(open_id).await? {
                return Ok(folder);
            }
            self.db
                .execute(
                    "INSERT INTO folders (open_id, folder, folded) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    args![open_id, candidate, candidate.to_lowercase()],
                )
                .await?;
        }
        Ok(self.folder(open_id).await?.unwrap_or_else(|| fallback.to_owned()))
    }
}

/// Notes what somebody is called, for the audit log, which has their id alone and outlives their membership.
pub(crate) async fn note_name(tx: &mut Tx, open_id: &OpenId, name: &str) -> Result<(), CatalogError> {
    tx.execute(
        "INSERT INTO people (open_id, name) VALUES ($1, $2)
         ON CONFLICT (open_id) DO UPDATE SET name = excluded.name",
        args![open_id, name],
    )
    .await?;
    Ok(())
}

/// How a member stands after an authorisation or an import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'a> {
    pub(crate) state: MemberState,
    pub(crate) reason: Option<Reason>,
    /// Unix ms.
    pub(crate) authorised_at: Option<i64>,
    /// Granted, separated by spaces.
    pub(crate) scopes: &'a str,
}

/// Makes a member, or gives one a new name and standing.
pub(crate) async fn upsert_member(
    tx: &mut Tx,
    open_id: &OpenId,
    name: &str,
    standing: Standing<'_>,
    now_ms: i64,
) -> Result<(), CatalogError> {
    let Standing { state, reason, authorised_at, scopes } = standing;
    let known: Option<(String,)> =
        tx.row("SELECT name FROM members WHERE open_id = $1", args![open_id]).await?;
    tx.execute(
        "INSERT INTO members (open_id, name, state, reason, state_at, authorised_at, scopes)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (open_id) DO UPDATE SET name = excluded.name, state = excluded.state, reason = excluded.reason,
            reason_detail = NULL, reason_at = excluded.state_at, state_at = excluded.state_at,
            authorised_at = excluded.authorised_at, scopes = excluded.scopes, subscribed_at = NULL,
            subscription_asked_at = NULL, subscription_reason = NULL, subscription_error = NULL,
            patrol_error = NULL, patrol_reason = NULL, sweep_until = NULL",
        args![open_id, name, state.as_str(), reason.map(Reason::as_str), now_ms, authorised_at, scopes],
    )
    .await?;
    if known.is_none_or(|(known,)| known != name) {
        mark_unindexed_of(tx, open_id.as_ref()).await?;
    }
    Ok(())
}
