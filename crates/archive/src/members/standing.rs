//! How a member's authorisation stands: drawn from what is stored and from what time it is, never stored itself.

use super::Features;
use crate::model::{Member, MemberState, Reason, text_enum};

/// So long after the click refreshing ends. Feishu docs: authen/v2/oauth/token, code 20037.
pub const LONGEST_GRANT_MS: i64 = 365 * 86_400_000;
/// So long before that end it is time to click again.
pub const ENDING_MS: i64 = 14 * 86_400_000;

text_enum! {
    /// How an authorisation stands.
    pub enum Footing {
        /// It works.
        Active = "active",
        /// It still works, and will not for long: renewing has trouble, or less than 14 days are left of the 365.
        Expiring = "expiring",
        /// It is over, or covers less than is needed by now; only the person can mend that.
        MustAuthorise = "must_authorise",
        /// The company's own settings stand in the way: authorising again changes nothing.
        Blocked = "blocked",
        /// The account is gone, frozen or out of the app's reach.
        Departed = "departed",
    }
}

/// One authorisation as it stands at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How.
    pub footing: Footing,
    /// Why it is not simply active.
    pub reason: Option<Reason>,
    /// Scopes that are needed and were not granted.
    pub missing: Vec<&'static str>,
    /// When refreshing ends at the latest, unix ms; none for who has never clicked.
    pub until_ms: Option<i64>,
}

impl Standing {
    /// How this member stands at `now_ms` while the archive fetches these features.
    #[must_use]
    pub fn of(member: &Member, features: Features, now_ms: i64) -> Self {
        let until_ms = member.authorised_at.map(|at| at.saturating_add(LONGEST_GRANT_MS));
        let missing = match member.authorised_at {
            Some(_) => features.missing(member.granted()),
            None => Vec::new(),
        };
        let (footing, reason) = judge(member, &missing, until_ms.map(|until| until - now_ms));
        Self { footing, reason, missing, until_ms }
    }

    /// When an authorisation ends that is of use until then, unix ms.
    #[must_use]
    pub fn ends_at(&self) -> Option<i64> {
        self.until_ms.filter(|_| matches!(self.footing, Footing::Active | Footing::Expiring))
    }
}

fn judge(member: &Member, missing: &[&str], left_ms: Option<i64>) -> (Footing, Option<Reason>) {
    let reason = member.reason();
    match member.state {
        MemberState::Departed => return (Footing::Departed, reason),
        // The app gets nobody a lasting grant, however often they click.
        MemberState::MustAuthorise if reason == Some(Reason::NoRefreshToken) => {
            return (Footing::Blocked, reason);
        }
        MemberState::MustAuthorise => return (Footing::MustAuthorise, reason),
        MemberState::Active => {}
    }
    if reason == Some(Reason::AppMisconfigured) {
        return (Footing::Blocked, reason);
    }
    if member.patrol_reason() == Some(Reason::AppLacksScope) {
        return (Footing::Blocked, Some(Reason::AppLacksScope));
    }
    // The platform ends it then; whether it has been asked since makes no difference.
    if left_ms.is_some_and(|left| left <= 0) {
        return (Footing::MustAuthorise, Some(Reason::GrantExpired));
    }
    if !missing.is_empty() || member.patrol_reason() == Some(Reason::ScopeNotGranted) {
        return (Footing::MustAuthorise, Some(Reason::ScopeNotGranted));
    }
    if reason.is_some() {
        return (Footing::Expiring, reason);
    }
    if left_ms.is_some_and(|left| left < ENDING_MS) {
        return (Footing::Expiring, Some(Reason::GrantEnding));
    }
    (Footing::Active, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURES: Features = Features { transcripts: true, summaries: false };
    const DAY_MS: i64 = 86_400_000;
    const CLICKED_MS: i64 = 1_767_225_600_000;

    fn member(state: MemberState, reason: Option<Reason>) -> Member {
        Member {
            open_id: "ou_a".parse().unwrap(),
            name: "甲".to_owned(),
            state,
            reason: reason.map(|reason| reason.to_string()),
            reason_detail: None,
            reason_at: None,
            state_at: CLICKED_MS,
            authorised_at: Some(CLICKED_MS),
            scopes: FEATURES.user_scopes().join(" "),
            patrolled_to: None,
            patrolled_at: None,
            patrol_error: None,
            patrol_reason: None,
            subscribed_at: None,
            subscription_asked_at: None,
            subscription_reason: None,
            subscription_error: None,
            heard_at: None,
            sweep_until: None,
            language: None,
        }
    }

    fn after(days: i64, member: &Member) -> (Footing, Option<Reason>) {
        let standing = Standing::of(member, FEATURES, CLICKED_MS + days * DAY_MS);
        (standing.footing, standing.reason)
    }

    #[test]
    fn the_365_days_count_from_the_click() {
        let active = member(MemberState::Active, None);
        for (days, footing, reason) in [
            (0, Footing::Active, None),
            (351, Footing::Active, None),
            (352, Footing::Expiring, Some(Reason::GrantEnding)),
            (364, Footing::Expiring, Some(Reason::GrantEnding)),
            (365, Footing::MustAuthorise, Some(Reason::GrantExpired)),
        ] {
            assert_eq!(after(days, &active), (footing, reason), "day {days}");
        }
    }

    #[test]
    fn what_the_company_has_to_change_is_not_the_persons_move() {
        for (state, reason) in [
            (MemberState::Active, Reason::AppMisconfigured),
            (MemberState::MustAuthorise, Reason::NoRefreshToken),
        ] {
            assert_eq!(after(1, &member(state, Some(reason))), (Footing::Blocked, Some(reason)));
        }
        let mut lacking = member(MemberState::Active, None);
        lacking.patrol_reason = Some("app_lacks_scope".to_owned());
        lacking.scopes = "offline_access".to_owned();
        assert_eq!(after(1, &lacking), (Footing::Blocked, Some(Reason::AppLacksScope)));
    }

    #[test]
    fn scopes_that_are_needed_since_are_named() {
        let active = member(MemberState::Active, None);
        let grown = Features { transcripts: true, summaries: true };
        let standing = Standing::of(&active, grown, CLICKED_MS);
        assert_eq!(standing.footing, Footing::MustAuthorise);
        assert_eq!(standing.missing, ["minutes:minutes.artifacts:read"]);
    }

    #[test]
    fn trouble_with_renewing_shows_and_an_end_stays_what_it_was() {
        let trouble = Reason::PlatformTrouble;
        assert_eq!(after(1, &member(MemberState::Active, Some(trouble))), (Footing::Expiring, Some(trouble)));
        let revoked = member(MemberState::MustAuthorise, Some(Reason::GrantRevoked));
        assert_eq!(after(400, &revoked), (Footing::MustAuthorise, Some(Reason::GrantRevoked)));
        let gone = member(MemberState::Departed, Some(Reason::AccountUnavailable));
        assert_eq!(after(1, &gone), (Footing::Departed, Some(Reason::AccountUnavailable)));
    }
}
