//! Recordings and their artifacts.

use super::attempts::{Attempt, named, note_attempt};
use super::unindexed::mark_unindexed;
use super::{Catalog, CatalogError, args};
use crate::model::{
    Artifact, ArtifactKind, ArtifactState, MinuteToken, OpenId, Reason, Recording, RecordingState,
};

macro_rules! recording_columns {
    ($rest:literal) => {
        concat!(
            "SELECT minute_token, state, reason, reason_detail, owner_id, title, created_ms, duration_ms, meeting_id, ",
            "url, metadata, dir, stem, found_at, archived_at FROM recordings ",
            $rest
        )
    };
}
pub(super) use recording_columns;

macro_rules! artifact_columns {
    ($rest:literal) => {
        concat!(
            "SELECT minute_token, kind, state, reason, reason_detail, file_name, bytes, sha256, content_type, via, ",
            "play_ms, attempts, due_at, done_at, verified_at FROM artifacts ",
            $rest
        )
    };
}

/// What the platform's metadata told.
#[derive(Debug, Clone, Default)]
pub struct MetadataFacts {
    /// The owner's open_id.
    pub owner_id: Option<String>,
    /// Title as it is now.
    pub title: Option<String>,
    /// Creation, unix ms.
    pub created_ms: Option<i64>,
    /// Length in ms.
    pub duration_ms: Option<i64>,
    /// The minute's page.
    pub url: Option<String>,
    /// The answer as it came, JSON.
    pub raw: String,
}

/// A new state for a recording.
#[derive(Debug, Clone, Copy)]
pub struct RecordingUpdate<'a> {
    /// Where it stands.
    pub state: RecordingState,
    /// Why.
    pub reason: Option<Reason>,
    /// Platform code, message, log id.
    pub detail: Option<&'a str>,
}

/// A file that is on disk: synced and renamed.
#[derive(Debug, Clone)]
pub struct FinishedFile {
    /// Name inside the recording's folder.
    pub file_name: String,
    /// Size.
    pub bytes: i64,
    /// Lowercase hex SHA-256.
    pub sha256: String,
    /// What the platform called it.
    pub content_type: Option<String>,
    /// Whose grant fetched it; none for what we wrote ourselves.
    pub via: Option<String>,
    /// How long it plays, by its own index.
    pub play_ms: Option<i64>,
}

impl FinishedFile {
    /// One of which only this is known.
    #[must_use]
    pub fn new(file_name: String, bytes: u64, sha256: String) -> Self {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        Self { file_name, bytes, sha256, content_type: None, via: None, play_ms: None }
    }
}

/// A new state for an artifact that is not done.
#[derive(Debug, Clone)]
pub struct ArtifactUpdate {
    /// Where it stands.
    pub state: ArtifactState,
    /// Why.
    pub reason: Option<Reason>,
    /// Platform code, message, log id.
    pub detail: Option<String>,
    /// Attempts after this one.
    pub attempts: i64,
    /// When to ask again, unix ms.
    pub due_at: i64,
}

/// One file that the archive holds.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct FileFact {
    /// The recording.
    pub minute_token: String,
    /// Which part of it.
    #[sqlx(try_from = "String")]
    pub kind: ArtifactKind,
    /// Folder below the archive root.
    pub dir: String,
    /// Name in that folder.
    pub file_name: String,
    /// Size.
    pub bytes: i64,
    /// Lowercase hex SHA-256.
    pub sha256: String,
}

impl Catalog {
    /// One recording.
    pub async fn recording(&self, token: &MinuteToken) -> Result<Option<Recording>, CatalogError> {
        self.db.row(recording_columns!("WHERE minute_token = $1"), args![token]).await
    }

    /// Its artifacts, in the order in which they are fetched.
    pub async fn artifacts(&self, token: &MinuteToken) -> Result<Vec<Artifact>, CatalogError> {
        let mut artifacts: Vec<Artifact> =
            self.db.rows(artifact_columns!("WHERE minute_token = $1"), args![token]).await?;
        artifacts.sort_by_key(|artifact| artifact.kind);
        Ok(artifacts)
    }

    /// Notes the platform's metadata.
    pub async fn set_metadata(&self, token: &MinuteToken, facts: &MetadataFacts) -> Result<(), CatalogError> {
        let mut tx = self.db.begin().await?;
        let known = tx
            .execute(
                "UPDATE recordings SET owner_id = COALESCE($2, owner_id), title = COALESCE($3, title),
                    created_ms = COALESCE($4, created_ms), duration_ms = COALESCE($5, duration_ms),
                    url = COALESCE($6, url), metadata = $7
                 WHERE minute_token = $1 AND state NOT IN ('trashed', 'purged')",
                args![
                    token,
                    facts.owner_id.as_deref(),
                    facts.title.as_deref(),
                    facts.created_ms,
                    facts.duration_ms,
                    facts.url.as_deref(),
                    facts.raw.as_str()
                ],
            )
            .await?;
        if known > 0 {
            mark_unindexed(&mut tx, token).await?;
        }
        tx.commit().await
    }

