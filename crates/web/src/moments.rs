//! Moments, unix ms in the catalogue: for people in the zone of the archive, for programs as RFC 3339 with
//! that zone's offset beside the milliseconds.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::words::Words;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// RFC 3339.
const EXACT: &str = "%Y-%m-%dT%H:%M:%S%.3f%:z";

/// Shows moments as seen from `now_ms`.
#[derive(Debug, Clone)]
pub struct Moments {
    /// Where days begin.
    pub zone: TimeZone,
    /// What time it is, unix ms.
    pub now_ms: i64,
}

impl Moments {
    /// To the minute; a dash for never.
    #[must_use]
    pub fn say(&self, at_ms: Option<i64>) -> String {
        self.format(at_ms, "%Y-%m-%d %H:%M").unwrap_or_else(|| "—".to_owned())
    }

    /// The day alone.
    #[must_use]
    pub fn day(&self, at_ms: i64) -> String {
        self.format(Some(at_ms), "%Y-%m-%d").unwrap_or_default()
    }

    /// The day without its year.
    #[must_use]
    pub fn day_of_year(&self, at_ms: i64) -> String {
        self.format(Some(at_ms), "%m-%d").unwrap_or_default()
    }

    /// To the second.
    #[must_use]
    pub fn say_to_the_second(&self, at_ms: i64) -> String {
        self.format(Some(at_ms), "%Y-%m-%d %H:%M:%S").unwrap_or_default()
    }

    /// RFC 3339 to the millisecond; empty for never.
    #[must_use]
    pub fn say_exactly(&self, at_ms: Option<i64>) -> String {
        self.format(at_ms, EXACT).unwrap_or_default()
    }

    /// With how long ago, or how soon, that is.
    #[must_use]
    pub fn say_with_distance(&self, at_ms: Option<i64>, words: Words) -> String {
        match at_ms {
            Some(at_ms) => format!("{} ({})", self.say(Some(at_ms)), self.distance(at_ms, words)),
            None => self.say(None),
        }
    }

    /// Whole days from now on; none left when it is over.
    #[must_use]
    pub fn days_until(&self, at_ms: i64) -> i64 {
        ((at_ms - self.now_ms) / DAY_MS).max(0)
    }

    /// Puts `name` as RFC 3339 and `name_ms` as unix ms into a JSON object; null for never.
    pub fn put(&self, object: &mut Map<String, Value>, name: &str, at_ms: Option<i64>) {
        object.insert(name.to_owned(), self.format(at_ms, EXACT).into());
        object.insert(format!("{name}_ms"), at_ms.into());
    }

    /// How long ago, or how soon, that is.
    #[must_use]
    pub fn distance(&self, at_ms: i64, words: Words) -> String {
        let distance_ms = (self.now_ms - at_ms).abs();
        let (unit, count) = match distance_ms {
            ..MINUTE_MS => return words.say("moment-now"),
            MINUTE_MS..HOUR_MS => ("minutes", distance_ms / MINUTE_MS),
            HOUR_MS..DAY_MS => ("hours", distance_ms / HOUR_MS),
            _ => ("days", distance_ms / DAY_MS),
        };
        let direction = if at_ms <= self.now_ms { "ago" } else { "ahead" };
        words.say_with(&format!("moment-{unit}-{direction}"), &[("count", count.into())])
    }

    fn format(&self, at_ms: Option<i64>, format: &str) -> Option<String> {
        let at = Timestamp::from_millisecond(at_ms?).ok()?;
        Some(at.to_zoned_datetime(self.zone.clone()).strftime(format).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn moments_carry_their_zone() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let moments = Moments { zone, now_ms: 1_750_000_000_000 };
        let mut object = Map::new();
        moments.put(&mut object, "found_at", Some(1_749_999_000_123));
        moments.put(&mut object, "archived_at", None);
        assert_eq!(object["found_at"], "2025-06-15T22:50:00.123+08:00");
        assert_eq!(object["found_at_ms"], 1_749_999_000_123_i64);
        assert!(object["archived_at"].is_null() && object["archived_at_ms"].is_null());
        let chinese = Words::new(Language::Chinese);
        assert_eq!(
            moments.say_with_distance(Some(1_749_999_000_123), chinese),
            "2025-06-15 22:50 (16 分钟前)"
        );
        assert_eq!(moments.say(Some(i64::MAX)), "—", "nonsense in the catalogue is no moment");
        assert_eq!(moments.days_until(1_750_000_000_000 + 3 * DAY_MS + 5), 3);
    }
}
