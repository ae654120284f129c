//! The stand-in's own clock: it runs with the runtime's time and can be moved ahead by control calls, so that
//! a token's seven days or a grant's 365 pass in one call. Where the runtime's time is paused, so is this.

use std::sync::atomic::{AtomicI64, Ordering};

use tokio::time::Instant;

/// Milliseconds since the Unix epoch.
pub(crate) type Ms = i64;

pub(crate) const SECOND: Ms = 1_000;
pub(crate) const MINUTE: Ms = 60 * SECOND;
pub(crate) const HOUR: Ms = 60 * MINUTE;
pub(crate) const DAY: Ms = 24 * HOUR;

#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    /// What it showed then, and all that it has been moved since.
    from_ms: AtomicI64,
}

impl Clock {
    /// A clock that shows `now_ms` at this moment, or real time when none is given.
    pub(crate) fn starting_at(now_ms: Option<Ms>) -> Self {
        let now_ms = now_ms.unwrap_or_else(|| jiff::Timestamp::now().as_millisecond());
        Self { started: Instant::now(), from_ms: AtomicI64::new(now_ms) }
    }

    pub(crate) fn now(&self) -> Ms {
        let elapsed_ms = Ms::try_from(self.started.elapsed().as_millis()).unwrap_or(Ms::MAX);
        self.from_ms.load(Ordering::SeqCst).saturating_add(elapsed_ms)
    }

    pub(crate) fn advance(&self, by_ms: Ms) {
        self.from_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

/// The instant `ms` as the platform writes it in `meeting_list`: `2022.12.23 11:16:59 (GMT+08:00)`.
///
/// Feishu docs: vc-v1/meeting_list/get.
pub(crate) fn beijing_text(ms: Ms) -> String {
    let instant = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    let beijing = instant.to_zoned_datetime(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    beijing.strftime("%Y.%m.%d %H:%M:%S (GMT%:z)").to_string()
}

/// The instant `ms` as HTTP writes it (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(ms: Ms) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_ahead_and_keeps_running() {
        let clock = Clock::starting_at(Some(1_700_000_000_000));
        clock.advance(365 * DAY);
        let late = clock.now() - 1_700_000_000_000;
        assert!((365 * DAY..366 * DAY).contains(&late));
    }

    #[test]
    fn writes_http_dates() {
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn writes_meeting_times_in_beijing_time() {
        assert_eq!(beijing_text(1_671_765_419_000), "2022.12.23 11:16:59 (GMT+08:00)");
    }
}
