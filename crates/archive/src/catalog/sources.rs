//! Whether the platform still has what is archived, as far as it was asked.

use super::{Catalog, CatalogError, args};
use crate::model::MinuteToken;

/// What the platform said of a recording that is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceLook {
    /// It has it.
    There,
    /// It has been deleted there.
    Gone,
    /// It did not say.
    Unknown,
}

/// What is known of a recording's source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Source {
    /// When the platform was last asked, or nobody could be found who may ask it, unix ms.
    pub asked_at: i64,
    /// When it last said that it has it, unix ms.
    pub there_at: Option<i64>,
    /// When it first said that it was deleted, unix ms; none again when it came back.
    pub gone_at: Option<i64>,
}

impl Catalog {
    /// What is known of a recording's source; none as long as nobody has asked since it was archived.
    pub async fn source(&self, token: &MinuteToken) -> Result<Option<Source>, CatalogError> {
        let sql = "SELECT asked_at, there_at, gone_at FROM sources WHERE minute_token = $1";
        self.db.row(sql, args![token]).await
    }

    /// Archived recordings of which the platform has not been asked since then (unix ms), the longest unasked first.
    pub(crate) async fn sources_not_asked_since(
        &self,
        since_ms: i64,
        limit: i64,
    ) -> Result<Vec<MinuteToken>, CatalogError> {
        let rows: Vec<(String,)> = self
            .db
            .rows(
                "SELECT r.minute_token FROM recordings r LEFT JOIN sources s ON s.minute_token = r.minute_token
                 WHERE r.state = 'archived' AND COALESCE(s.asked_at, r.archived_at, 0) < $1
                 ORDER BY COALESCE(s.asked_at, r.archived_at, 0), r.minute_token LIMIT $2",
                args![since_ms, limit],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|(token,)| MinuteToken::parse(&token).ok()).collect())
    }

    /// Notes what the platform said.
    pub(crate) async fn note_source(
        &self,
        token: &MinuteToken,
        look: SourceLook,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let there_at = (look == SourceLook::There).then_some(now_ms);
        let gone_at = (look == SourceLook::Gone).then_some(now_ms);
        self.db
            .execute(
                "INSERT INTO sources (minute_token, asked_at, there_at, gone_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (minute_token) DO UPDATE SET asked_at = excluded.asked_at,
                    there_at = COALESCE(excluded.there_at, sources.there_at),
                    gone_at = CASE WHEN excluded.there_at IS NOT NULL THEN NULL
                        ELSE COALESCE(sources.gone_at, excluded.gone_at) END",
                args![token, now_ms, there_at, gone_at],
            )
            .await?;
        Ok(())
    }
}
