//! Growing waits.

use std::time::Duration;

use crate::model::to_ms;

/// Waits that double from `first` to `longest`, with a fifth of jitter so that a thousand tasks that
/// failed together do not come back together.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
}

impl Backoff {
    /// The wait after `attempts` failures (0: the first has just happened), in ms.
    #[must_use]
    pub fn wait_ms(&self, attempts: i64) -> i64 {
        let doublings = u32::try_from(attempts.clamp(0, 30)).unwrap_or(30);
        let wait = self.first.saturating_mul(1_u32 << doublings).min(self.longest);
        let wait_ms = to_ms(wait);
        let jitter = rand::random_range(0..=wait_ms / 5);
        wait_ms - jitter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_stay_there() {
        let backoff = Backoff { first: Duration::from_secs(15), longest: Duration::from_hours(24) };
        for attempts in 0..200 {
            let full = (15_000_i64 << attempts.min(20)).min(86_400_000);
            let wait = backoff.wait_ms(attempts);
            assert!(wait <= full && wait >= full - full / 5 - 1, "attempt {attempts}: {wait} ms");
        }
    }
}
