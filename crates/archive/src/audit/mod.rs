//! The audit log: who did what, to what, when, from where. Rows are only ever added, and each one's hash covers the
//! row before it, so that a row that was changed, taken out or moved shows. What is older than the log is kept is let
//! go from its beginning only, and the hash of the last row that went stays as the anchor of the rest.
//!
//! Invariant: what cannot be written down does not happen. Whoever opens, changes or hands out anything calls
//! [`record`] first, or [`record_in`] within the transaction that does it.

mod chain;
mod keep;
mod read;

use crate::catalog::{Catalog, CatalogError, Tx, args};
use crate::model::{OpenId, text_enum};

pub use chain::{Break, ChainReport, prune, verify};
pub use keep::keep;
pub use read::{AuditFilter, AuditRow};

/// No longer text is kept of a subject or a detail, in characters.
const LONGEST_TEXT: usize = 2_000;

text_enum! {
    /// What somebody did.
    pub enum Verb {
        /// Signed in; the subject is the person.
        SignedIn = "signed_in",
        /// Signed out.
        SignedOut = "signed_out",
        /// Opened a recording's page, transcript or summary, or a page about everybody.
        Viewed = "viewed",
        /// Played media.
        Played = "played",
        /// Searched; the subject is what for.
        Searched = "searched",
        /// Took something out of the archive.
        Exported = "exported",
        /// Asked for what is not theirs, and was told that it is not there; the detail is what for.
        Refused = "refused",
        /// Changed how the service works, or what it does next.
        Changed = "changed",
        /// Deleted something.
        Deleted = "deleted",
    }
}

/// One thing that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Who.
    pub actor: OpenId,
    /// What.
    pub verb: Verb,
    /// To what: a minute_token, an open_id, the words of a search.
    pub subject: String,
    /// What else there is to say.
    pub detail: Option<String>,
    /// The address that it came from, as text.
    pub from: String,
    /// When, unix ms.
    pub at_ms: i64,
}

/// Writes a deed down. When that fails the deed must not be done.
pub async fn record(catalog: &Catalog, deed: &Deed) -> Result<(), CatalogError> {
    let mut tx = catalog.db().begin().await?;
    record_in(&mut tx, deed).await?;
    tx.commit().await
}

/// Writes a deed down together with what it changes.
pub async fn record_in(tx: &mut Tx, deed: &Deed) -> Result<(), CatalogError> {
    // Whoever else writes waits here until this transaction is over: numbers have no gaps and no twins.
    let last: Option<(i64, String)> = tx
        .row(
            "UPDATE audit_ends SET last_number = last_number + 1 WHERE one = 1 RETURNING last_number, last_hash",
            args![],
        )
        .await?;
    let (number, last_hash) = last.unwrap_or_else(|| (1, String::new()));
    let row = AuditRow {
        number,
        at_ms: deed.at_ms,
        actor: deed.actor.to_string(),
        verb: deed.verb.as_str().to_owned(),
        subject: kept(&deed.subject),
        detail: deed.detail.as_deref().map(kept),
        from_address: kept(&deed.from),
        hash: String::new(),
        title: None,
    };
    let hash = chain::hash(&row, &last_hash);
    tx.execute(
        "INSERT INTO audit (number, at_ms, actor, verb, subject, detail, from_address, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            row.number,
            row.at_ms,
            row.actor,
            row.verb,
            row.subject,
            row.detail,
            row.from_address,
            hash.as_str()
        ],
    )
    .await?;
    tx.execute("UPDATE audit_ends SET last_hash = $1 WHERE one = 1", args![hash.as_str()]).await?;
    Ok(())
}

/// As both databases keep it: PostgreSQL has no NUL, and the hash must be over what is there.
fn kept(text: &str) -> String {
    text.replace('\0', "\u{fffd}").chars().take(LONGEST_TEXT).collect()
}
