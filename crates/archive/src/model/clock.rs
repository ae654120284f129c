//! Time is passed in, so that tests can turn it. Times are unix milliseconds, UTC.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A length of time in the unit in which times are stored; a length that does not fit counts as "ages".
pub(crate) fn to_ms(duration: Duration) -> i64 {
    // A quarter, so that adding it to a time does not overflow.
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// Where the archive asks what time it is.
pub trait Clock: Send + Sync + 'static {
    /// Unix time in milliseconds.
    fn now_ms(&self) -> i64;
}

/// The machine's clock. It may jump; whatever is stored must survive that.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now_ms(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        to_ms(since_epoch)
    }
}

/// A clock that stands until it is turned.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now_ms`.
    #[must_use]
    pub fn at(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Turns the clock by `ms`, back when negative.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
