//! Refused events in the log: at most one line a second, so that a flood of forgeries fills no disk. The
//! metrics count them all.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use feishu::Refusal;
use tokio::time::Instant;
use tracing::warn;

const BETWEEN_LINES: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Refusals(Mutex<Tally>);

#[derive(Default)]
struct Tally {
    last_line: Option<Instant>,
    unsaid: u64,
}

impl Refusals {
    /// Says that an event was refused, or counts it for the next line.
    pub(super) fn note(&self, refusal: &Refusal) {
        if let Some(unsaid) = self.due(Instant::now()) {
            warn!(%refusal, more_since_last_line = unsaid, "an event was refused");
        }
    }

    /// How many went unsaid, when it is time for a line.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tally.last_line.is_some_and(|last| now.duration_since(last) < BETWEEN_LINES) {
            tally.unsaid += 1;
            return None;
        }
        tally.last_line = Some(now);
        Some(std::mem::take(&mut tally.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_makes_a_line_a_second() {
        let (refusals, start) = (Refusals::default(), Instant::now());
        let at = |ms| refusals.due(start + Duration::from_millis(ms));
        assert_eq!(
            [at(0), at(1), at(999), at(1_000), at(1_500), at(9_000)],
            [Some(0), None, None, Some(2), None, Some(1)]
        );
    }
}
