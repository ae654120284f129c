//! Who has signed in. The browser holds a random text, the catalogue its hash: whoever reads the catalogue cannot come
//! in with it. A session ends when it has been idle or has lasted too long, when its person signs out, or when
//! somebody ends it.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::seal::{hash_of, random_text};
use crate::audit::{self, Deed};
use crate::catalog::{Catalog, CatalogError, args, note_name};
use crate::model::{Clock, OpenId};

/// Without a request for so long it is over, in ms.
pub const IDLE_MS: i64 = 12 * 3_600_000;
/// It is over after so long, whatever happened, in ms.
pub const LIFETIME_MS: i64 = 7 * 86_400_000;
/// A request does not have to be written down when another one was just now.
const NOTE_EVERY_MS: i64 = 60_000;
/// Of what a browser calls itself, in characters.
const LONGEST_AGENT: usize = 200;

/// Whose session it is has not left the company since it began.
macro_rules! stays {
    () => {
        "NOT EXISTS (SELECT 1 FROM members m WHERE m.open_id = sessions.open_id AND m.state = 'departed'
            AND m.state_at >= sessions.began_at)"
    };
}

/// Everybody's sessions. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    catalog: Catalog,
    clock: Arc<dyn Clock>,
}

/// One session, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// SHA-256 of what the browser holds, lowercase hex; names the session and opens nothing.
    pub hash: String,
    /// Whose it is.
    #[sqlx(try_from = "String")]
    pub open_id: OpenId,
    /// What they were called when they signed in.
    pub name: String,
    /// Where they signed in from.
    pub from_address: String,
    /// What their browser calls itself.
    pub agent: String,
    /// Unix ms.
    pub began_at: i64,
    /// Last request, unix ms, to the minute.
    pub seen_at: i64,
}

/// Somebody who signs in.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    /// Who, as the platform says.
    pub open_id: &'a OpenId,
    /// Their name, as the platform says.
    pub name: &'a str,
    /// Where they come from.
    pub from: &'a str,
    /// What their browser calls itself.
    pub agent: &'a str,
    /// The session that this browser had, which ends now.
    pub instead_of: Option<&'a str>,
}

impl Sessions {
    /// Sessions in this catalogue.
    #[must_use]
    pub fn new(catalog: Catalog, clock: Arc<dyn Clock>) -> Self {
        Self { catalog, clock }
    }

    /// Begins a session and writes the deed down; what the browser has to hold.
    pub async fn begin(&self, arrival: Arrival<'_>, deed: &Deed) -> Result<SecretString, CatalogError> {
        let (held, now_ms) = (random_text(), self.clock.now_ms());
        let mut tx = self.catalog.db().begin().await?;
        audit::record_in(&mut tx, deed).await?;
        if let Some(before) = arrival.instead_of {
            tx.execute("DELETE FROM sessions WHERE hash = $1", args![hash_of(before)]).await?;
        }
        tx.execute(
            "DELETE FROM sessions WHERE seen_at < $1 OR began_at < $2",
            args![now_ms - IDLE_MS, now_ms - LIFETIME_MS],
        )
        .await?;
        let agent: String = arrival.agent.chars().take(LONGEST_AGENT).collect();
        tx.execute(
            "INSERT INTO sessions (hash, open_id, name, from_address, agent, began_at, seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6)",
            args![hash_of(&held), arrival.open_id, arrival.name, arrival.from, agent, now_ms],
        )
        .await?;
        note_name(&mut tx, arrival.open_id, arrival.name).await?;
        tx.commit().await?;
        Ok(held.into())
    }

    /// The session of a browser that holds this, if it is not over. Whoever has left the company since it began has
    /// none.
    pub async fn find(&self, held: &SecretString) -> Result<Option<Session>, CatalogError> {
        let now_ms = self.clock.now_ms();
        let session: Option<Session> = self
            .catalog
            .db()
            .row(
                concat!(
                    "SELECT hash, open_id, name, from_address, agent, began_at, seen_at FROM sessions
                     WHERE hash = $1 AND seen_at >= $2 AND began_at >= $3 AND ",
                    stays!()
                ),
                args![hash_of(held.expose_secret()), now_ms - IDLE_MS, now_ms - LIFETIME_MS],
            )
            .await?;
        if let Some(session) = &session
            && session.seen_at < now_ms - NOTE_EVERY_MS
        {
            let sql = "UPDATE sessions SET seen_at = $2 WHERE hash = $1";
            self.catalog.db().execute(sql, args![session.hash.as_str(), now_ms]).await?;
        }
        Ok(session)
    }

    /// Whether this session is not over; to look is no use of it.
    pub async fn is_open(&self, hash: &str) -> Result<bool, CatalogError> {
        let now_ms = self.clock.now_ms();
        let session: Option<(String,)> = self
            .catalog
            .db()
            .row(
                concat!(
                    "SELECT hash FROM sessions WHERE hash = $1 AND seen_at >= $2 AND began_at >= $3 AND ",
                    stays!()
                ),
                args![hash, now_ms - IDLE_MS, now_ms - LIFETIME_MS],
            )
            .await?;
        Ok(session.is_some())
    }

    /// Sessions that are not over, the last seen first; of one person, or of everybody.
    pub async fn list(&self, of: Option<&OpenId>) -> Result<Vec<Session>, CatalogError> {
        let now_ms = self.clock.now_ms();
        self.catalog
            .db()
            .rows(
                "SELECT hash, open_id, name, from_address, agent, began_at, seen_at FROM sessions
                 WHERE seen_at >= $1 AND began_at >= $2 AND ($3 = '' OR open_id = $3)
                 ORDER BY seen_at DESC, hash LIMIT 1000",
                args![
                    now_ms - IDLE_MS,
                    now_ms - LIFETIME_MS,
                    of.map(ToString::to_string).unwrap_or_default()
                ],
            )
            .await
    }

    /// Ends a session, of this person where one is named, and writes the deed down; false when there is none.
    pub async fn end(&self, hash: &str, of: Option<&OpenId>, deed: &Deed) -> Result<bool, CatalogError> {
        let mut tx = self.catalog.db().begin().await?;
        let of = of.map(ToString::to_string).unwrap_or_default();
        let sql = "DELETE FROM sessions WHERE hash = $1 AND ($2 = '' OR open_id = $2)";
        if tx.execute(sql, args![hash, of]).await? == 0 {
            return Ok(false);
        }
        audit::record_in(&mut tx, deed).await?;
        tx.commit().await?;
        Ok(true)
    }
}
