//! Hours in which nobody is disturbed.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// From a time of day to another, over midnight when the second is the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// The first quiet moment.
    pub from: Time,
    /// The first moment that is not.
    pub to: Time,
}

impl QuietHours {
    /// When these hours end, unix ms, if `now_ms` lies in them; days are those of `zone`.
    #[must_use]
    pub fn end(&self, now_ms: i64, zone: &TimeZone) -> Option<i64> {
        let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned_datetime(zone.clone());
        let time = now.time();
        let over_midnight = self.from > self.to;
        let is_quiet = if over_midnight {
            time >= self.from || time < self.to
        } else {
            time >= self.from && time < self.to
        };
        if !is_quiet {
            return None;
        }
        let day = if over_midnight && time >= self.from {
            now.date().checked_add(1.day()).ok()?
        } else {
            now.date()
        };
        let end = day.to_datetime(self.to).to_zoned_datetime(zone.clone()).ok()?;
        // A day may have an hour twice: never before now.
        Some(end.timestamp().as_millisecond().max(now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn hours(from: (i8, i8), to: (i8, i8)) -> QuietHours {
        QuietHours { from: Time::constant(from.0, from.1, 0, 0), to: Time::constant(to.0, to.1, 0, 0) }
    }

    #[test]
    fn the_night_ends_in_the_morning_of_the_zone() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let night = hours((20, 0), (9, 0));
        for (now, end) in [
            ("2026-11-23T11:59:59Z", None),
            ("2026-11-23T12:00:00Z", Some("2026-11-24T01:00:00Z")),
            ("2026-11-23T17:00:00Z", Some("2026-11-24T01:00:00Z")),
            ("2026-11-24T00:59:59Z", Some("2026-11-24T01:00:00Z")),
            ("2026-11-24T01:00:00Z", None),
        ] {
            assert_eq!(night.end(at(now), &zone), end.map(at), "{now}");
        }
        let noon = hours((12, 0), (13, 30));
        assert_eq!(noon.end(at("2026-11-23T04:10:00Z"), &zone), Some(at("2026-11-23T05:30:00Z")));
        assert_eq!(noon.end(at("2026-11-23T12:10:00Z"), &zone), None);
    }
}
