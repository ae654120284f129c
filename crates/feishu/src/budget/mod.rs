//! Each API's published rate limit, kept on our side, so that steady work never makes the platform say 429.
//!
//! One [`Turnstile`] for each API: all clones of a client wait there, the most urgent first. Where the platform
//! says 429 all the same (another tool uses the same app), that API is left alone until the moment it names.
//! The limits are per app and tenant; a second process with the same app knows nothing of our budgets.
//! Feishu docs: frequency control.

mod pace;
mod turnstile;

use std::time::Duration;

use self::pace::Pace;
use self::turnstile::Turnstile;

/// Who is waiting: while several callers wait for one API, the first of these goes first.
///
/// Nobody waits for ever: every eighth turn of an API goes to whoever has waited longest, whatever their class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody looks on: a click, a command; and whatever others' work hangs on, such as renewing a grant.
    Person,
    /// The platform has just told us of something.
    Event,
    /// The periodic look (巡检).
    Patrol,
    /// History, which can wait.
    Backfill,
}

/// Published 5/s: one at a time, four a second.
const FIVE_A_SECOND: Pace = Pace::new(4, Duration::from_secs(1), 1);
/// Published 100/min: a handful of pages at once, then about 1.5 a second. Four fewer than published, so that
/// calls which a slow line bunches together still fit.
const HUNDRED_A_MINUTE: Pace = Pace::new(88, Duration::from_mins(1), 8);
/// Published 1000/min and 50/s.
const THOUSAND_A_MINUTE: Pace = Pace::new(950, Duration::from_mins(1), 20);

/// The APIs that this client calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    OauthToken,
    OauthTokenV1,
    TenantToken,
    AppToken,
    UserInfo,
    Minute,
    MinuteMedia,
    Transcript,
    Artifacts,
    SearchMinutes,
    Subscription,
    MeetingRecording,
    LongConnection,
    MeetingList,
    SendMessage,
    UpdateMessage,
    DepartmentMembers,
}

impl Api {
    const ALL: [Self; 17] = [
        Self::OauthToken,
        Self::OauthTokenV1,
        Self::TenantToken,
        Self::AppToken,
        Self::UserInfo,
        Self::Minute,
        Self::MinuteMedia,
        Self::Transcript,
        Self::Artifacts,
        Self::SearchMinutes,
        Self::Subscription,
        Self::MeetingRecording,
        Self::LongConnection,
        Self::MeetingList,
        Self::SendMessage,
        Self::UpdateMessage,
        Self::DepartmentMembers,
    ];

    /// The API in the platform's notation.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OauthToken => "POST authen/v2/oauth/token",
            Self::OauthTokenV1 => "POST authen/v1/refresh_access_token",
            Self::TenantToken => "POST auth/v3/tenant_access_token/internal",
            Self::AppToken => "POST auth/v3/app_access_token/internal",
            Self::UserInfo => "GET authen/v1/user_info",
            Self::Minute => "GET minutes/:token",
            Self::MinuteMedia => "GET minutes/:token/media",
            Self::Transcript => "GET minutes/:token/transcript",
            Self::Artifacts => "GET minutes/:token/artifacts",
            Self::SearchMinutes => "POST minutes/search",
            Self::Subscription => "POST minutes/subscription",
            Self::MeetingRecording => "GET meetings/:id/recording",
            Self::LongConnection => "POST callback/ws/endpoint",
            Self::MeetingList => "GET meeting_list",
            Self::SendMessage => "POST im/v1/messages",
            Self::UpdateMessage => "PATCH im/v1/messages/:id",
            Self::DepartmentMembers => "GET contact/v3/users/find_by_department",
        }
    }

    fn pace(self) -> Pace {
        match self {
            Self::Minute | Self::MinuteMedia | Self::Transcript | Self::Artifacts => FIVE_A_SECOND,
            Self::SearchMinutes | Self::MeetingList => HUNDRED_A_MINUTE,
            Self::OauthToken
            | Self::OauthTokenV1
            | Self::TenantToken
            | Self::AppToken
            | Self::UserInfo
            | Self::Subscription
            | Self::MeetingRecording
            // Nothing is published; it is called once in minutes.
            | Self::LongConnection
            | Self::SendMessage
            | Self::UpdateMessage
            | Self::DepartmentMembers => THOUSAND_A_MINUTE,
        }
    }
}

/// How many searches for minutes a client of this `rate_factor` makes in a minute of steady work at most.
#[must_use]
pub fn searches_a_minute(rate_factor: f64) -> f64 {
    Api::SearchMinutes.pace().times(rate_factor).a_minute()
}

/// One budget for each API.
pub(crate) struct Budgets {
    turnstiles: Vec<Turnstile>,
    rate_factor: f64,
}

impl Budgets {
    /// Budgets of `rate_factor` times what is published.
    pub(crate) fn new(rate_factor: f64) -> Self {
        let turnstile = |api: &Api| Turnstile::new(api.pace().times(rate_factor));
        Self { turnstiles: Api::ALL.iter().map(turnstile).collect(), rate_factor }
    }

    /// Of what is published, as much as this is ours.
    pub(crate) fn rate_factor(&self) -> f64 {
        self.rate_factor
    }

    /// Waits until this API may be called once more. An error where the platform wants it left alone for longer
    /// than anybody should stand and wait: how long.
    pub(crate) async fn turn(&self, api: Api, priority: Priority) -> Result<(), Duration> {
        self.turnstiles[api as usize].turn(priority).await
    }

    /// Nobody calls this API for so long: the platform said so.
    pub(crate) fn pause(&self, api: Api, wait: Duration) {
        self.turnstiles[api as usize].pause(wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_has_its_own_budget_at_its_own_place() {
        for (place, api) in Api::ALL.iter().enumerate() {
            assert_eq!(*api as usize, place);
        }
    }
}
