//! How somebody wants pages to be, wherever they sign in.

use crate::catalog::{Catalog, CatalogError, args};
use crate::model::OpenId;

/// What somebody has chosen; none: nothing so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Preferences {
    /// A short tag such as `zh` or `en`.
    pub language: Option<String>,
    /// A time zone of the IANA database.
    pub zone: Option<String>,
    /// `system`, `light` or `dark`.
    pub theme: Option<String>,
}

impl Catalog {
    /// What this person has chosen.
    pub async fn preferences(&self, person: &OpenId) -> Result<Preferences, CatalogError> {
        let sql = "SELECT language, zone, theme FROM preferences WHERE open_id = $1";
        Ok(self.db().row(sql, args![person]).await?.unwrap_or_default())
    }

    /// Notes what this person has chosen; what is not among it stays as it was. Cards follow the language of pages.
    pub async fn prefer(&self, person: &OpenId, chosen: &Preferences) -> Result<(), CatalogError> {
        let mut tx = self.db().begin().await?;
        tx.execute(
            "INSERT INTO preferences (open_id, language, zone, theme) VALUES ($1, $2, $3, $4)
             ON CONFLICT (open_id) DO UPDATE SET language = COALESCE(excluded.language, preferences.language),
                zone = COALESCE(excluded.zone, preferences.zone),
                theme = COALESCE(excluded.theme, preferences.theme)",
            args![person, chosen.language.as_deref(), chosen.zone.as_deref(), chosen.theme.as_deref()],
        )
        .await?;
        let sql = "UPDATE members SET language = $2 WHERE open_id = $1 AND $2 <> ''";
        tx.execute(sql, args![person, chosen.language.as_deref().unwrap_or_default()]).await?;
        tx.commit().await
    }
}
