//! The grants themselves: read, stored, given out. How one is renewed is in `refresh`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use feishu::Priority;
use secrecy::SecretString;
use tokio_util::task::TaskTracker;

use super::authorise::{call_for_open, call_for_reachable};
use super::courier::{Courier, Renewed};
use super::seal::Place;
use super::{Seal, SealError};
use crate::catalog::{Catalog, CatalogError, Tx, args};
use crate::model::{Clock, MemberState, OpenId, Reason, to_ms};

/// No renewal is put off for longer: the longest wait for which the platform asks.
const LONGEST_PUT_OFF_MS: i64 = 3_600_000;

/// A departed member's last token is tried for no longer.
const LONGEST_SWEEP_MS: i64 = 15 * 60_000;

/// A usable access token and which pair it is of.
#[derive(Debug, Clone)]
pub struct Access {
    /// The token.
    pub token: SecretString,
    /// Its pair's number: say it when the platform rejects the token.
    pub version: i64,
}

/// Why a member's grant cannot be used now.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Only the person can mend it.
    #[error("the member has to authorise again ({reason})")]
    MustAuthorise {
        /// Why.
        reason: Reason,
    },
    /// It may well work later; the grant is kept.
    #[error("the grant cannot be renewed now ({reason}): {detail}")]
    Trouble {
        /// Why.
        reason: Reason,
        /// Platform code, message, log id.
        detail: String,
        /// When to try again, unix ms.
        retry_at: i64,
    },
    /// The stored token does not open.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The catalogue does not answer.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct GrantRow {
    pub(super) state: String,
    pub(super) sweep_until: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) version: i64,
    pub(super) access: Vec<u8>,
    pub(super) refresh: Option<Vec<u8>>,
    pub(super) access_expires_at: i64,
    pub(super) refresh_due_at: i64,
    pub(super) failures: i64,
}

impl GrantRow {
    /// Renewing has had trouble and is put off. Unless a clock that ran ahead put it off.
    pub(super) fn is_put_off(&self, now_ms: i64) -> Option<GrantError> {
        let is_put_off = self.failures > 0
            && now_ms < self.refresh_due_at
            && self.refresh_due_at <= now_ms + LONGEST_PUT_OFF_MS;
        let reason = self.reason.as_deref().and_then(|word| word.parse().ok());
        is_put_off.then(|| GrantError::Trouble {
            reason: reason.unwrap_or(Reason::PlatformTrouble),
            detail: "the last renewal failed".to_owned(),
            retry_at: self.refresh_due_at,
        })
    }

    /// Whether this is the last token of somebody who has left, still tried for what is open.
    pub(super) fn is_swept(&self, now_ms: i64) -> bool {
        self.state != MemberState::Active.as_str() && self.sweep_until.is_some_and(|until| until > now_ms)
    }
}

/// Calls once more, and at once, for everything of a departed member that is not here, while their last token may
/// still open it.
pub(super) async fn sweep(tx: &mut Tx, member: &OpenId, now_ms: i64) -> Result<(), CatalogError> {
    let begun = tx
        .execute(
            "UPDATE members SET sweep_until =
                (SELECT CASE WHEN g.access_expires_at < $3 THEN g.access_expires_at ELSE $3 END
                 FROM grants g WHERE g.open_id = $1 AND g.access_expires_at > $2)
             WHERE open_id = $1 AND EXISTS
                (SELECT 1 FROM grants g WHERE g.open_id = $1 AND g.access_expires_at > $2)",
            args![member, now_ms, now_ms + LONGEST_SWEEP_MS],
        )
        .await?
        > 0;
    if begun {
        call_for_open(tx, member, Priority::Person, now_ms).await?;
    }
    Ok(())
}

/// Lifetimes of a pair, as times.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "each is a time at which something happens, as in the table")]
pub(super) struct Lifetimes {
    access_expires_at: i64,
    refresh_expires_at: Option<i64>,
    refresh_due_at: i64,
}

impl Lifetimes {
    /// Ahead of need: ten minutes before the access token's end or at three quarters of its life,
    /// whichever is later, and never after three quarters of the refresh token's life. So a grant that
    /// nobody uses is renewed, too.
    pub(super) fn of(pair: &feishu::TokenPair, now_ms: i64) -> Self {
        let access_ms = to_ms(pair.expires_in);
        let refresh_ms = pair.refresh_expires_in.map(to_ms);
        let ahead = (access_ms / 4).min(600_000);
        let due =
            refresh_ms.map_or(access_ms - ahead, |refresh_ms| (access_ms - ahead).min(refresh_ms / 4 * 3));
        Self {
            access_expires_at: now_ms + access_ms,
            refresh_expires_at: refresh_ms.map(|refresh_ms| now_ms + refresh_ms),
            refresh_due_at: now_ms + due,
        }
    }
}