    /// Fixes where a recording's files go, unless that was done before; folder and stem that count.
    pub async fn fix_place(
        &self,
        token: &MinuteToken,
        dir: &str,
        stem: &str,
    ) -> Result<(String, String), CatalogError> {
        self.db
            .execute(
                "UPDATE recordings SET dir = $2, stem = $3 WHERE minute_token = $1 AND dir IS NULL",
                args![token, dir, stem],
            )
            .await?;
        let place: Option<(String, String)> = self
            .db
            .row("SELECT dir, stem FROM recordings WHERE minute_token = $1 AND dir IS NOT NULL", args![token])
            .await?;
        Ok(place.unwrap_or_else(|| (dir.to_owned(), stem.to_owned())))
    }

    /// Gives a recording a new state; `archived_at` is set the first time that it is archived.
    pub async fn set_recording_state(
        &self,
        token: &MinuteToken,
        update: RecordingUpdate<'_>,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let archived_at = (update.state == RecordingState::Archived).then_some(now_ms);
        self.db
            .execute(
                "UPDATE recordings SET state_at = CASE WHEN state = $2 THEN state_at ELSE $6 END, state = $2, reason = $3,
                    reason_detail = $4, archived_at = COALESCE(archived_at, $5)
                 WHERE minute_token = $1 AND state NOT IN ('trashed', 'purged')",
                args![token, update.state.as_str(), update.reason.map(Reason::as_str), update.detail, archived_at, now_ms],
            )
            .await?;
        Ok(())
    }

