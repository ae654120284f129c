//! How the platform wants its connections kept: `ClientConfig`, in seconds.

use std::time::Duration;

use serde_json::Value;

use crate::lenient;

/// What the platform sends is believed within these bounds: neither a storm of calls nor silence for days.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(1);

/// When to ping, and when to come back after a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkSettings {
    /// How often to come back every `reconnect_interval`; `None`: for ever.
    pub reconnect_count: Option<u32>,
    /// Between two attempts to come back.
    pub reconnect_interval: Duration,
    /// The first attempt waits a random part of this, so that not everybody comes back at once.
    pub reconnect_nonce: Duration,
    /// Between two pings.
    pub ping_interval: Duration,
}

/// What the platform sends, as long as it has sent nothing.
impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            reconnect_count: None,
            reconnect_interval: Duration::from_mins(2),
            reconnect_nonce: Duration::from_secs(30),
            ping_interval: Duration::from_mins(2),
        }
    }
}

impl LinkSettings {
    /// With what a `ClientConfig` says; what it leaves out, or says senselessly, stays as it is.
    #[must_use]
    pub(super) fn changed_by(self, config: &Value) -> Self {
        let seconds = |key| lenient::integer(config, key).and_then(|seconds| u64::try_from(seconds).ok());
        let interval = |key, before| {
            let said = seconds(key).filter(|seconds| *seconds > 0).map(Duration::from_secs);
            said.map_or(before, |said| said.clamp(SHORTEST, LONGEST))
        };
        Self {
            reconnect_count: match lenient::integer(config, "ReconnectCount") {
                Some(count) => u32::try_from(count).ok(),
                None => self.reconnect_count,
            },
            reconnect_interval: interval("ReconnectInterval", self.reconnect_interval),
            reconnect_nonce: seconds("ReconnectNonce")
                .map_or(self.reconnect_nonce, |nonce| Duration::from_secs(nonce).min(LONGEST)),
            ping_interval: interval("PingInterval", self.ping_interval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_the_platform_says_counts_and_nonsense_does_not() {
        let before = LinkSettings::default();
        let said =
            json!({"ReconnectCount": 180, "ReconnectInterval": "7", "ReconnectNonce": 0, "PingInterval": 9});
        let settings = before.changed_by(&said);
        assert_eq!((settings.reconnect_count, settings.reconnect_nonce), (Some(180), Duration::ZERO));
        assert_eq!((settings.reconnect_interval.as_secs(), settings.ping_interval.as_secs()), (7, 9));
        assert_eq!(settings.changed_by(&json!({"ReconnectCount": -1})).reconnect_count, None);
        for nonsense in [
            json!({}),
            json!(null),
            json!({"PingInterval": 0, "ReconnectInterval": -5, "ReconnectNonce": -1, "ReconnectCount": "x"}),
        ] {
            assert_eq!(before.changed_by(&nonsense), before, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn no_number_makes_a_storm_or_a_silence_of_days(ping in any::<i64>(), interval in any::<i64>(), nonce in any::<i64>()) {
            let said = json!({"PingInterval": ping, "ReconnectInterval": interval, "ReconnectNonce": nonce});
            let settings = LinkSettings::default().changed_by(&said);
            for wait in [settings.ping_interval, settings.reconnect_interval] {
                prop_assert!((SHORTEST..=LONGEST).contains(&wait));
            }
            prop_assert!(settings.reconnect_nonce <= LONGEST);
        }
    }
}
