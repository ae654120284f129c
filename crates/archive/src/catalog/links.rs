//! How long connections stand, node by node.

use super::{Catalog, CatalogError, args};
use crate::model::LinkStanding;

impl Catalog {
    /// Notes how a node's long connection stands now.
    pub async fn set_link(&self, link: &LinkStanding) -> Result<(), CatalogError> {
        self.db
            .execute(
                "INSERT INTO long_connections (node, state, state_at, trouble, detail, retry_at, heard_at, noted_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (node) DO UPDATE SET state = excluded.state, state_at = excluded.state_at,
                    trouble = excluded.trouble, detail = excluded.detail, retry_at = excluded.retry_at,
                    heard_at = excluded.heard_at, noted_at = excluded.noted_at",
                args![
                    link.node.as_str(),
                    link.state.as_str(),
                    link.state_at,
                    link.trouble.as_deref(),
                    link.detail.as_deref(),
                    link.retry_at,
                    link.heard_at,
                    link.noted_at
                ],
            )
            .await?;
        Ok(())
    }

    /// How all nodes' long connections stand, as they noted it themselves.
    pub async fn links(&self) -> Result<Vec<LinkStanding>, CatalogError> {
        self.db
            .rows(
                "SELECT node, state, state_at, trouble, detail, retry_at, heard_at, noted_at
                 FROM long_connections ORDER BY node",
                args![],
            )
            .await
    }

    /// Forgets nodes that have noted nothing since then.
    pub async fn forget_links(&self, before_ms: i64) -> Result<u64, CatalogError> {
        self.db.execute("DELETE FROM long_connections WHERE noted_at < $1", args![before_ms]).await
    }
}