    /// An artifact is on disk. Call only after the rename and the folder's sync.
    pub async fn artifact_done(
        &self,
        token: &MinuteToken,
        kind: ArtifactKind,
        file: &FinishedFile,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
                "INSERT INTO artifacts (minute_token, kind, state, file_name, bytes, sha256, content_type, via, done_at,
                    verified_at, play_ms)
                 VALUES ($1, $2, 'done', $3, $4, $5, $6, $7, $8, $8, $9)
                 ON CONFLICT (minute_token, kind) DO UPDATE SET state = 'done', reason = NULL, reason_detail = NULL,
                    file_name = excluded.file_name, bytes = excluded.bytes, sha256 = excluded.sha256,
                    content_type = excluded.content_type, via = excluded.via, done_at = excluded.done_at,
                    verified_at = excluded.done_at, play_ms = excluded.play_ms, due_at = 0
                 WHERE COALESCE(artifacts.reason, '') NOT IN ('trashed', 'purged')",
                args![
                    token,
                    kind.as_str(),
                    file.file_name.as_str(),
                    file.bytes,
                    file.sha256.as_str(),
                    file.content_type.as_deref(),
                    file.via.as_deref(),
                    now_ms,
                    file.play_ms
                ],
            )
            .await?;
        // What we wrote or took over ourselves was no try.
        if let Some(via) = file.via.as_deref() {
            let outcome = ArtifactState::Done;
            let attempt = Attempt { artifact: kind, outcome, reason: None, detail: None, via: Some(via) };
            note_attempt(&mut tx, token, attempt, now_ms).await?;
        }
        if kind.is_text() {
            mark_unindexed(&mut tx, token).await?;
        }
        tx.commit().await
    }

    /// An artifact is not on disk, and why; `asked` are those whose grants were tried.
    pub async fn artifact_not_done(
        &self,
        token: &MinuteToken,
        kind: ArtifactKind,
        update: &ArtifactUpdate,
        asked: &[OpenId],
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "UPDATE artifacts SET state = $3, reason = $4, reason_detail = $5, attempts = $6, due_at = $7
                 WHERE minute_token = $1 AND kind = $2 AND COALESCE(reason, '') NOT IN ('trashed', 'purged')",
            args![
                token,
                kind.as_str(),
                update.state.as_str(),
                update.reason.map(Reason::as_str),
                update.detail.as_deref(),
                update.attempts,
                update.due_at
            ],
        )
        .await?;
        // Without a reason it was parked, not tried.
        if update.reason.is_some() {
            let via = named(asked);
            let attempt = Attempt {
                artifact: kind,
                outcome: update.state,
                reason: update.reason,
                detail: update.detail.as_deref(),
                via: via.as_deref(),
            };
            note_attempt(&mut tx, token, attempt, now_ms).await?;
        }
        tx.commit().await
    }

    /// Sends artifacts back to the start: those not done, or with `also_done` every one of them, and the
    /// recording with them. Files stay until better ones replace them; what was removed on request stays away.
    pub async fn reopen_artifacts(&self, token: &MinuteToken, also_done: bool) -> Result<(), CatalogError> {
        let mut tx = self.db.begin().await?;
        if also_done {
            tx.execute(
                "UPDATE recordings SET state = 'found', reason = NULL, reason_detail = NULL
                 WHERE minute_token = $1 AND state NOT IN ('trashed', 'purged')",
                args![token],
            )
            .await?;
        }
        tx.execute(
                "UPDATE artifacts SET state = 'pending', reason = NULL, reason_detail = NULL, attempts = 0, due_at = 0
                 WHERE minute_token = $1 AND kind <> 'sidecar' AND (state <> 'done' OR $2 = 1)
                    AND COALESCE(reason, '') NOT IN ('trashed', 'purged')",
                args![token, i64::from(also_done)],
            )
            .await?;
        tx.commit().await
    }

    /// A cover that is damaged or gone and does not come again is missed by nobody.
    pub(crate) async fn forget_cover(&self, token: &MinuteToken) -> Result<(), CatalogError> {
        let sql = "DELETE FROM artifacts WHERE minute_token = $1 AND kind = 'cover' AND state <> 'done'";
        self.db.execute(sql, args![token]).await?;
        Ok(())
    }

    /// A file of the archive is damaged or gone: this artifact alone goes back to the start, and with its media the
    /// recording. What is known of the file stays, for whoever brings it back.
    pub async fn reopen_artifact(
        &self,
        token: &MinuteToken,
        kind: ArtifactKind,
        reason: Reason,
        detail: &str,
    ) -> Result<(), CatalogError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "UPDATE artifacts SET state = 'pending', reason = $3, reason_detail = $4, attempts = 0, due_at = 0
             WHERE minute_token = $1 AND kind = $2 AND COALESCE(reason, '') NOT IN ('trashed', 'purged')",
            args![token, kind.as_str(), reason.as_str(), detail],
        )
        .await?;
        if kind == ArtifactKind::Media {
            tx.execute(
                "UPDATE recordings SET state = 'found', reason = $2, reason_detail = $3
                 WHERE minute_token = $1 AND state NOT IN ('trashed', 'purged')",
                args![token, reason.as_str(), detail],
            )
            .await?;
        }
        tx.commit().await
    }

    /// The archive's files that were last read before `before_ms`, those first that were not read for longest.
    pub async fn files_not_read_since(
        &self,
        before_ms: i64,
        limit: i64,
    ) -> Result<Vec<FileFact>, CatalogError> {
        self.db
            .rows(
                "SELECT a.minute_token, a.kind, r.dir, a.file_name, a.bytes, a.sha256
                 FROM artifacts a JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE a.state = 'done' AND a.file_name IS NOT NULL AND r.dir IS NOT NULL
                    AND COALESCE(a.verified_at, a.done_at, 0) < $1
                 ORDER BY COALESCE(a.verified_at, a.done_at, 0) LIMIT $2",
                args![before_ms, limit],
            )
            .await
    }

    /// A file was read again and is what it was.
    pub async fn artifact_verified(
        &self,
        token: &str,
        kind: ArtifactKind,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        self.db
            .execute(
                "UPDATE artifacts SET verified_at = $3 WHERE minute_token = $1 AND kind = $2",
                args![token, kind.as_str(), now_ms],
            )
            .await?;
        Ok(())
    }

    /// The files that one folder of the archive should hold.
    pub async fn files_in(&self, dir: &str) -> Result<Vec<FileFact>, CatalogError> {
        self.db
            .rows(
                "SELECT a.minute_token, a.kind, r.dir, a.file_name, a.bytes, a.sha256
                 FROM artifacts a JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE r.dir = $1 AND a.state = 'done' AND a.file_name IS NOT NULL ORDER BY a.file_name",
                args![dir],
            )
            .await
    }

    /// The archive's files in the order of (recording, kind), after a given one; `limit` of them.
    pub async fn files_after(
        &self,
        token: &str,
        kind: &str,
        limit: i64,
    ) -> Result<Vec<FileFact>, CatalogError> {
        self.db
            .rows(
                "SELECT a.minute_token, a.kind, r.dir, a.file_name, a.bytes, a.sha256
                 FROM artifacts a JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE (a.minute_token, a.kind) > ($1, $2) AND a.state = 'done' AND a.file_name IS NOT NULL
                    AND r.dir IS NOT NULL
                 ORDER BY a.minute_token, a.kind LIMIT $3",
                args![token, kind, limit],
            )
            .await
    }
}
