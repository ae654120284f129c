//! How fast transfers are, from what had come at each of two looks; a little smoothed, so that a number can be read.

use std::collections::BTreeMap;

use archive::fetch::Transfer;
use archive::model::MinuteToken;
use tokio::time::Instant;

/// One reader's view of the speeds.
#[derive(Default)]
pub(super) struct Speeds {
    looked_at: Option<Instant>,
    all: Option<Course>,
    each: BTreeMap<MinuteToken, Course>,
}

#[derive(Clone, Copy)]
struct Course {
    bytes: u64,
    /// Bytes a second; none after one look.
    speed: Option<u64>,
}

impl Course {
    fn on(before: Option<Self>, bytes: u64, ms: u64) -> Self {
        let Some(before) = before.filter(|_| ms > 0) else { return Self { bytes, speed: None } };
        let now = bytes.saturating_sub(before.bytes).saturating_mul(1_000) / ms;
        let speed = before.speed.map_or(now, |speed| speed / 4 * 3 + now / 4);
        Self { bytes, speed: Some(speed) }
    }
}

impl Speeds {
    /// Notes what has come by now.
    pub(super) fn note(&mut self, running: &[(MinuteToken, Transfer)], received: u64, now: Instant) {
        let ms = self.looked_at.map_or(0, |before| now.duration_since(before).as_millis());
        let ms = u64::try_from(ms).unwrap_or(u64::MAX);
        self.looked_at = Some(now);
        self.all = Some(Course::on(self.all, received, ms));
        let course = |(token, transfer): &(MinuteToken, Transfer)| {
            (token.clone(), Course::on(self.each.get(token).copied(), transfer.bytes, ms))
        };
        self.each = running.iter().map(course).collect();
    }

    /// All together, bytes a second.
    pub(super) fn all(&self) -> Option<u64> {
        self.all?.speed
    }

    /// One transfer, bytes a second.
    pub(super) fn of(&self, token: &MinuteToken) -> Option<u64> {
        self.each.get(token)?.speed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use archive::store::Ranges;

    use super::*;

    #[test]
    fn a_speed_needs_two_looks_and_follows_slowly() {
        let token = MinuteToken::parse("obcn37dxcftoc3656rgyejm7").unwrap();
        let at = |bytes| {
            let (title, come) = (String::new(), Ranges::default());
            vec![(token.clone(), Transfer { title, bytes, total: None, connections: 1, come })]
        };
        let (mut speeds, start) = (Speeds::default(), Instant::now());
        speeds.note(&at(500), 500, start);
        assert_eq!((speeds.all(), speeds.of(&token)), (None, None));
        speeds.note(&at(2_500), 4_500, start + Duration::from_secs(2));
        assert_eq!((speeds.all(), speeds.of(&token)), (Some(2_000), Some(1_000)));
        speeds.note(&at(2_500), 4_500, start + Duration::from_secs(3));
        assert_eq!((speeds.all(), speeds.of(&token)), (Some(1_500), Some(750)));
        speeds.note(&[], 4_500, start + Duration::from_secs(4));
        assert_eq!(speeds.of(&token), None, "it is over");
    }
}