/// All members' grants. Cheap to clone.
#[derive(Clone)]
pub struct Grants {
    pub(super) catalog: Catalog,
    pub(super) client: feishu::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) seal: Arc<Seal>,
    pub(super) courier: Arc<Courier>,
    /// One renewal at a time per member.
    pub(super) hands: Arc<Mutex<HashMap<OpenId, Arc<tokio::sync::Mutex<()>>>>>,
    /// Renewals under way; they are never cut off, since the platform may already have changed the pair.
    pub(super) renewals: TaskTracker,
}

impl Grants {
    /// Grants kept in the catalogue, sealed with `seal`, and renewed by `courier`.
    pub fn new(
        catalog: Catalog,
        client: &feishu::Client,
        clock: Arc<dyn Clock>,
        seal: Arc<Seal>,
        courier: Courier,
    ) -> Self {
        // A person waits for what they have just authorised.
        let client = client.at(Priority::Person);
        let courier = Arc::new(courier);
        Self { catalog, client, clock, seal, courier, hands: Arc::default(), renewals: TaskTracker::new() }
    }

    /// An access token for this member, renewed first when it is near its end.
    pub async fn access(&self, member: &OpenId) -> Result<Access, GrantError> {
        let row = self.usable_row(member).await?;
        let now_ms = self.clock.now_ms();
        if row.is_swept(now_ms) {
            return self.open_access(member, &row);
        }
        if now_ms < row.refresh_due_at {
            if now_ms < row.access_expires_at || row.failures == 0 {
                return self.open_access(member, &row);
            }
            // Until then there is nothing to give out.
            if let Some(trouble) = row.is_put_off(now_ms) {
                return Err(trouble);
            }
        }
        match self.renew(member, row.version).await {
            // The old token lives on till its own end: no reason to stop because renewing has trouble.
            Err(GrantError::Trouble { .. }) if now_ms < row.access_expires_at => {
                self.open_access(member, &row)
            }
            other => other,
        }
    }

    /// Waits until no renewal is under way. Call at shutdown.
    pub async fn settle(&self) {
        self.renewals.close();
        self.renewals.wait().await;
        self.renewals.reopen();
    }

    /// The platform says that this member's tokens became void at `happened_at` (unix ms, event
    /// `auth.user_access_token.revoked_v4`). Events come hours late and in any order: one from before the
    /// present authorisation ends nothing. Where the clocks disagree, the next renewal finds out.
    pub async fn revoked(
        &self,
        member: &OpenId,
        why: &str,
        happened_at: Option<i64>,
    ) -> Result<(), CatalogError> {
        let lower = why.to_lowercase();
        // Resigned and frozen people are "restricted" in the platform's words.
        let departed = ["restrict", "resign", "freez", "frozen"].iter().any(|word| lower.contains(word));
        let (state, reason) = if departed {
            (MemberState::Departed, Reason::AccountUnavailable)
        } else {
            (MemberState::MustAuthorise, Reason::GrantRevoked)
        };
        let now_ms = self.clock.now_ms();
        let mut tx = self.catalog.db().begin().await?;
        let has_ended = tx
            .execute(
                "UPDATE members SET state = $2, reason = $3, reason_detail = $4, reason_at = $5, state_at = $5
                 WHERE open_id = $1 AND (state = 'active' OR ($2 = 'departed' AND state <> 'departed'))
                    AND COALESCE(authorised_at, 0) <= $6",
                args![
                    member,
                    state.as_str(),
                    reason.as_str(),
                    why,
                    now_ms,
                    happened_at.unwrap_or(i64::MAX)
                ],
            )
            .await?
            > 0;
        // Who has withdrawn is not asked once more. The company's own word that somebody has left leaves what they
        // own the company's, as far as their last token opens it.
        if has_ended && departed {
            sweep(&mut tx, member, now_ms).await?;
        }
        // They may have signed in without ever having authorised.
        if departed {
            let until = happened_at.unwrap_or(i64::MAX);
            for sql in [
                "DELETE FROM sessions WHERE open_id = $1 AND began_at <= $2",
                "DELETE FROM api_tokens WHERE open_id = $1 AND made_at <= $2",
            ] {
                tx.execute(sql, args![member, until]).await?;
            }
        }
        tx.commit().await
    }

    pub(super) async fn usable_row(&self, member: &OpenId) -> Result<GrantRow, GrantError> {
        let row: Option<GrantRow> = self
            .catalog
            .db()
            .row(
                "SELECT m.state, m.reason, m.sweep_until, g.version, g.access, g.refresh, g.access_expires_at,
                    g.refresh_due_at, g.failures
                 FROM grants g JOIN members m ON m.open_id = g.open_id WHERE g.open_id = $1",
                args![member],
            )
            .await?;
        match row {
            Some(row) if row.state == MemberState::Active.as_str() => Ok(row),
            Some(row) if row.is_swept(self.clock.now_ms()) => Ok(row),
            Some(row) => Err(GrantError::MustAuthorise {
                reason: row.reason.and_then(|word| word.parse().ok()).unwrap_or(Reason::NoGrant),
            }),
            None => Err(GrantError::MustAuthorise { reason: Reason::NoGrant }),
        }
    }

