//! The table of notices: made once per matter and receiver, each with the task that brings it.

use serde::{Deserialize, Serialize};

use super::{Facts, Matter, Notice};
use crate::catalog::{Catalog, CatalogError, Tx, args};
use crate::model::{OpenId, Reason, text_enum};
use crate::queue::{Call, TaskKind, enqueue};

/// The receiver that is an address of the operator's and no person.
pub(super) const WEBHOOK: &str = "webhook";
/// Why the app's bot can send nothing, as JSON; absent while it can.
const BOT_TROUBLE: &str = "bot_trouble";

text_enum! {
    /// What a receiver has seen of a matter.
    pub enum Seen {
        /// Nothing yet.
        Nothing = "none",
        /// That it is open.
        Open = "open",
        /// That it is over.
        Over = "over",
    }
}

macro_rules! notice_columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, receiver, matter, about, member, facts, card, message_id, made_at, sent_at, over_at, reason, ",
            "reason_detail FROM notices ",
            $rest
        )
    };
}

/// One message as the catalogue knows it.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct NoticeRow {
    /// Its id, and what the platform knows a message twice by.
    pub id: String,
    /// An open_id, or `webhook`.
    pub receiver: String,
    /// What it is about.
    #[sqlx(try_from = "String")]
    pub matter: Matter,
    /// Which of that kind.
    pub about: String,
    /// Whose matter it is.
    pub member: Option<String>,
    /// What the words need to know, JSON.
    pub facts: String,
    /// What the receiver has seen of it.
    #[sqlx(try_from = "String")]
    pub card: Seen,
    /// By which the platform knows the card.
    pub message_id: Option<String>,
    /// Unix ms.
    pub made_at: i64,
    /// Unix ms.
    pub sent_at: Option<i64>,
    /// Unix ms.
    pub over_at: Option<i64>,
    /// Why it could not be sent.
    pub reason: Option<String>,
    /// Platform code, message, log id.
    pub reason_detail: Option<String>,
}

impl NoticeRow {
    pub(super) fn facts(&self) -> Facts {
        serde_json::from_str(&self.facts).unwrap_or_default()
    }

    pub(super) fn is_told(&self) -> bool {
        self.card != Seen::Nothing
    }

    /// What the receiver should see.
    pub(super) fn wanted(&self) -> Seen {
        if self.over_at.is_some() { Seen::Over } else { Seen::Open }
    }

    pub(super) fn notice(&self) -> Notice {
        Notice { matter: self.matter, is_over: self.over_at.is_some(), facts: self.facts() }
    }
}

/// Messages that stand alike, for tables.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct NoticeCount {
    /// What they are about.
    pub matter: String,
    /// What their receivers have seen.
    pub card: String,
    /// Why they could not be sent.
    pub reason: Option<String>,
    /// How many.
    pub count: i64,
}

/// Why the app's bot can send nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotTrouble {
    /// Platform code, message, log id.
    pub detail: String,
    /// When it was last tried, unix ms.
    pub at: i64,
}

/// Something to tell somebody.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) receiver: &'a str,
    pub(super) matter: Matter,
    pub(super) about: &'a str,
    pub(super) member: Option<&'a OpenId>,
    pub(super) facts: &'a Facts,
}

/// Opens a matter and calls for its delivery, unless it is open already.
pub(super) async fn open(tx: &mut Tx, telling: &Telling<'_>, now_ms: i64) -> Result<bool, CatalogError> {
    let id = uuid::Uuid::now_v7().to_string();
    let facts = serde_json::to_string(telling.facts).unwrap_or_default();
    let is_new = tx
        .execute(
            "INSERT INTO notices (id, receiver, matter, about, member, facts, made_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            args![
                id.as_str(),
                telling.receiver,
                telling.matter.as_str(),
                telling.about,
                telling.member.map(OpenId::as_str),
                facts,
                now_ms
            ],
        )
        .await?
        > 0;
    if is_new {
        enqueue(tx, &Call::new(TaskKind::Notice, &id, telling.matter.priority(), now_ms), now_ms).await?;
    }
    Ok(is_new)
}

