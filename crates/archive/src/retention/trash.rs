//! The trash: what goes in, what comes back, and what lies there. A recording in it is shown to nobody but those who look
//! after the trash, and fetched by nothing.

use super::files::Mover;
use super::holds::held;
use super::rules::{Rule, takes};
use crate::audit::{self, Deed};
use crate::catalog::{Catalog, CatalogError, Tx, args, mark_unindexed};
use crate::fetch::Transfers;
use crate::model::{MinuteToken, OpenId, RecordingState};
use crate::store::{Store, StoreError};

/// So long everything lies there before it goes for good, in ms.
pub const TRASH_MS: i64 = 30 * 86_400_000;

/// What it takes to put recordings in the trash and to put them back. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Trash {
    pub(super) catalog: Catalog,
    pub(super) mover: Mover,
}

/// Why something was not put in the trash, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum TrashError {
    /// There is no such recording, or it is not where it would have to be.
    #[error("there is no such recording, or it has been moved already")]
    Unknown,
    /// A legal hold is on it.
    #[error("a legal hold is on it")]
    Held,
    /// It is being fetched, or its files are under way; nothing was changed.
    #[error("it is being fetched or moved right now; nothing was changed")]
    Busy,
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive's disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One recording in the trash.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct InTrash {
    /// The recording.
    #[sqlx(try_from = "String")]
    pub minute_token: MinuteToken,
    /// Its title, when known.
    pub title: Option<String>,
    /// Its owner, when known.
    pub owner_id: Option<String>,
    /// Since when, unix ms.
    pub trashed_at: i64,
    /// Who put it there; where a rule did, whoever switched that on.
    pub trashed_by: String,
    /// The rule that did.
    pub rule_id: Option<String>,
    /// Bytes of its files.
    pub bytes: i64,
    /// Whether a hold keeps it there (1, 0).
    pub is_held: i64,
    /// Whether its files are under way, in or out (1, 0).
    pub is_moving: i64,
}

/// How much lies in the trash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct TrashSize {
    /// Recordings.
    pub count: i64,
    /// Bytes of their files.
    pub bytes: i64,
}

macro_rules! bytes {
    () => {
        "(SELECT COALESCE(SUM(a.bytes), 0) FROM artifacts a WHERE a.minute_token = t.minute_token
            AND a.file_name IS NOT NULL)"
    };
}

const LIST: &str = concat!(
    "SELECT t.minute_token, r.title, r.owner_id, t.trashed_at, t.trashed_by, t.rule_id, CAST(",
    bytes!(),
    " AS BIGINT) AS bytes, CAST(CASE WHEN ",
    held!(),
    " THEN 1 ELSE 0 END AS BIGINT) AS is_held,
        CAST(CASE WHEN t.phase = 'here' THEN 0 ELSE 1 END AS BIGINT) AS is_moving
     FROM trash t JOIN recordings r ON r.minute_token = t.minute_token
     WHERE t.phase <> 'returned' AND (t.trashed_at, t.minute_token) < ($2, $3)
     ORDER BY t.trashed_at DESC, t.minute_token DESC LIMIT $1"
);

const SIZE: &str = concat!(
    "SELECT COUNT(*) AS count, CAST(COALESCE(SUM(",
    bytes!(),
    "), 0) AS BIGINT) AS bytes FROM trash t WHERE t.phase <> 'returned'"
);

impl Catalog {
    /// What lies in the trash, what came last first: at most so many, behind a row of it or from the first one on.
    pub async fn trash(&self, behind: Option<(i64, &str)>, limit: i64) -> Result<Vec<InTrash>, CatalogError> {
        let (trashed_at, token) = behind.unwrap_or((i64::MAX, ""));
        self.db().rows(LIST, args![limit, trashed_at, token]).await
    }

    /// Whether this person put what they own in the trash themselves, and it is there or on its way there.
    pub async fn is_in_own_trash(&self, token: &MinuteToken, owner: &OpenId) -> Result<bool, CatalogError> {
        let sql = "SELECT CAST(1 AS BIGINT) FROM trash t JOIN recordings r ON r.minute_token = t.minute_token
             WHERE t.minute_token = $1 AND t.trashed_by = $2 AND t.rule_id IS NULL AND r.owner_id = $2
                AND t.phase IN ('going', 'here')";
        Ok(self.db().row::<(i64,)>(sql, args![token, owner]).await?.is_some())
    }

    /// What rules have put there and can be put back: each rule's number, and how many recordings.
    pub async fn trashed_by_rules(&self) -> Result<Vec<(String, i64)>, CatalogError> {
        let sql = "SELECT rule_id, COUNT(*) FROM trash WHERE rule_id IS NOT NULL AND phase = 'here'
             GROUP BY rule_id ORDER BY rule_id";
        self.db().rows(sql, args![]).await
    }

    /// How much that is.
    pub async fn trash_size(&self) -> Result<TrashSize, CatalogError> {
        Ok(self.db().row(SIZE, args![]).await?.unwrap_or_default())
    }
}

impl Trash {
    /// In this catalogue and store; `transfers` are those of the process, whose writers of sums it takes turns with.
    #[must_use]
    pub fn new(catalog: Catalog, store: Store, transfers: &Transfers) -> Self {
        let mover = Mover { catalog: catalog.clone(), store, sums: transfers.sums.clone() };
        Self { catalog, mover }
    }

    /// Puts a recording in the trash and writes the deed down. When the disk has trouble its files follow later.
    pub async fn put(&self, token: &MinuteToken, deed: &Deed) -> Result<(), TrashError> {
        self.note_put(token, None, deed).await?;
        self.mover.follow_soon(Some(token)).await;
        Ok(())
    }

