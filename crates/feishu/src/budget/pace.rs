//! How fast one API may be called: a bucket of `burst` calls that fills up again at a steady rate.
//!
//! At most `burst + calls × window / per` calls get through in any window (the generic cell rate algorithm).

use std::time::Duration;

use tokio::time::Instant;

/// A rate and how many calls may come at once after a rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Between two calls in steady work.
    interval: Duration,
    burst: u32,
}

impl Pace {
    /// So many calls `per` time, and so many at once after a rest.
    pub(super) const fn new(calls: u32, per: Duration, burst: u32) -> Self {
        Self { interval: per.checked_div(calls).expect("some calls"), burst }
    }

    /// So many times as fast, with as many times the burst, but never less than one call.
    pub(super) fn times(self, factor: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, and is at least 1"
        )]
        let burst = (f64::from(self.burst) * factor) as u32;
        Self { interval: self.interval.div_f64(factor), burst: burst.max(1) }
    }

    /// Calls in a minute of steady work.
    pub(super) fn a_minute(self) -> f64 {
        Duration::from_mins(1).div_duration_f64(self.interval)
    }

    fn rest(self) -> Duration {
        self.interval * (self.burst - 1)
    }
}

/// A pace and what has been used of it.
#[derive(Debug)]
pub(super) struct Schedule {
    pace: Pace,
    /// When the bucket is full again.
    full_at: Instant,
}

impl Schedule {
    /// With a full bucket.
    pub(super) fn new(pace: Pace, now: Instant) -> Self {
        Self { pace, full_at: now }
    }

    /// From when on the next call may go, if that is still to come.
    pub(super) fn opens_at(&self, now: Instant) -> Option<Instant> {
        // Added on the other side: an instant has no "before the machine started".
        (now + self.pace.rest() < self.full_at).then(|| self.full_at - self.pace.rest())
    }

    /// Counts a call that goes now.
    pub(super) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.pace.interval;
    }

    /// No call before `until`, and then no more than one at a time to begin with.
    pub(super) fn close_until(&mut self, until: Instant) {
        self.full_at = self.full_at.max(until + self.pace.rest());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FIVE_A_SECOND, HUNDRED_A_MINUTE, THOUSAND_A_MINUTE};
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// Calls whenever the pace lets it and returns the most calls seen in any one window.
    fn busiest_window(pace: Pace, window: Duration, idle: impl Iterator<Item = Duration>) -> usize {
        let mut now = Instant::now();
        let mut schedule = Schedule::new(pace, now);
        let (mut busiest, mut calls) = (0, VecDeque::new());
        for idle in idle {
            now += idle;
            while schedule.opens_at(now).is_none() {
                schedule.take(now);
                calls.push_back(now);
            }
            while calls.front().is_some_and(|call| *call + window <= now) {
                calls.pop_front();
            }
            busiest = busiest.max(calls.len());
        }
        busiest
    }

    fn ms(idle_ms: &[u64]) -> impl Iterator<Item = Duration> {
        idle_ms.iter().copied().map(Duration::from_millis)
    }

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_mins(1);
    const PUBLISHED: [(Pace, Duration, u32); 4] = [
        (FIVE_A_SECOND, SECOND, 5),
        (HUNDRED_A_MINUTE, MINUTE, 100),
        (THOUSAND_A_MINUTE, MINUTE, 1_000),
        (THOUSAND_A_MINUTE, SECOND, 50),
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_window_exceeds_the_published_limit(idle in prop::collection::vec(prop_oneof![1_u64..40, 1_u64..900], 600)) {
            for (pace, window, limit) in PUBLISHED {
                prop_assert!(busiest_window(pace, window, ms(&idle)) <= limit as usize);
            }
        }

        #[test]
        fn no_window_exceeds_the_limit_times_the_factor(
            idle in prop::collection::vec(prop_oneof![0_u64..4, 1_u64..900], 600), factor in 0.1_f64..20.0,
        ) {
            for (pace, window, limit) in PUBLISHED {
                let busiest = busiest_window(pace.times(factor), window, ms(&idle));
                let limit = f64::from(limit) * factor;
                // Below one call there is still one.
                prop_assert!(f64::from(u32::try_from(busiest).unwrap()) <= limit.max(1.0).ceil(), "{busiest} of {limit}");
            }
        }

        #[test]
        fn whoever_calls_only_when_it_opens_never_finds_it_shut(gaps_ms in prop::collection::vec(0_u64..2_000, 200)) {
            let mut now = Instant::now();
            let mut schedule = Schedule::new(HUNDRED_A_MINUTE, now);
            for gap in ms(&gaps_ms) {
                now = schedule.opens_at(now + gap).unwrap_or(now + gap);
                prop_assert_eq!(schedule.opens_at(now), None);
                schedule.take(now);
            }
        }
    }

    #[test]
    fn a_greedy_caller_gets_most_of_what_is_published() {
        let greedy = vec![10; 12_000];
        assert!(busiest_window(HUNDRED_A_MINUTE, MINUTE, ms(&greedy)) >= 90);
        assert!(busiest_window(FIVE_A_SECOND, SECOND, ms(&greedy)) >= 4);
        assert!(busiest_window(FIVE_A_SECOND.times(1_000.0), SECOND, ms(&greedy)) >= 4_000);
        assert!(busiest_window(HUNDRED_A_MINUTE.times(0.5), MINUTE, ms(&greedy)) >= 45);
    }

    #[test]
    fn a_minute_of_steady_work_is_what_was_asked_for() {
        assert!((HUNDRED_A_MINUTE.a_minute() - 88.0).abs() < 1e-3);
        assert!((HUNDRED_A_MINUTE.times(0.5).a_minute() - 44.0).abs() < 1e-3);
    }

    #[test]
    fn after_a_pause_calls_come_one_by_one() {
        let start = Instant::now();
        let mut schedule = Schedule::new(HUNDRED_A_MINUTE, start);
        schedule.close_until(start + MINUTE);
        assert_eq!(schedule.opens_at(start), Some(start + MINUTE));
        let opened = start + MINUTE;
        assert_eq!(schedule.opens_at(opened), None);
        schedule.take(opened);
        assert_eq!(schedule.opens_at(opened), Some(opened + HUNDRED_A_MINUTE.interval));
        schedule.close_until(start);
        assert_eq!(schedule.opens_at(opened), Some(opened + HUNDRED_A_MINUTE.interval), "never sooner");
    }
}
