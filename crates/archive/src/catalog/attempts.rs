//! What was tried for a recording, and what came of it, so that "why is it not here?" has an answer.

use super::{Catalog, CatalogError, Tx, args};
use crate::model::{ArtifactKind, ArtifactState, MinuteToken, Reason};

/// Rows that are kept of one recording.
const KEPT: i64 = 50;
/// Members that are named in one row.
const NAMED: usize = 5;

/// One try to fetch an artifact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) artifact: ArtifactKind,
    pub(crate) outcome: ArtifactState,
    pub(crate) reason: Option<Reason>,
    pub(crate) detail: Option<&'a str>,
    /// Whose grants were used.
    pub(crate) via: Option<&'a str>,
}

/// Tries that ended alike, one after the other.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct AttemptRow {
    /// What was asked for.
    #[sqlx(try_from = "String")]
    pub artifact: ArtifactKind,
    /// How far that brought it.
    #[sqlx(try_from = "String")]
    pub outcome: ArtifactState,
    /// Why not further.
    pub reason: Option<String>,
    /// The platform's words, the last time.
    pub detail: Option<String>,
    /// With whose grants, separated by spaces; none when nobody could be asked.
    pub via: Option<String>,
    /// The first of these tries, unix ms.
    pub first_at: i64,
    /// The last of these tries, unix ms.
    pub last_at: i64,
    /// How many there were.
    pub times: i64,
}

impl Catalog {
    /// What was tried for a recording, oldest first; the latest rows only.
    pub async fn attempts(&self, token: &MinuteToken) -> Result<Vec<AttemptRow>, CatalogError> {
        self.db
            .rows(
                "SELECT artifact, outcome, reason, detail, via, first_at, last_at, times FROM attempts
                 WHERE minute_token = $1 ORDER BY number",
                args![token],
            )
            .await
    }
}

/// The members of a row, as it holds them.
pub(super) fn named(members: &[crate::model::OpenId]) -> Option<String> {
    let names: Vec<&str> = members.iter().take(NAMED).map(AsRef::as_ref).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Notes a try; one that ended like the last of its artifact counts as one more of that.
pub(super) async fn note_attempt(
    tx: &mut Tx,
    token: &MinuteToken,
    attempt: Attempt<'_>,
    now_ms: i64,
) -> Result<(), CatalogError> {
    let (artifact, outcome) = (attempt.artifact.as_str(), attempt.outcome.as_str());
    let reason = attempt.reason.map(Reason::as_str);
    let again = tx
        .execute(
            "UPDATE attempts SET times = times + 1, last_at = $5, detail = $6, via = $7
             WHERE minute_token = $1 AND outcome = $3 AND COALESCE(reason, '') = COALESCE($4, '')
                AND number = (SELECT MAX(number) FROM attempts WHERE minute_token = $1 AND artifact = $2)",
            args![token, artifact, outcome, reason, now_ms, attempt.detail, attempt.via],
        )
        .await?;
    if again > 0 {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO attempts (minute_token, number, artifact, outcome, reason, detail, via, first_at, last_at)
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $6, $7, $5, $5 FROM attempts WHERE minute_token = $1",
        args![token, artifact, outcome, reason, now_ms, attempt.detail, attempt.via],
    )
    .await?;
    tx.execute(
        "DELETE FROM attempts WHERE minute_token = $1
            AND number <= (SELECT MAX(number) FROM attempts WHERE minute_token = $1) - $2",
        args![token, KEPT],
    )
    .await?;
    Ok(())
}
