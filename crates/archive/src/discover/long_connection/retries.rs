//! When to come back: as the platform wants it, and for ever.

use std::time::Duration;

use feishu::{LinkError, LinkSettings};

/// Attempts since the link last lived, and what the platform wants.
#[derive(Debug)]
pub(super) struct Retries {
    settings: LinkSettings,
    calm: Duration,
    attempts: u32,
}

/// How the next attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// The first one after a loss.
    First,
    /// By the platform's settings.
    Usual,
    /// Beyond them, since we never give up: whoever is refused, or was told a number of attempts, must not storm.
    Calm,
}

impl Retries {
    pub(super) fn new(calm: Duration) -> Self {
        Self { settings: LinkSettings::default(), calm, attempts: 0 }
    }

    /// The platform has said how it wants it.
    pub(super) fn heed(&mut self, settings: LinkSettings) {
        self.settings = settings;
    }

    /// Something came over the link. One that only opens and ends is no success, or it would be opened in a storm.
    pub(super) fn alive(&mut self) {
        self.attempts = 0;
    }

    /// Whether the last wait was the first one beyond the platform's number of attempts.
    pub(super) fn has_just_calmed(&self) -> bool {
        self.settings.reconnect_count.is_some_and(|count| self.attempts == count.saturating_add(1))
    }

    /// How long to wait after this error. `part`, from 0 to 1, is the dice's.
    pub(super) fn wait_after(&mut self, error: &LinkError, part: f64) -> (Duration, Pace) {
        let number = self.attempts;
        self.attempts = number.saturating_add(1);
        let LinkSettings { reconnect_count, reconnect_interval, reconnect_nonce, .. } = self.settings;
        let calm = (self.calm.max(reconnect_interval), Pace::Calm);
        match error {
            LinkError::Refused { .. } => (self.calm, Pace::Calm),
            LinkError::Passing { after, .. } => {
                let (wait, pace) = match number {
                    number if reconnect_count.is_some_and(|count| number >= count) => calm,
                    0 => (reconnect_nonce.mul_f64(part.clamp(0.0, 1.0)), Pace::First),
                    _ => (reconnect_interval, Pace::Usual),
                };
                (wait.max(after.unwrap_or_default()), pace)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use feishu::{Detail, LinkRefusal};

    use super::*;

    const CALM: Duration = Duration::from_mins(5);

    fn detail() -> Detail {
        Detail { api: "test", status: None, code: None, message: String::new(), log_id: None }
    }

    fn passing() -> LinkError {
        LinkError::Passing { after: None, detail: detail() }
    }

    fn waits(retries: &mut Retries, count: usize) -> Vec<(u64, Pace)> {
        std::iter::repeat_with(|| retries.wait_after(&passing(), 0.5))
            .map(|(wait, pace)| (wait.as_secs(), pace))
            .take(count)
            .collect()
    }

    #[test]
    fn the_first_wait_is_a_random_part_of_the_nonce_and_then_every_interval_for_ever() {
        let mut retries = Retries::new(CALM);
        let seen = waits(&mut retries, 1_000);
        assert_eq!(seen[0], (15, Pace::First));
        assert!(seen[1..].iter().all(|wait| *wait == (120, Pace::Usual)));
        retries.alive();
        assert_eq!(waits(&mut retries, 1), [(15, Pace::First)]);
    }

    #[test]
    fn after_the_platforms_number_of_attempts_it_goes_on_calmly() {
        let mut retries = Retries::new(CALM);
        retries.heed(LinkSettings { reconnect_count: Some(3), ..LinkSettings::default() });
        let seen = waits(&mut retries, 5);
        assert_eq!(
            seen,
            [(15, Pace::First), (120, Pace::Usual), (120, Pace::Usual), (300, Pace::Calm), (300, Pace::Calm)]
        );
        let mut told_not_to = Retries::new(CALM);
        told_not_to.heed(LinkSettings { reconnect_count: Some(0), ..LinkSettings::default() });
        assert_eq!(waits(&mut told_not_to, 1), [(300, Pace::Calm)]);
    }

    #[test]
    fn a_refusal_waits_calmly_and_a_limit_as_long_as_it_says() {
        let mut retries = Retries::new(CALM);
        let refused = LinkError::Refused { why: LinkRefusal::TooMany, detail: detail() };
        assert_eq!(retries.wait_after(&refused, 0.0), (CALM, Pace::Calm));
        let limited = LinkError::Passing { after: Some(Duration::from_mins(15)), detail: detail() };
        assert_eq!(retries.wait_after(&limited, 0.0).0.as_secs(), 900);
    }
}
