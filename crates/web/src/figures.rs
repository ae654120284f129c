//! Lengths of recordings as players show them, days as forms send them, times as HTTP writes them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `1:02:03` or `2:03`.
pub(crate) fn length(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The first moment of a day as `<input type="date">` sends it, unix ms.
pub(crate) fn day_ms(day: &str, zone: &TimeZone) -> Option<i64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.to_zoned_datetime(zone.clone()).ok()?.timestamp().as_millisecond())
}

/// As HTTP writes times.
pub(crate) fn http_date(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned_datetime(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A time as HTTP writes it, unix ms.
pub(crate) fn from_http_date(text: &str) -> Option<i64> {
    let at = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_exact() {
        assert_eq!([0, 59_999, 60_000, 3_723_000].map(length), ["0:00", "0:59", "1:00", "1:02:03"]);
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(from_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(from_http_date("yesterday"), None);
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(day_ms("2026-11-23", &shanghai), Some(1_795_363_200_000));
        assert_eq!(day_ms("yesterday", &shanghai), None);
    }
}
