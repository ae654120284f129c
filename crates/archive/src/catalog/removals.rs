//! What was removed on purpose.

use super::{Catalog, CatalogError, args};

/// One removal.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Removal {
    /// Its number.
    pub id: String,
    /// Whose data it was.
    pub open_id: String,
    /// Their name at that time.
    pub name: String,
    /// Who asked for it.
    pub removed_by: String,
    /// Unix ms.
    pub removed_at: i64,
}

/// One file that was removed.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct RemovedFile {
    /// The recording.
    pub minute_token: String,
    /// Which part of it.
    pub kind: String,
    /// Where it was, below the archive root.
    pub path: String,
    /// Its size.
    pub bytes: Option<i64>,
    /// Lowercase hex SHA-256.
    pub sha256: Option<String>,
}

impl Catalog {
    /// All removals, the newest first.
    pub async fn removals(&self) -> Result<Vec<Removal>, CatalogError> {
        let sql = "SELECT id, open_id, name, removed_by, removed_at FROM removals ORDER BY removed_at DESC, id DESC";
        self.db.rows(sql, args![]).await
    }

    /// The files of one removal.
    pub async fn removed_files(&self, removal: &str) -> Result<Vec<RemovedFile>, CatalogError> {
        let sql = "SELECT minute_token, kind, path, bytes, sha256 FROM removed_files WHERE removal_id = $1
             ORDER BY path, kind";
        self.db.rows(sql, args![removal]).await
    }

    /// How many files the archive holds of what this person owns, the trash included.
    pub async fn files_of(&self, open_id: &crate::model::OpenId) -> Result<i64, CatalogError> {
        let row: Option<(i64,)> = self
            .db
            .row(
                "SELECT COUNT(*) FROM artifacts a JOIN recordings r ON r.minute_token = a.minute_token
                 WHERE r.owner_id = $1 AND (a.state = 'done' OR a.reason = 'trashed') AND a.file_name IS NOT NULL",
                args![open_id],
            )
            .await?;
        Ok(row.map_or(0, |(count,)| count))
    }
}
