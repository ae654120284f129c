//! `{"start_time","end_time"}` in ISO 8601 with a zone, as both searches take it.

use std::ops::RangeInclusive;

use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TimeRange {
    start_time: String,
    end_time: String,
}

impl TimeRange {
    /// In ms since the epoch, open where nothing is said; empty when the end is before the start.
    pub(crate) fn millis(&self) -> Result<RangeInclusive<i64>, jiff::Error> {
        let ms = |text: &str, open| match text {
            "" => Ok(open),
            text => text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond),
        };
        Ok(ms(&self.start_time, i64::MIN)?..=ms(&self.end_time, i64::MAX)?)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.start_time.is_empty() && self.end_time.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: &str, end: &str) -> TimeRange {
        TimeRange { start_time: start.to_owned(), end_time: end.to_owned() }
    }

    #[test]
    fn needs_a_zone() {
        let good = range("2026-03-21T16:15:30+08:00", "2026-03-21T08:15:31Z").millis().unwrap();
        assert_eq!(good, 1_774_080_930_000..=1_774_080_931_000);
        assert!(range("2026-03-21T16:15:30", "").millis().is_err());
        assert!(range("", "yesterday").millis().is_err());
    }
}
