//! What programs come in with instead of a session. Whoever has signed in makes tokens for themselves: each is good for
//! what it names, for a time, and never for more than its maker may see by then. The catalogue holds the hash alone, so
//! that whoever reads the catalogue cannot come in.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::seal::{hash_of, random_text};
use crate::audit::{self, Deed};
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{Clock, OpenId, text_enum};

/// By this a token is known for one of ours, wherever it turns up.
const PREFIX: &str = "mvt_";
/// A use does not have to be written down when another one was just now.
const NOTE_EVERY_MS: i64 = 60_000;
/// Of what its maker calls it, in characters.
const LONGEST_LABEL: usize = 100;
/// Of one person at a time.
const MOST_TOKENS: i64 = 50;
const DAY_MS: i64 = 86_400_000;

text_enum! {
    /// What a token is good for.
    pub enum ApiScope {
        /// Lists: titles, owners, times, sizes, states.
        Recordings = "recordings",
        /// Media, transcripts, notes, and the search through them.
        Content = "content",
        /// How the service stands: overview, people, audit log; as far as its maker's role goes.
        Service = "service",
    }
}

/// Everybody's tokens. Cheap to clone.
#[derive(Clone)]
pub struct ApiTokens {
    catalog: Catalog,
    clock: Arc<dyn Clock>,
}

/// One token, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiToken {
    /// SHA-256 of the token, lowercase hex; names it and opens nothing.
    pub hash: String,
    /// Whose it is.
    #[sqlx(try_from = "String")]
    pub open_id: OpenId,
    /// What it is for, in its maker's words.
    pub label: String,
    scopes: String,
    /// Unix ms.
    pub made_at: i64,
    /// When it ends, unix ms.
    pub expires_at: i64,
    /// Its last use, unix ms, to the minute.
    pub used_at: Option<i64>,
}

impl ApiToken {
    /// What it is good for.
    pub fn scopes(&self) -> impl Iterator<Item = ApiScope> {
        self.scopes.split(' ').filter_map(|scope| scope.parse().ok())
    }
}

/// A token that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewApiToken<'a> {
    /// For whom.
    pub open_id: &'a OpenId,
    /// What it is for, in their words.
    pub label: &'a str,
    /// What it is good for; not empty.
    pub scopes: &'a [ApiScope],
    /// For how long, in days: 1 to 365.
    pub days: i64,
}

impl ApiTokens {
    /// Tokens in this catalogue.
    #[must_use]
    pub fn new(catalog: Catalog, clock: Arc<dyn Clock>) -> Self {
        Self { catalog, clock }
    }

    /// Makes a token and writes the deed down. It is told this once. None where it would be good for nothing or for
    /// ever, or where its maker has too many.
    pub async fn make(
        &self,
        new: NewApiToken<'_>,
        deed: &Deed,
    ) -> Result<Option<SecretString>, CatalogError> {
        if new.scopes.is_empty() || !(1..=365).contains(&new.days) {
            return Ok(None);
        }
        let (token, now_ms) = (format!("{PREFIX}{}", random_text()), self.clock.now_ms());
        let label: String = new.label.trim().chars().take(LONGEST_LABEL).collect();
        let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
        let mut tx = self.catalog.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        tx.execute("DELETE FROM api_tokens WHERE expires_at <= $1", args![now_ms]).await?;
        let made = tx
            .execute(
                "INSERT INTO api_tokens (hash, open_id, label, scopes, made_at, expires_at)
                 SELECT $1, $2, $3, $4, $5, $6
                 WHERE (SELECT COUNT(*) FROM api_tokens WHERE open_id = $2) < $7",
                args![
                    hash_of(&token),
                    new.open_id,
                    label,
                    scopes.join(" "),
                    now_ms,
                    now_ms + new.days * DAY_MS,
                    MOST_TOKENS
                ],
            )
            .await?;
        if made == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(token.into()))
    }

    /// The token that somebody brings, while it is good. Of whoever has left the company none is.
    pub async fn find(&self, token: &SecretString) -> Result<Option<ApiToken>, CatalogError> {
        let now_ms = self.clock.now_ms();
        let found: Option<ApiToken> = self
            .catalog
            .db()
            .row(
                "SELECT hash, open_id, label, scopes, made_at, expires_at, used_at FROM api_tokens
                 WHERE hash = $1 AND expires_at > $2 AND NOT EXISTS (
                    SELECT 1 FROM members m WHERE m.open_id = api_tokens.open_id AND m.state = 'departed'
                        AND m.state_at >= api_tokens.made_at)",
                args![hash_of(token.expose_secret()), now_ms],
            )
            .await?;
        if let Some(token) = &found
            && token.used_at.is_none_or(|used_at| used_at < now_ms - NOTE_EVERY_MS)
        {
            let sql = "UPDATE api_tokens SET used_at = $2 WHERE hash = $1";
            self.catalog.db().execute(sql, args![token.hash.as_str(), now_ms]).await?;
        }
        Ok(found)
    }

    /// Tokens that are good, the newest first; of one person, or of everybody.
    pub async fn list(&self, of: Option<&OpenId>) -> Result<Vec<ApiToken>, CatalogError> {
        self.catalog
            .db()
            .rows(
                "SELECT hash, open_id, label, scopes, made_at, expires_at, used_at FROM api_tokens
                 WHERE expires_at > $1 AND ($2 = '' OR open_id = $2) ORDER BY made_at DESC, hash LIMIT 1000",
                args![self.clock.now_ms(), of.map(ToString::to_string).unwrap_or_default()],
            )
            .await
    }

    /// Ends a token, of this person where one is named, and writes the deed down; false when there is none.
    pub async fn end(&self, hash: &str, of: Option<&OpenId>, deed: &Deed) -> Result<bool, CatalogError> {
        let mut tx = self.catalog.db().begin().await?;
        let of = of.map(ToString::to_string).unwrap_or_default();
        let sql = "DELETE FROM api_tokens WHERE hash = $1 AND ($2 = '' OR open_id = $2)";
        if tx.execute(sql, args![hash, of]).await? == 0 {
            return Ok(false);
        }
        audit::record_in(&mut tx, deed).await?;
        tx.commit().await?;
        Ok(true)
    }
}
