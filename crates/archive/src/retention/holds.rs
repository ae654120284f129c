//! Legal holds. Several may lie on one recording: on itself and on its owner, each with its own reason; it is free when
//! all are lifted. A hold on a person holds all that they own, also what comes later.

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{MinuteToken, OpenId, RecordingState};

/// Whether the recording `r` is held. Asked in two halves, each by its own index: there may be many holds.
macro_rules! held {
    () => {
        "(EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND h.minute_token = r.minute_token)
            OR EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND h.open_id = r.owner_id))"
    };
}
pub(super) use held;

macro_rules! holds {
    ($rest:literal) => {
        concat!(
            "SELECT h.id, h.minute_token, h.open_id, r.title, h.reason, h.placed_by, h.placed_at, h.lifted_by, h.lifted_at,
                h.lifted_why FROM holds h LEFT JOIN recordings r ON r.minute_token = h.minute_token ",
            $rest
        )
    };
}

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Hold {
    /// Its number.
    pub id: String,
    /// The recording that it is on; none when it is on a person.
    pub minute_token: Option<String>,
    /// The person all of whose recordings it is on.
    pub open_id: Option<String>,
    /// The recording's title, when known.
    pub title: Option<String>,
    /// Why.
    pub reason: String,
    /// Who placed it.
    pub placed_by: String,
    /// Unix ms.
    pub placed_at: i64,
    /// Who lifted it; none while it holds.
    pub lifted_by: Option<String>,
    /// Unix ms.
    pub lifted_at: Option<i64>,
    /// Why it was lifted, if they said that.
    pub lifted_why: Option<String>,
}

/// What a hold is placed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldOn {
    /// One recording.
    Recording(MinuteToken),
    /// All that a person owns.
    Person(OpenId),
}

impl Catalog {
    /// Places a hold and writes the deed down; its number, or none when there is no such recording (any more).
    pub async fn place_hold(
        &self,
        on: &HoldOn,
        reason: &str,
        deed: &Deed,
    ) -> Result<Option<String>, CatalogError> {
        let id = uuid::Uuid::now_v7().to_string();
        let (token, person) = match on {
            HoldOn::Recording(token) => (Some(token.as_str()), None),
            HoldOn::Person(person) => (None, Some(person.as_str())),
        };
        let mut tx = self.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        if let Some(token) = token {
            let sql = "SELECT state FROM recordings WHERE minute_token = $1";
            let state: Option<(String,)> = tx.row(sql, args![token]).await?;
            if state.is_none_or(|(state,)| state == RecordingState::Purged.as_str()) {
                return Ok(None);
            }
        }
        tx.execute(
            "INSERT INTO holds (id, minute_token, open_id, reason, placed_by, placed_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            args![id.as_str(), token, person, reason, &deed.actor, deed.at_ms],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Lifts a hold and writes the deed down; false when there is none of this number, or it is lifted already.
    pub async fn lift_hold(&self, id: &str, why: Option<&str>, deed: &Deed) -> Result<bool, CatalogError> {
        let mut tx = self.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        let sql = "UPDATE holds SET lifted_by = $2, lifted_at = $3, lifted_why = $4
             WHERE id = $1 AND lifted_at IS NULL";
        if tx.execute(sql, args![id, &deed.actor, deed.at_ms, why]).await? == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// One hold, lifted or not.
    pub async fn hold(&self, id: &str) -> Result<Option<Hold>, CatalogError> {
        self.db().row(holds!("WHERE h.id = $1"), args![id]).await
    }

    /// All holds, those that hold first, of these the newest first; the lifted ones only when asked for.
    pub async fn holds(&self, also_lifted: bool) -> Result<Vec<Hold>, CatalogError> {
        let sql = holds!(
            "WHERE h.lifted_at IS NULL OR $1 = 1
             ORDER BY CASE WHEN h.lifted_at IS NULL THEN 0 ELSE 1 END, h.placed_at DESC, h.id DESC"
        );
        self.db().rows(sql, args![i64::from(also_lifted)]).await
    }

    /// What keeps anything of this person's: holds on them, and on recordings of theirs.
    pub async fn holds_over(&self, person: &OpenId) -> Result<Vec<Hold>, CatalogError> {
        let sql = holds!(
            "WHERE h.lifted_at IS NULL AND (h.open_id = $1 OR r.owner_id = $1) ORDER BY h.placed_at, h.id"
        );
        self.db().rows(sql, args![person]).await
    }

    /// Whether anything holds this recording.
    pub async fn is_held(&self, token: &MinuteToken) -> Result<bool, CatalogError> {
        let sql =
            concat!("SELECT CAST(1 AS BIGINT) FROM recordings r WHERE r.minute_token = $1 AND ", held!());
        Ok(self.db().row::<(i64,)>(sql, args![token]).await?.is_some())
    }
}
