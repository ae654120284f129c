//! The published rate limits, per API × app × tenant (here: one app, one tenant).
//!
//! Feishu docs: api-call-guide/frequency-control. Over the limit: HTTP 429, or 400 on older APIs, code
//! 99991400, and the headers `x-ogw-ratelimit-limit` and `x-ogw-ratelimit-reset` (seconds to wait).

use std::collections::{HashMap, VecDeque};

use crate::clock::{MINUTE, Ms, SECOND};

/// At most `calls` within any `window_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Limit {
    pub(crate) calls: usize,
    pub(crate) window_ms: Ms,
}

pub(crate) const PER_SECOND_5: &[Limit] = &[Limit { calls: 5, window_ms: SECOND }];
pub(crate) const PER_MINUTE_100: &[Limit] = &[Limit { calls: 100, window_ms: MINUTE }];
pub(crate) const PER_MINUTE_1000: &[Limit] =
    &[Limit { calls: 50, window_ms: SECOND }, Limit { calls: 1_000, window_ms: MINUTE }];

/// What to tell a caller who is over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OverLimit {
    pub(crate) calls: usize,
    pub(crate) reset_seconds: i64,
}

/// When which API was called lately.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    recent: HashMap<(String, Limit), VecDeque<Ms>>,
}

impl Limiter {
    /// Counts a call at `now` under `key`, unless one of `limits` is used up. A refused call does not count.
    pub(crate) fn admit(&mut self, key: &str, limits: &[Limit], now: Ms) -> Result<(), OverLimit> {
        for &limit in limits {
            let recent = self.recent.entry((key.to_owned(), limit)).or_default();
            while recent.front().is_some_and(|&at| at + limit.window_ms <= now) {
                recent.pop_front();
            }
            if let Some(&oldest) = recent.front().filter(|_| recent.len() >= limit.calls) {
                let wait_ms = oldest + limit.window_ms - now;
                return Err(OverLimit {
                    calls: limit.calls,
                    reset_seconds: (wait_ms + SECOND - 1).div_euclid(SECOND).max(1),
                });
            }
        }
        for &limit in limits {
            self.recent.entry((key.to_owned(), limit)).or_default().push_back(now);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_call_of_a_second_waits_for_the_first_to_age() {
        let mut limiter = Limiter::default();
        for at in 0..5 {
            assert_eq!(limiter.admit("api", PER_SECOND_5, at * 100), Ok(()));
        }
        let refused = limiter.admit("api", PER_SECOND_5, 500).unwrap_err();
        assert_eq!(refused, OverLimit { calls: 5, reset_seconds: 1 });
        assert_eq!(limiter.admit("other api", PER_SECOND_5, 500), Ok(()));
        assert_eq!(limiter.admit("api", PER_SECOND_5, 1_000), Ok(()));
    }

    #[test]
    fn the_minute_limit_counts_beside_the_second_limit() {
        let mut limiter = Limiter::default();
        for at in 0..1_000 {
            assert_eq!(limiter.admit("api", PER_MINUTE_1000, at * 25), Ok(()), "call {at}");
        }
        let refused = limiter.admit("api", PER_MINUTE_1000, 25_000).unwrap_err();
        assert_eq!(refused, OverLimit { calls: 1_000, reset_seconds: 35 });
    }
}