    /// Takes a recording out of the trash and writes the deed down. When the disk has trouble its files follow later.
    pub async fn restore(&self, token: &MinuteToken, deed: &Deed) -> Result<(), TrashError> {
        let mut tx = self.catalog.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        let sql = "UPDATE trash SET phase = 'returning' WHERE minute_token = $1 AND phase = 'here'";
        if tx.execute(sql, args![token]).await? == 0 {
            let sql = "SELECT phase FROM trash WHERE minute_token = $1";
            let is_moving = tx.row::<(String,)>(sql, args![token]).await?.is_some();
            return Err(if is_moving { TrashError::Busy } else { TrashError::Unknown });
        }
        // Whoever takes back what a rule took does not want to do so every hour.
        tx.execute(
            "INSERT INTO put_back (minute_token, put_by, put_at)
             SELECT minute_token, $2, $3 FROM trash WHERE minute_token = $1 AND rule_id IS NOT NULL
             ON CONFLICT (minute_token) DO NOTHING",
            args![token, &deed.actor, deed.at_ms],
        )
        .await?;
        tx.commit().await?;
        self.mover.follow_soon(Some(token)).await;
        Ok(())
    }

    /// Takes out of the trash all that a rule has put there, and writes the deed down; how many recordings. Their files
    /// follow within a minute where the service runs: they may be many.
    pub async fn restore_all_of(&self, rule: &str, deed: &Deed) -> Result<u64, TrashError> {
        let mut tx = self.catalog.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        tx.execute(
            "INSERT INTO put_back (minute_token, put_by, put_at)
             SELECT minute_token, $2, $3 FROM trash WHERE rule_id = $1 AND phase = 'here'
             ON CONFLICT (minute_token) DO NOTHING",
            args![rule, &deed.actor, deed.at_ms],
        )
        .await?;
        let sql = "UPDATE trash SET phase = 'returning' WHERE rule_id = $1 AND phase = 'here'";
        let count = tx.execute(sql, args![rule]).await?;
        if count == 0 {
            return Err(TrashError::Unknown);
        }
        tx.commit().await?;
        Ok(count)
    }

    /// What the catalogue has to say before any file moves. With a rule, only if that is on and takes it at `rule.1`.
    pub(super) async fn note_put(
        &self,
        token: &MinuteToken,
        rule: Option<(&Rule, i64)>,
        deed: &Deed,
    ) -> Result<(), TrashError> {
        let mut tx = self.catalog.db().begin().await?;
        // First: whoever places a hold now comes before us or after us.
        audit::record_in(&mut tx, deed).await?;
        demand_idle(&mut tx, token, deed.at_ms).await?;
        let sql = concat!(
            "SELECT r.state, CAST(CASE WHEN ",
            held!(),
            " THEN 1 ELSE 0 END AS BIGINT) FROM recordings r WHERE r.minute_token = $1"
        );
        let stands: Option<(String, i64)> = tx.row(sql, args![token]).await?;
        let Some((state, is_held)) = stands else { return Err(TrashError::Unknown) };
        if state.parse().is_ok_and(RecordingState::is_removed) {
            return Err(TrashError::Unknown);
        }
        if is_held == 1 {
            return Err(TrashError::Held);
        }
        if let Some((rule, now_ms)) = rule
            && !takes(&mut tx, rule, token, now_ms).await?
        {
            return Err(TrashError::Unknown);
        }
        let rule = rule.map(|(rule, _)| rule.id.as_str());
        let noted = tx
            .execute(
                "INSERT INTO trash (minute_token, phase, trashed_at, trashed_by, rule_id, state, reason, reason_detail,
                    state_at)
                 SELECT minute_token, 'going', $2, $3, $4, state, reason, reason_detail, state_at
                 FROM recordings WHERE minute_token = $1
                 ON CONFLICT (minute_token) DO NOTHING",
                args![token, deed.at_ms, &deed.actor, rule],
            )
            .await?;
        if noted == 0 {
            // Put back so lately that its sums are still to be written.
            return Err(TrashError::Busy);
        }
        for sql in [
            "INSERT INTO trash_parts (minute_token, kind, state, reason, reason_detail, attempts, due_at)
             SELECT minute_token, kind, state, reason, reason_detail, attempts, due_at FROM artifacts
             WHERE minute_token = $1",
            "UPDATE artifacts SET state = 'absent', reason = 'trashed', reason_detail = NULL, due_at = 0
             WHERE minute_token = $1",
        ] {
            tx.execute(sql, args![token]).await?;
        }
        tx.execute(
            "UPDATE recordings SET state = 'trashed', reason = 'trashed', reason_detail = NULL, state_at = $2
             WHERE minute_token = $1",
            args![token, deed.at_ms],
        )
        .await?;
        // Whoever has just read it for the index has to look again.
        mark_unindexed(&mut tx, token).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Nobody is at work on it, and nobody will be: what is called for later finds that it is not to be fetched.
async fn demand_idle(tx: &mut Tx, token: &MinuteToken, now_ms: i64) -> Result<(), TrashError> {
    tx.execute(
        "DELETE FROM tasks WHERE kind = 'archive' AND subject = $1 AND (lease_until IS NULL OR lease_until < $2)",
        args![token, now_ms],
    )
    .await?;
    let sql = "SELECT subject FROM tasks WHERE kind = 'archive' AND subject = $1";
    match tx.row::<(String,)>(sql, args![token]).await? {
        None => Ok(()),
        Some(_) => Err(TrashError::Busy),
    }
}
