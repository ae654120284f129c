//! Each API's published rate limit, kept on our side, so that steady work never makes the platform say 429.
//!
//! A budget lets at most `burst + rate × window` requests through in any window; the numbers below keep that
//! sum under the published limit with some air for a second tool that uses the same app. The limits are per
//! app and tenant, and so are the budgets: clones of a client share them. Feishu docs: frequency control.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Published 5/s: one at a time, four a second.
const FIVE_A_SECOND: Quota = Quota::per_second(count(4)).allow_burst(count(1));
/// Published 100/min: a handful of pages at once, then 1.5 a second.
const HUNDRED_A_MINUTE: Quota = Quota::per_minute(count(90)).allow_burst(count(10));
/// Published 1000/min and 50/s.
const THOUSAND_A_MINUTE: Quota = Quota::per_minute(count(950)).allow_burst(count(20));

const fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

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
}

impl Api {
    const ALL: [Self; 12] = [
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
        }
    }

    fn quota(self) -> Quota {
        match self {
            Self::Minute | Self::MinuteMedia | Self::Transcript | Self::Artifacts => FIVE_A_SECOND,
            Self::SearchMinutes => HUNDRED_A_MINUTE,
            Self::OauthToken
            | Self::OauthTokenV1
            | Self::TenantToken
            | Self::AppToken
            | Self::UserInfo
            | Self::Subscription
            | Self::MeetingRecording => THOUSAND_A_MINUTE,
        }
    }
}

/// One budget for each API.
pub(crate) struct Budgets(Vec<DefaultDirectRateLimiter>);

impl Budgets {
    pub(crate) fn new() -> Self {
        Self(Api::ALL.iter().map(|api| RateLimiter::direct(api.quota())).collect())
    }

    /// Waits until this API may be called once more.
    pub(crate) async fn turn(&self, api: Api) {
        self.0[api as usize].until_ready().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::time::Duration;

    /// Calls whenever the budget lets it and returns the most calls seen in any one window.
    fn busiest_window(quota: Quota, window_ms: u64, idle_ms: &[u64]) -> usize {
        let clock = FakeRelativeClock::default();
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        let (mut now, mut busiest, mut calls) = (0_u64, 0, VecDeque::new());
        for idle in idle_ms {
            clock.advance(Duration::from_millis(*idle));
            now += idle;
            while limiter.check().is_ok() {
                calls.push_back(now);
            }
            while calls.front().is_some_and(|call| call + window_ms <= now) {
                calls.pop_front();
            }
            busiest = busiest.max(calls.len());
        }
        busiest
    }

    #[test]
    fn every_api_has_its_own_budget_at_its_own_place() {
        for (place, api) in Api::ALL.iter().enumerate() {
            assert_eq!(*api as usize, place);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_window_exceeds_the_published_limit(idle in prop::collection::vec(prop_oneof![1_u64..40, 1_u64..900], 600)) {
            prop_assert!(busiest_window(FIVE_A_SECOND, 1_000, &idle) <= 5);
            prop_assert!(busiest_window(HUNDRED_A_MINUTE, 60_000, &idle) <= 100);
            prop_assert!(busiest_window(THOUSAND_A_MINUTE, 60_000, &idle) <= 1_000);
            prop_assert!(busiest_window(THOUSAND_A_MINUTE, 1_000, &idle) <= 50);
        }
    }

    #[test]
    fn a_greedy_caller_gets_most_of_what_is_published() {
        let greedy = vec![10; 12_000];
        assert!(busiest_window(HUNDRED_A_MINUTE, 60_000, &greedy) >= 90);
        assert!(busiest_window(FIVE_A_SECOND, 1_000, &greedy) >= 4);
    }
}
