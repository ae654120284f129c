//! How fast media may come in, by the clock on the wall: all transfers together keep below it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::model::Clock;

/// A pause in which nobody fetched anything is not made up for by more than this.
const LONGEST_BURST: Duration = Duration::from_millis(100);

/// When which limit holds. The first hours that fit count; else the limit of all other times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bandwidth {
    /// Bytes a second outside all hours; `None`: no limit.
    pub otherwise: Option<u64>,
    /// Hours with a limit of their own.
    pub hours: Vec<Hours>,
}

/// Some hours of some days; over midnight when they end before they begin, and then of the day on which they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// On which days.
    pub days: Vec<Weekday>,
    /// From then on.
    pub from: Time,
    /// Up to then.
    pub to: Time,
    /// Bytes a second; `None`: no limit.
    pub limit: Option<u64>,
}

impl Bandwidth {
    /// The limit at this moment, in bytes a second.
    #[must_use]
    pub fn at(&self, now_ms: i64, zone: &TimeZone) -> Option<u64> {
        if self.hours.is_empty() {
            return self.otherwise;
        }
        let Ok(now) = Timestamp::from_millisecond(now_ms) else { return self.otherwise };
        let now = now.to_zoned_datetime(zone.clone());
        let (day, time) = (now.weekday(), now.time());
        self.hours.iter().find(|hours| hours.cover(day, time)).map_or(self.otherwise, |hours| hours.limit)
    }
}

impl Hours {
    fn cover(&self, day: Weekday, time: Time) -> bool {
        if self.from < self.to {
            return self.days.contains(&day) && (self.from..self.to).contains(&time);
        }
        (self.days.contains(&day) && time >= self.from)
            || (self.days.contains(&day.previous()) && time < self.to)
    }
}

/// Lets bytes through at the permitted rate. Cheap to clone; clones share the rate.
#[derive(Clone)]
pub(super) struct Throttle {
    bandwidth: Arc<Bandwidth>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    /// When the bytes that were let through so far are paid for. Whoever waits for it waits in turn.
    paid_at: Arc<Mutex<Option<Instant>>>,
}

impl Throttle {
    pub(super) fn new(bandwidth: Bandwidth, clock: Arc<dyn Clock>, zone: TimeZone) -> Self {
        Self { bandwidth: Arc::new(bandwidth), clock, zone, paid_at: Arc::default() }
    }

    /// Waits until so many bytes may have come.
    pub(super) async fn pay(&self, bytes: u64) {
        let Some(limit) = self.bandwidth.at(self.clock.now_ms(), &self.zone) else { return };
        let mut paid_at = self.paid_at.lock().await;
        let now = Instant::now();
        let earliest = now.checked_sub(LONGEST_BURST).unwrap_or(now);
        let price = Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / limit.max(1));
        let until = paid_at.unwrap_or(now).max(earliest) + price;
        *paid_at = Some(until);
        tokio::time::sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: [Weekday; 2] = [Weekday::Monday, Weekday::Friday];

    fn at(bandwidth: &Bandwidth, date_time: &str) -> Option<u64> {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let now: jiff::civil::DateTime = date_time.parse().unwrap();
        bandwidth.at(zone.to_timestamp(now).unwrap().as_millisecond(), &zone)
    }

    fn hours(from: Time, to: Time, limit: u64) -> Hours {
        Hours { days: OFFICE.to_vec(), from, to, limit: Some(limit) }
    }

    #[test]
    fn the_first_hours_that_fit_count() {
        let noon = hours(Time::constant(12, 0, 0, 0), Time::constant(13, 0, 0, 0), 50);
        let office = hours(Time::constant(9, 0, 0, 0), Time::constant(18, 0, 0, 0), 20);
        let bandwidth = Bandwidth { otherwise: None, hours: vec![noon, office] };
        assert_eq!(at(&bandwidth, "2026-11-23T08:59:59"), None, "a Monday");
        assert_eq!(at(&bandwidth, "2026-11-23T09:00:00"), Some(20));
        assert_eq!(at(&bandwidth, "2026-11-23T12:30:00"), Some(50));
        assert_eq!(at(&bandwidth, "2026-11-23T18:00:00"), None);
        assert_eq!(at(&bandwidth, "2026-11-24T12:30:00"), None, "a Tuesday");
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
        let night = hours(Time::constant(22, 0, 0, 0), Time::constant(6, 0, 0, 0), 5);
        let bandwidth = Bandwidth { otherwise: Some(9), hours: vec![night] };
        assert_eq!(at(&bandwidth, "2026-11-23T23:00:00"), Some(5));
        assert_eq!(at(&bandwidth, "2026-11-24T05:59:00"), Some(5));
        assert_eq!(at(&bandwidth, "2026-11-24T06:00:00"), Some(9));
        assert_eq!(at(&bandwidth, "2026-11-23T05:00:00"), Some(9), "Sunday's night is none");
    }

    #[tokio::test(start_paused = true)]
    async fn all_together_keep_below_the_limit() {
        let clock = Arc::new(crate::model::SystemClock);
        let bandwidth = Bandwidth { otherwise: Some(1_000_000), hours: Vec::new() };
        let throttle = Throttle::new(bandwidth, clock, TimeZone::UTC);
        let start = Instant::now();
        let fetch = || async {
            for _ in 0..50 {
                throttle.pay(20_000).await;
            }
        };
        tokio::join!(fetch(), fetch(), fetch());
        let took = start.elapsed().as_secs_f64();
        assert!((2.8..3.2).contains(&took), "3 MB took {took} s");
    }
}
