//! The end of the trash: what has lain there for its time goes for good. What goes is written down first, in the
//! transaction that forgets it.

use crate::audit::{self, Deed, Verb};
use crate::catalog::{Catalog, CatalogError, args, mark_unindexed};
use crate::members::remove_purged_files;
use crate::model::{MinuteToken, OpenId};

use super::holds::held;
use super::trash::{TRASH_MS, Trash, TrashError};

/// Recordings that go before anybody else has a turn.
const AT_ONCE: i64 = 100;

const DUE: &str = concat!(
    "SELECT t.minute_token FROM trash t JOIN recordings r ON r.minute_token = t.minute_token
     WHERE t.phase = 'here' AND r.state = 'trashed' AND t.trashed_at <= $1 AND NOT ",
    held!(),
    " ORDER BY t.trashed_at, t.minute_token LIMIT $2"
);

const STANDS: &str = concat!(
    "SELECT COALESCE(r.owner_id, '') AS owner, COALESCE(m.name, '') AS name, t.trashed_by, t.rule_id
     FROM trash t JOIN recordings r ON r.minute_token = t.minute_token
     LEFT JOIN members m ON m.open_id = r.owner_id
     WHERE t.minute_token = $1 AND t.phase = 'here' AND r.state = 'trashed' AND t.trashed_at <= $2 AND NOT ",
    held!()
);

/// `$1`: the recording.
const FORGET: [&str; 6] = [
    "UPDATE artifacts SET state = 'absent', reason = 'purged', reason_detail = NULL, attempts = 0, due_at = 0
     WHERE minute_token = $1",
    "UPDATE recordings SET state = 'purged', reason = 'purged', reason_detail = NULL, title = NULL, url = NULL,
        metadata = NULL WHERE minute_token = $1",
    // Of those that had no file nobody comes to remove one, and then their place.
    "UPDATE recordings SET dir = NULL, stem = NULL WHERE minute_token = $1
        AND NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.minute_token = $1 AND a.file_name IS NOT NULL)",
    "DELETE FROM tasks WHERE kind = 'archive' AND subject = $1",
    "DELETE FROM attempts WHERE minute_token = $1",
    "DELETE FROM trash WHERE minute_token = $1",
];

#[derive(sqlx::FromRow)]
struct Stands {
    owner: String,
    name: String,
    trashed_by: String,
    rule_id: Option<String>,
}

impl Trash {
    /// Removes what has lain there for its time, by this time; how many recordings.
    pub(super) async fn empty(&self, time_ms: i64, now_ms: i64) -> Result<u64, TrashError> {
        let before_ms = time_ms - TRASH_MS;
        let mut emptied = 0;
        loop {
            let due: Vec<(String,)> = self.catalog.db().rows(DUE, args![before_ms, AT_ONCE]).await?;
            if due.is_empty() {
                return Ok(emptied);
            }
            // Nothing is forgotten of a disk that is not there.
            self.mover.store.prove_writable().await?;
            let mut forgotten = 0;
            for token in due.iter().filter_map(|(token,)| MinuteToken::parse(token).ok()) {
                forgotten += u64::from(self.catalog.forget_trashed(&token, before_ms, now_ms).await?);
            }
            remove_purged_files::<TrashError>(&self.catalog, &self.mover.store).await?;
            emptied += forgotten;
            if forgotten == 0 {
                return Ok(emptied);
            }
        }
    }
}

impl Catalog {
    /// False when something has come in between: a hold, or somebody who wants it back.
    async fn forget_trashed(
        &self,
        token: &MinuteToken,
        before_ms: i64,
        now_ms: i64,
    ) -> Result<bool, CatalogError> {
        let sql = "SELECT trashed_by FROM trash WHERE minute_token = $1";
        let trashed_by: Option<(String,)> = self.db().row(sql, args![token]).await?;
        let Some(actor) = trashed_by.and_then(|(by,)| OpenId::parse(&by).ok()) else { return Ok(false) };
        let deed = Deed {
            actor,
            verb: Verb::Deleted,
            subject: token.to_string(),
            detail: Some("removed for good from the trash".to_owned()),
            from: super::keep::FROM.to_owned(),
            at_ms: now_ms,
        };
        let mut tx = self.db().begin().await?;
        audit::record_in(&mut tx, &deed).await?;
        let Some(stands) = tx.row::<Stands>(STANDS, args![token, before_ms]).await? else {
            return Ok(false);
        };
        let removal = uuid::Uuid::now_v7().to_string();
        let by = match stands.rule_id {
            Some(rule) => format!("{} (rule {rule})", stands.trashed_by),
            None => stands.trashed_by,
        };
        tx.execute(
            "INSERT INTO removals (id, open_id, name, removed_by, removed_at) VALUES ($1, $2, $3, $4, $5)",
            args![removal.as_str(), stands.owner, stands.name, by, now_ms],
        )
        .await?;
        tx.execute(
            "INSERT INTO removed_files (removal_id, minute_token, kind, path, bytes, sha256)
             SELECT $2, a.minute_token, a.kind, r.dir || '/' || a.file_name, a.bytes, a.sha256
             FROM artifacts a JOIN recordings r ON r.minute_token = a.minute_token
             WHERE a.minute_token = $1 AND a.file_name IS NOT NULL AND r.dir IS NOT NULL",
            args![token, removal.as_str()],
        )
        .await?;
        for sql in FORGET {
            tx.execute(sql, args![token]).await?;
        }
        mark_unindexed(&mut tx, token).await?;
        tx.commit().await?;
        Ok(true)
    }
}
