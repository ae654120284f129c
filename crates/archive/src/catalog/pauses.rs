//! What somebody has paused: one recording, or all fetching. It lasts until somebody resumes it.

use std::collections::BTreeMap;

use super::{Catalog, CatalogError, args};
use crate::audit::{self, Deed};
use crate::model::MinuteToken;

/// All fetching, as the table names it.
const EVERYTHING: &str = "";
const PAUSE: &str = "INSERT INTO pauses (subject, since) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING";
const RESUME: &str = "DELETE FROM pauses WHERE subject = $1";

/// What is paused, and since when (unix ms).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pauses {
    /// All fetching.
    pub everything_since: Option<i64>,
    /// Recordings one by one, by token.
    pub recordings: BTreeMap<String, i64>,
}

impl Pauses {
    /// Whether this recording is to be left alone.
    #[must_use]
    pub fn hold(&self, token: &MinuteToken) -> bool {
        self.everything_since.is_some() || self.recordings.contains_key(token.as_str())
    }
}

impl Catalog {
    /// Pauses a recording, or all fetching, as a part of a deed that is written down by itself; false when it was paused
    /// already.
    pub async fn pause(&self, what: Option<&MinuteToken>, now_ms: i64) -> Result<bool, CatalogError> {
        let subject = what.map_or(EVERYTHING, MinuteToken::as_str);
        Ok(self.db.execute(PAUSE, args![subject, now_ms]).await? > 0)
    }

    /// Ends a pause; false when there was none.
    pub async fn resume(&self, what: Option<&MinuteToken>) -> Result<bool, CatalogError> {
        let subject = what.map_or(EVERYTHING, MinuteToken::as_str);
        Ok(self.db.execute(RESUME, args![subject]).await? > 0)
    }

    /// Pauses or resumes a recording, or all fetching, and writes the deed down; false when it stood so already.
    pub async fn set_paused(
        &self,
        what: Option<&MinuteToken>,
        is_paused: bool,
        deed: &Deed,
    ) -> Result<bool, CatalogError> {
        let subject = what.map_or(EVERYTHING, MinuteToken::as_str);
        let mut tx = self.db.begin().await?;
        audit::record_in(&mut tx, deed).await?;
        let changed = if is_paused {
            tx.execute(PAUSE, args![subject, deed.at_ms]).await?
        } else {
            tx.execute(RESUME, args![subject]).await?
        };
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// What is paused now.
    pub async fn pauses(&self) -> Result<Pauses, CatalogError> {
        let rows: Vec<(String, i64)> = self.db.rows("SELECT subject, since FROM pauses", args![]).await?;
        let mut recordings: BTreeMap<_, _> = rows.into_iter().collect();
        Ok(Pauses { everything_since: recordings.remove(EVERYTHING), recordings })
    }
}
