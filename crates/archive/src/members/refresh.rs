//! Renewing a grant. The platform's refresh token is single-use and the old one dies at once, so: one
//! hand per member, never cut off in the middle, and the new pair on disk before anybody sees it.
//! Each code of the platform's token endpoint has its own outcome here.

use std::time::Duration;

use feishu::{ReauthoriseWhy, TokenError};
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::grants::{Access, GrantError, GrantRow, Grants};
use super::seal::Place;
use crate::catalog::{CatalogError, args};
use crate::model::{MemberState, OpenId, Reason, to_ms};
use crate::queue::Backoff;

const TROUBLE: Backoff = Backoff { first: Duration::from_secs(5), longest: Duration::from_mins(10) };
/// Somebody has to change the app's settings; looking every ten minutes is soon enough.
const OPERATOR_WAIT_MS: i64 = 600_000;
const STORE_AGAIN: Backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(5) };

impl Grants {
    /// A token newer than pair `stale`: another hand's if there is one by now, else a renewed one.
    pub async fn renew(&self, member: &OpenId, stale: i64) -> Result<Access, GrantError> {
        let grants = self.clone();
        let member = member.clone();
        // In a task of its own: whoever asked may go away, the answer of the platform may not.
        let renewal = self.renewals.spawn(async move {
            let hand = grants.hand(&member);
            let _one_at_a_time = hand.lock().await;
            grants.renew_alone(&member, stale).await
        });
        renewal.await.unwrap_or_else(|panic| {
            error!(%panic, "a renewal broke down");
            Err(GrantError::Trouble {
                reason: Reason::PlatformTrouble,
                detail: "internal error".to_owned(),
                retry_at: 0,
            })
        })
    }

    async fn renew_alone(&self, member: &OpenId, stale: i64) -> Result<Access, GrantError> {
        let row = self.usable_row(member).await?;
        if row.version > stale {
            return self.open_access(member, &row);
        }
        let Some(sealed) = &row.refresh else {
            self.end(member, &row, MemberState::MustAuthorise, Reason::NoRefreshToken, None).await?;
            return Err(GrantError::MustAuthorise { reason: Reason::NoRefreshToken });
        };
        let place = Place { member: member.as_ref(), field: "refresh", version: row.version };
        let refresh_token = match self.seal.open(sealed, &place) {
            Ok(refresh_token) => refresh_token,
            Err(error) => {
                let (reason, detail) = (Reason::AppMisconfigured, error.to_string());
                self.put_off(member, &row, reason, detail, OPERATOR_WAIT_MS).await?;
                return Err(error.into());
            }
        };
        match self.client.refresh(&refresh_token).await {
            Ok(pair) => {
                self.store_whatever_it_takes(member, row.version, &pair).await;
                metrics::counter!("vault_grant_refreshes_total", "outcome" => "ok").increment(1);
                let stored = self.usable_row(member).await?;
                self.open_access(member, &stored)
            }
            Err(refusal) => self.refused(member, &row, refusal).await,
        }
    }

    /// The pair in hand is the only one that works: a busy catalogue or a full disk only delays it.
    async fn store_whatever_it_takes(&self, member: &OpenId, old: i64, pair: &feishu::TokenPair) {
        let mut attempts = 0;
        loop {
            match self.store_renewed(member, old, pair).await {
                Ok(true) => return,
                Ok(false) => {
                    info!(%member, "another process has stored a newer grant; keeping that one");
                    return;
                }
                Err(error) => {
                    error!(%member, %error, "a renewed grant cannot be stored yet; trying until it can");
                    sleep(Duration::from_millis(STORE_AGAIN.wait_ms(attempts).unsigned_abs())).await;
                    attempts += 1;
                }
            }
        }
    }

    /// What a refused refresh means for the member.
    async fn refused(
        &self,
        member: &OpenId,
        row: &GrantRow,
        refusal: TokenError,
    ) -> Result<Access, GrantError> {
        let detail = refusal.to_string();
        let ending = match &refusal {
            TokenError::Reauthorise { why, .. } => Some((MemberState::MustAuthorise, reason_of(*why))),
            TokenError::Departed(_) => Some((MemberState::Departed, Reason::AccountUnavailable)),
            _ => None,
        };
        if let Some((state, reason)) = ending {
            // Another process may have used this very token a moment ago: then its pair is the good one.
            let present = self.usable_row(member).await?;
            if present.version > row.version {
                return self.open_access(member, &present);
            }
            metrics::counter!("vault_grant_refreshes_total", "outcome" => reason.as_str()).increment(1);
            self.end(member, row, state, reason, Some(&detail)).await?;
            return Err(GrantError::MustAuthorise { reason });
        }
        let (reason, wait_ms) = match refusal {
            TokenError::Operator(_) => (Reason::AppMisconfigured, OPERATOR_WAIT_MS),
            TokenError::Malformed(_) => (Reason::RequestMalformed, OPERATOR_WAIT_MS),
            TokenError::RateLimited { after, .. } => (Reason::RateLimited, to_ms(after)),
            _ => (Reason::PlatformTrouble, TROUBLE.wait_ms(row.failures)),
        };
        Err(self.put_off(member, row, reason, detail, wait_ms).await?)
    }

    /// Keeps a grant that cannot be renewed now, and notes why and until when. A member whose grant has ended
    /// meanwhile stays as they are.
    async fn put_off(
        &self,
        member: &OpenId,
        row: &GrantRow,
        reason: Reason,
        detail: String,
        wait_ms: i64,
    ) -> Result<GrantError, CatalogError> {
        metrics::counter!("vault_grant_refreshes_total", "outcome" => reason.as_str()).increment(1);
        warn!(%member, %reason, %detail, "a grant could not be renewed; it is kept");
        let retry_at = self.clock.now_ms() + wait_ms;
        self.catalog
            .db()
            .execute(
                "UPDATE grants SET failures = failures + 1, refresh_due_at = $3 WHERE open_id = $1 AND version = $2",
                args![member, row.version, retry_at],
            )
            .await?;
        self.catalog
            .db()
            .execute(
                "UPDATE members SET reason = $3, reason_detail = $4 WHERE open_id = $1 AND state = 'active'
                    AND EXISTS (SELECT 1 FROM grants g WHERE g.open_id = $1 AND g.version = $2)",
                args![member, row.version, reason.as_str(), detail.as_str()],
            )
            .await?;
        Ok(GrantError::Trouble { reason, detail, retry_at })
    }

    /// Ends a grant, unless a newer pair has come meanwhile.
    async fn end(
        &self,
        member: &OpenId,
        row: &GrantRow,
        state: MemberState,
        reason: Reason,
        detail: Option<&str>,
    ) -> Result<(), GrantError> {
        warn!(%member, %state, %reason, detail, "a grant has ended");
        let now_ms = self.clock.now_ms();
        self.catalog
            .db()
            .execute(
                "UPDATE members SET state = $3, reason = $4, reason_detail = $5, state_at = $6
                 WHERE open_id = $1 AND EXISTS (SELECT 1 FROM grants g WHERE g.open_id = $1 AND g.version = $2)",
                args![member, row.version, state.as_str(), reason.as_str(), detail, now_ms],
            )
            .await?;
        Ok(())
    }
}

const fn reason_of(why: ReauthoriseWhy) -> Reason {
    match why {
        ReauthoriseWhy::NotV2 => Reason::GrantTooOld,
        ReauthoriseWhy::Expired => Reason::GrantExpired,
        ReauthoriseWhy::Revoked => Reason::GrantRevoked,
        ReauthoriseWhy::AlreadyUsed => Reason::GrantUsedElsewhere,
    }
}
