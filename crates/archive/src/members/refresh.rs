//! Renewing a grant. The platform's refresh token is single-use and the old one dies at once, so: one
//! hand per member, never cut off in the middle, and the new pair on disk before anybody sees it. The exchange
//! itself is the [`courier`](super::courier)'s; here is what becomes of its outcome.

use std::time::Duration;

use tokio::time::sleep;
use tracing::{error, info, warn};

use super::courier::{OpenError, Renewal, Renewed, Report};
use super::grants::{Access, GrantError, GrantRow, Grants, sweep};
use super::refusal::{OPERATOR_WAIT_MS, Refusal, Verdict};
use super::seal::Place;
use crate::catalog::{CatalogError, args};
use crate::model::{MemberState, OpenId, Reason};
use crate::queue::Backoff;

const TROUBLE: Backoff = Backoff { first: Duration::from_secs(5), longest: Duration::from_mins(10) };
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
        // Whoever else found the token dead has just tried: a second attempt now would only lengthen the wait.
        if let Some(trouble) = row.is_put_off(self.clock.now_ms()) {
            return Err(trouble);
        }
        if row.is_swept(self.clock.now_ms()) {
            // The last token of somebody who has left does not work either: there is no other.
            let sql = "UPDATE members SET sweep_until = NULL WHERE open_id = $1 AND state <> 'active'";
            self.catalog.db().execute(sql, args![member]).await?;
            return Err(GrantError::MustAuthorise { reason: Reason::AccountUnavailable });
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
        let renewal = Renewal { open_id: member.clone(), version: row.version };
        let report = self.courier.renew(&renewal, &refresh_token).await;
        let refusal = match self.take_in(&renewal).await {
            Ok(true) => {
                metrics::counter!("vault_grant_refreshes_total", "outcome" => "ok").increment(1);
                let stored = self.usable_row(member).await?;
                return self.open_access(member, &stored);
            }
            Ok(false) => match report {
                Report::Refused(refusal) => refusal,
                Report::Kept => Refusal::interrupted("the new pair is not where it was put".to_owned()),
            },
            Err(error) => Refusal::interrupted(error.to_string()),
        };
        self.refused(member, &row, refusal).await
    }

    /// Takes the pair that a renewal brought into the catalogue; false when there is none, or of no use.
    async fn take_in(&self, renewal: &Renewal) -> Result<bool, OpenError> {
        let member = &renewal.open_id;
        match self.courier.outcome(renewal).await {
            Ok(Some(renewed)) => self.store_whatever_it_takes(member, renewal.version, &renewed).await,
            Ok(None) => return Ok(false),
            Err(OpenError::Damaged) => {
                error!(%member, "a new pair was damaged on disk, or the key was changed; it is lost");
                self.forget(renewal).await;
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        self.forget(renewal).await;
        Ok(true)
    }

    async fn forget(&self, renewal: &Renewal) {
        // What stays is taken in again, which changes nothing.
        if let Err(error) = self.courier.forget(renewal).await {
            warn!(member = %renewal.open_id, %error, "an outcome that is in the catalogue could not be removed");
        }
    }

    /// Takes in what was renewed for a process that did not live to see it.
    pub(super) async fn take_in_what_waits(&self) {
        let waiting = match self.courier.waiting().await {
            Ok(waiting) => waiting,
            Err(error) => return warn!(%error, "cannot look for grants that were renewed before a crash"),
        };
        for renewal in waiting {
            // Whoever has a hand on this grant just now takes the outcome in.
            let hand = self.hand(&renewal.open_id);
            let Ok(_one_at_a_time) = hand.try_lock() else { continue };
            match self.take_in(&renewal).await {
                Ok(true) => {
                    info!(member = %renewal.open_id, "took in a grant that was renewed before a crash");
                }
                Ok(false) => {}
                Err(error) => warn!(member = %renewal.open_id, %error, "a renewed grant cannot be read yet"),
            }
        }
    }

    /// The pair in hand is the only one that works: a busy catalogue or a full disk only delays it.
    async fn store_whatever_it_takes(&self, member: &OpenId, old: i64, renewed: &Renewed) {
        let mut attempts = 0;
        loop {
            match self.store_renewed(member, old, renewed).await {
                Ok(true) => return,
                Ok(false) => {
                    info!(%member, "a newer grant is stored already; keeping that one");
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

    /// What a renewal without a new pair means for the member.
    async fn refused(&self, member: &OpenId, row: &GrantRow, refusal: Refusal) -> Result<Access, GrantError> {
        let Refusal { reason, detail, verdict } = refusal;
        match verdict {
            Verdict::Stays(wait_ms) => {
                let wait_ms = wait_ms.unwrap_or_else(|| TROUBLE.wait_ms(row.failures));
                Err(self.put_off(member, row, reason, detail, wait_ms).await?)
            }
            Verdict::Ends(state) => {
                // Another process may have used this very token a moment ago: then its pair is the good one.
                let present = self.usable_row(member).await?;
                if present.version > row.version {
                    return self.open_access(member, &present);
                }
                metrics::counter!("vault_grant_refreshes_total", "outcome" => reason.as_str()).increment(1);
                self.end(member, row, state, reason, Some(&detail)).await?;
                Err(GrantError::MustAuthorise { reason })
            }
        }
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
                "UPDATE members SET reason_at = CASE WHEN reason = $3 THEN reason_at ELSE $5 END, reason = $3,
                    reason_detail = $4
                 WHERE open_id = $1 AND state = 'active'
                    AND EXISTS (SELECT 1 FROM grants g WHERE g.open_id = $1 AND g.version = $2)",
                args![member, row.version, reason.as_str(), detail.as_str(), self.clock.now_ms()],
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
        let mut tx = self.catalog.db().begin().await?;
        let has_ended = tx
            .execute(
                "UPDATE members SET state = $3, reason = $4, reason_detail = $5, reason_at = $6, state_at = $6
                 WHERE open_id = $1 AND EXISTS (SELECT 1 FROM grants g WHERE g.open_id = $1 AND g.version = $2)",
                args![member, row.version, state.as_str(), reason.as_str(), detail, now_ms],
            )
            .await?
            > 0;
        if has_ended && state == MemberState::Departed {
            sweep(&mut tx, member, now_ms).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
