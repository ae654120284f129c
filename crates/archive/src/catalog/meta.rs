//! Facts about the installation itself.

use super::{Catalog, CatalogError, args};

impl Catalog {
    /// Reads one fact.
    pub async fn meta(&self, key: &str) -> Result<Option<String>, CatalogError> {
        let row: Option<(String,)> = self.db.row("SELECT value FROM meta WHERE key = $1", args![key]).await?;
        Ok(row.map(|(value,)| value))
    }

    /// Writes one fact.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), CatalogError> {
        self.db
            .execute(
                "INSERT INTO meta (key, value) VALUES ($1, $2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                args![key, value],
            )
            .await?;
        Ok(())
    }

    /// Writes one fact, unless it is there already; what stands there afterwards.
    pub async fn meta_or_insert(&self, key: &str, value: &str) -> Result<String, CatalogError> {
        self.db
            .execute(
                "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
                args![key, value],
            )
            .await?;
        Ok(self.meta(key).await?.unwrap_or_else(|| value.to_owned()))
    }
}