    pub(super) fn open_access(&self, member: &OpenId, row: &GrantRow) -> Result<Access, GrantError> {
        let place = Place { member: member.as_ref(), field: "access", version: row.version };
        Ok(Access { token: self.seal.open(&row.access, &place)?, version: row.version })
    }

    /// Replaces pair `old` by a new one; false when the stored pair is no longer `old`.
    pub(super) async fn store_renewed(
        &self,
        member: &OpenId,
        old: i64,
        renewed: &Renewed,
    ) -> Result<bool, CatalogError> {
        let now_ms = self.clock.now_ms();
        let pair = &renewed.pair;
        // It may have waited for us since long ago; and a clock may have been turned back since.
        let lifetimes = Lifetimes::of(pair, renewed.received_at.min(now_ms));
        let (access, refresh) = self.seal_pair(member, old + 1, pair);
        let mut tx = self.catalog.db().begin().await?;
        let replaced = tx
            .execute(
                "UPDATE grants SET version = $3, key_id = $4, access = $5, refresh = $6, access_expires_at = $7,
                    refresh_expires_at = $8, refresh_due_at = $9, refreshed_at = $10, failures = 0
                 WHERE open_id = $1 AND version = $2",
                args![
                    member,
                    old,
                    old + 1,
                    self.seal.key_id(),
                    access,
                    refresh,
                    lifetimes.access_expires_at,
                    lifetimes.refresh_expires_at,
                    lifetimes.refresh_due_at,
                    now_ms
                ],
            )
            .await?
            > 0;
        if replaced {
            // Another process that used the same token may have been told that it is void, and have ended
            // the grant, before this pair was stored. If it is void indeed, its first use will tell.
            let revived = tx
                .execute(
                    "UPDATE members SET state = 'active', state_at = $2 WHERE open_id = $1
                        AND state = 'must_authorise' AND reason IN ('grant_used_elsewhere', 'grant_revoked')",
                    args![member, now_ms],
                )
                .await?
                > 0;
            if revived {
                call_for_reachable(&mut tx, member, now_ms).await?;
            }
            tx.execute(
                "UPDATE members SET reason = NULL, reason_detail = NULL, reason_at = NULL,
                    scopes = CASE WHEN $2 = '' THEN scopes ELSE $2 END
                 WHERE open_id = $1 AND state = 'active'",
                args![member, pair.scopes.join(" ")],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(replaced)
    }

    /// Stores the pair of a fresh authorisation, whatever was there before.
    pub(super) async fn store_first(
        &self,
        tx: &mut Tx,
        member: &OpenId,
        pair: &feishu::TokenPair,
    ) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        let before: Option<(i64,)> =
            tx.row("SELECT version FROM grants WHERE open_id = $1", args![member]).await?;
        let version = before.map_or(1, |(version,)| version + 1);
        let lifetimes = Lifetimes::of(pair, now_ms);
        let (access, refresh) = self.seal_pair(member, version, pair);
        tx.execute(
            "INSERT INTO grants (open_id, version, key_id, access, refresh, access_expires_at, refresh_expires_at,
                refresh_due_at, refreshed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (open_id) DO UPDATE SET version = excluded.version, key_id = excluded.key_id,
                access = excluded.access, refresh = excluded.refresh, access_expires_at = excluded.access_expires_at,
                refresh_expires_at = excluded.refresh_expires_at, refresh_due_at = excluded.refresh_due_at,
                refreshed_at = excluded.refreshed_at, failures = 0",
            args![
                member,
                version,
                self.seal.key_id(),
                access,
                refresh,
                lifetimes.access_expires_at,
                lifetimes.refresh_expires_at,
                lifetimes.refresh_due_at,
                now_ms
            ],
        )
        .await?;
        Ok(())
    }

    /// The mutex that lets one hand at a time renew this member's grant.
    pub(super) fn hand(&self, member: &OpenId) -> Arc<tokio::sync::Mutex<()>> {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(hands.entry(member.clone()).or_default())
    }

    fn seal_pair(
        &self,
        member: &OpenId,
        version: i64,
        pair: &feishu::TokenPair,
    ) -> (Vec<u8>, Option<Vec<u8>>) {
        let place = |field| Place { member: member.as_ref(), field, version };
        let access = self.seal.seal(&pair.access_token, &place("access"));
        let refresh = pair.refresh_token.as_ref().map(|token| self.seal.seal(token, &place("refresh")));
        (access, refresh)
    }
}
