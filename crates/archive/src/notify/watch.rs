//! What is to be told, drawn from the catalogue again and again. Each look may find what the last one found: a matter
//! that is open is not opened twice.

use jiff::Timestamp;

use super::book::{Telling, WEBHOOK};
use super::{Facts, Herald, Matter};
use crate::catalog::{CatalogError, MemberRow, args};
use crate::members::{Footing, Standing};
use crate::model::{Member, MemberState, Reason};

const DAY_MS: i64 = 86_400_000;
/// Reminders when so many days or fewer are left, the latest first. On the last day it still works.
const STAGES_DAYS: [i64; 3] = [0, 3, 14];
/// Another process may have the pair that this one was told is used: then the grant is back in a moment.
const GRACE_MS: i64 = 60_000;

impl Herald {
    /// Opens what is to be told and ends what is over.
    pub async fn look(&self) -> Result<(), CatalogError> {
        let now_ms = self.clock.now_ms();
        let members = self.catalog.members().await?;
        self.catch_up(&members, now_ms).await?;
        for row in &members {
            let standing = Standing::of(&row.member, self.features, now_ms);
            self.remind(&row.member, &standing, now_ms).await?;
            self.tell_what_is_out_of_reach(row, now_ms).await?;
        }
        if self.settings.company_is_listening() {
            self.look_for_standstills(now_ms).await?;
            self.sum_up(&members, now_ms).await?;
        }
        self.queue.nudge(crate::queue::TaskKind::Notice);
        Ok(())
    }

    async fn remind(&self, member: &Member, standing: &Standing, now_ms: i64) -> Result<(), CatalogError> {
        if standing.footing == Footing::Departed {
            return Ok(());
        }
        if let Some(stage) = stage_of(member, standing, now_ms) {
            let about = format!("{}/{stage}", member.authorised_at.unwrap_or_default());
            let facts = Facts {
                name: Some(member.name.clone()),
                days: Some(standing.until_ms.map_or(0, |until| ((until - now_ms) / DAY_MS).max(0))),
                until: standing.until_ms.and_then(|until| self.day(until)),
                reason: standing.reason,
                ..Facts::default()
            };
            self.drop_earlier_stages(member, &about, now_ms).await?;
            return self.tell_member(member, Matter::Ending, &about, &facts, now_ms).await;
        }
        let Some(about) = ended_by_itself(member, standing, now_ms) else { return Ok(()) };
        let facts = Facts {
            name: Some(member.name.clone()),
            reason: standing.reason,
            scopes: standing.missing.iter().map(ToString::to_string).collect(),
            ..Facts::default()
        };
        self.tell_member(member, Matter::Ended, &about, &facts, now_ms).await
    }

    /// A reminder that was not sent in its time gives way to the next.
    async fn drop_earlier_stages(
        &self,
        member: &Member,
        about: &str,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let unsent: Option<(i64,)> = self
            .catalog
            .db()
            .row(
                "SELECT CAST(1 AS BIGINT) FROM notices WHERE member = $1 AND matter = 'ending' AND about <> $2
                    AND card = 'none' AND over_at IS NULL",
                args![&member.open_id, about],
            )
            .await?;
        if unsent.is_some() {
            self.catalog
                .db()
                .execute(
                    "UPDATE notices SET over_at = $3 WHERE member = $1 AND matter = 'ending' AND about <> $2
                        AND card = 'none' AND over_at IS NULL",
                    args![&member.open_id, about, now_ms],
                )
                .await?;
        }
        Ok(())
    }

    /// To the member, and to the operator's address.
    async fn tell_member(
        &self,
        member: &Member,
        matter: Matter,
        about: &str,
        facts: &Facts,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let webhook =
            self.settings.webhook.as_ref().map(|_| (WEBHOOK, format!("{} {about}", member.open_id)));
        let person = (member.open_id.as_str(), about.to_owned());
        for (receiver, about) in std::iter::once(person).chain(webhook) {
            let telling = Telling { receiver, matter, about: &about, member: Some(&member.open_id), facts };
            self.catalog.open_notice(&telling, now_ms).await?;
        }
        Ok(())
    }

    /// To those who look after the service.
    pub(super) async fn tell_administrators(
        &self,
        matter: Matter,
        about: &str,
        member: Option<&Member>,
        facts: &Facts,
        now_ms: i64,
    ) -> Result<(), CatalogError> {
        let webhook = self.settings.webhook.as_ref().map(|_| WEBHOOK);
        let people = self.settings.administrators.iter().map(feishu::OpenId::as_str);
        for receiver in people.chain(webhook) {
            let member = member.map(|member| &member.open_id);
            let telling = Telling { receiver, matter, about, member, facts };
            self.catalog.open_notice(&telling, now_ms).await?;
        }
        Ok(())
    }

    /// Whoever has left, or has withdrawn what was still needed: what of theirs is missing now.
    async fn tell_what_is_out_of_reach(&self, row: &MemberRow, now_ms: i64) -> Result<(), CatalogError> {
        let member = &row.member;
        let has_left = member.state == MemberState::Departed;
        let has_withdrawn =
            member.state == MemberState::MustAuthorise && member.reason() == Some(Reason::GrantRevoked);
        // While their last token is still tried it is not known what stays out of reach.
        if !(has_left || has_withdrawn) || member.sweep_until.is_some_and(|until| until > now_ms) {
            return Ok(());
        }
        let count = self.catalog.unfetched_of(&member.open_id).await?;
        if count == 0 && !has_left {
            return Ok(());
        }
        let about = format!("{} {}", member.open_id, member.state_at);
        let facts = Facts {
            name: Some(member.name.clone()),
            reason: member.reason(),
            count: Some(count),
            ..Facts::default()
        };
        self.tell_administrators(Matter::Unreachable, &about, Some(member), &facts, now_ms).await
    }

    fn day(&self, at_ms: i64) -> Option<String> {
        let at = Timestamp::from_millisecond(at_ms).ok()?;
        Some(at.to_zoned_datetime(self.settings.zone.clone()).strftime("%Y-%m-%d").to_string())
    }
}

/// Which reminder of the 365 days is due.
fn stage_of(member: &Member, standing: &Standing, now_ms: i64) -> Option<i64> {
    match member.state {
        MemberState::Active => {}
        MemberState::MustAuthorise if member.reason() == Some(Reason::GrantExpired) => return Some(0),
        MemberState::MustAuthorise | MemberState::Departed => return None,
    }
    // Where the company's settings stand in the way, a click would change nothing.
    if standing.footing == Footing::Blocked {
        return None;
    }
    let left_ms = standing.until_ms? - now_ms;
    STAGES_DAYS.into_iter().find(|days| left_ms < (days + i64::from(*days == 0)) * DAY_MS)
}

/// Which end of an authorisation only its person can mend: a name for it, that it is told once.
fn ended_by_itself(member: &Member, standing: &Standing, now_ms: i64) -> Option<String> {
    if standing.footing != Footing::MustAuthorise {
        return None;
    }
    match standing.reason? {
        Reason::ScopeNotGranted => Some(format!("scopes {}", standing.missing.join(" "))),
        Reason::GrantUsedElsewhere if now_ms - member.state_at < GRACE_MS => None,
        Reason::GrantRevoked | Reason::GrantUsedElsewhere | Reason::GrantTooOld => {
            Some(member.state_at.to_string())
        }
        _ => None,
    }
}
