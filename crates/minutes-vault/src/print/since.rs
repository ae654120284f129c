//! `--since`: a day in the zone of the archive, or so many days or weeks ago.

use std::str::FromStr;

use jiff::civil::Date;

use super::Moments;

const DAY_MS: i64 = 86_400_000;
/// A hundred years.
const MOST_DAYS: i64 = 36_525;

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The beginning of a day.
    Day(Date),
    /// So many days ago.
    DaysAgo(i64),
}

impl Since {
    /// As a moment, unix ms.
    pub fn at_ms(self, moments: &Moments) -> i64 {
        match self {
            Self::Day(day) => {
                let midnight = moments.zone.to_timestamp(day.at(0, 0, 0, 0));
                midnight.map_or(0, jiff::Timestamp::as_millisecond)
            }
            Self::DaysAgo(days) => moments.now_ms - days * DAY_MS,
        }
    }
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if let Ok(day) = text.parse::<Date>() {
            return Ok(Self::Day(day));
        }
        let ago = |suffix: char, days: i64| text.strip_suffix(suffix)?.parse::<i64>().ok()?.checked_mul(days);
        ago('d', 1)
            .or_else(|| ago('w', 7))
            .filter(|days| (0..=MOST_DAYS).contains(days))
            .map(Self::DaysAgo)
            .ok_or("a day such as 2026-11-01, or so long ago, such as 30d or 12w")
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_day_begins_in_the_zone_of_the_archive() {
        let moments = Moments { zone: TimeZone::get("Asia/Shanghai").unwrap(), now_ms: 30 * DAY_MS };
        let at = |text: &str| text.parse::<Since>().map(|since| since.at_ms(&moments));
        assert_eq!(at("1970-01-02"), Ok(DAY_MS - 8 * 3_600_000));
        assert_eq!((at("3d"), at("2w")), (Ok(27 * DAY_MS), Ok(16 * DAY_MS)));
        for text in ["", "d", "-1d", "99999w", "2026-13-01", "yesterday"] {
            assert!(at(text).is_err(), "{text}");
        }
    }
}