impl Catalog {
    /// Opens a matter outside any transaction; false when it is open already.
    pub(super) async fn open_notice(&self, telling: &Telling<'_>, now_ms: i64) -> Result<bool, CatalogError> {
        // Looked for through the reader: the writer is not bothered again and again with what is known.
        let known: Option<(i64,)> = self
            .db()
            .row(
                "SELECT CAST(1 AS BIGINT) FROM notices WHERE receiver = $1 AND matter = $2 AND about = $3
                    AND over_at IS NULL",
                args![telling.receiver, telling.matter.as_str(), telling.about],
            )
            .await?;
        if known.is_some() {
            return Ok(false);
        }
        let mut tx = self.db().begin().await?;
        let is_new = open(&mut tx, telling, now_ms).await?;
        tx.commit().await?;
        Ok(is_new)
    }

    /// A matter is over; whoever was told of it sees that, too.
    pub(super) async fn end_notice(
        &self,
        row: &NoticeRow,
        facts: &Facts,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let facts = serde_json::to_string(facts).unwrap_or_default();
        let mut tx = self.db().begin().await?;
        tx.execute(
            "UPDATE notices SET over_at = $2, facts = $3 WHERE id = $1 AND over_at IS NULL",
            args![row.id.as_str(), now_ms, facts],
        )
        .await?;
        enqueue(&mut tx, &Call::new(TaskKind::Notice, &row.id, row.matter.priority(), now_ms), now_ms)
            .await?;
        tx.commit().await
    }

    /// One message.
    pub(super) async fn notice(&self, id: &str) -> Result<Option<NoticeRow>, CatalogError> {
        self.db().row(notice_columns!("WHERE id = $1"), args![id]).await
    }

    /// All that is open, the oldest first.
    pub(super) async fn open_notices(&self) -> Result<Vec<NoticeRow>, CatalogError> {
        self.db().rows(notice_columns!("WHERE over_at IS NULL ORDER BY made_at, id"), args![]).await
    }

    /// All that was ever told or is to be told, the newest first.
    pub async fn notices(&self, limit: i64) -> Result<Vec<NoticeRow>, CatalogError> {
        self.db().rows(notice_columns!("ORDER BY made_at DESC, id DESC LIMIT $1"), args![limit]).await
    }

    /// How many open messages stand how.
    pub async fn notice_counts(&self) -> Result<Vec<NoticeCount>, CatalogError> {
        self.db()
            .rows(
                "SELECT matter, card, reason, COUNT(*) AS count FROM notices WHERE over_at IS NULL
                 GROUP BY matter, card, reason ORDER BY matter, card, reason",
                args![],
            )
            .await
    }

    /// When this person was last asked to do something, unix ms.
    pub(super) async fn last_asked_at(&self, receiver: &str) -> Result<Option<i64>, CatalogError> {
        let row: Option<(Option<i64>,)> = self
            .db()
            .row(
                "SELECT MAX(sent_at) FROM notices WHERE receiver = $1 AND matter IN ('invitation', 'ending', 'ended')",
                args![receiver],
            )
            .await?;
        Ok(row.and_then(|(at,)| at))
    }

    /// A receiver has seen how it stands.
    pub(super) async fn notice_seen(
        &self,
        id: &str,
        seen: Seen,
        message_id: Option<&str>,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        self.db()
            .execute(
                "UPDATE notices SET card = $2, message_id = COALESCE($3, message_id), sent_at = COALESCE(sent_at, $4),
                    reason = NULL, reason_detail = NULL
                 WHERE id = $1",
                args![id, seen.as_str(), message_id, now_ms],
            )
            .await?;
        Ok(())
    }

    /// A message could not be sent, and why.
    pub(super) async fn notice_unsent(
        &self,
        id: &str,
        reason: Reason,
        detail: &str,
    ) -> Result<(), CatalogError> {
        let sql = "UPDATE notices SET reason = $2, reason_detail = $3 WHERE id = $1";
        self.db().execute(sql, args![id, reason.as_str(), detail]).await?;
        Ok(())
    }

    /// Why the app's bot can send nothing; none while it can, as far as known.
    pub async fn bot_trouble(&self) -> Result<Option<BotTrouble>, CatalogError> {
        let known = self.meta(BOT_TROUBLE).await?;
        Ok(known.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub(super) async fn set_bot_trouble(&self, trouble: Option<&BotTrouble>) -> Result<(), CatalogError> {
        let text = trouble.and_then(|trouble| serde_json::to_string(trouble).ok()).unwrap_or_default();
        self.set_meta(BOT_TROUBLE, &text).await
    }
}
