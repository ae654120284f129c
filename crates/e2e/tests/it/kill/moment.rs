//! When to strike. Random moments seldom hit what lasts milliseconds, so some are aimed.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::company::Company;

/// Aimed at a call that does not come, the blow falls all the same.
const PATIENCE: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(2);

pub(super) enum Moment {
    /// So long after the start.
    Life(Duration),
    /// So long after the platform has changed a pair, whose answer comes at this rate.
    Renewal { bytes_per_second: u64, after: Duration },
    /// So long after a media request.
    Media(Duration),
}

impl Moment {
    pub(super) fn draw(dice: &mut StdRng) -> Self {
        let mut within = |longest_ms| Duration::from_millis(dice.random_range(0..longest_ms));
        match within(4).as_millis() {
            0 => {
                let after = within(300);
                Self::Renewal { bytes_per_second: dice.random_range(5_000..100_000), after }
            }
            1 => Self::Media(within(400)),
            _ => Self::Life(within(2_500)),
        }
    }

    /// Returns when it has come.
    pub(super) async fn wait(&self, company: &Company) {
        match *self {
            Self::Life(after) => sleep(after).await,
            Self::Renewal { bytes_per_second, after } => {
                let slow = json!({ "kind": "slow", "bytes_per_second": bytes_per_second });
                let order = json!({ "api": "oauth.token", "times": 1, "fault": slow });
                company.platform.post("_sim/faults", order).await;
                one_more_call(company, "oauth.token").await;
                sleep(after).await;
            }
            Self::Media(after) => {
                one_more_call(company, "media.download").await;
                sleep(after).await;
            }
        }
    }
}

async fn one_more_call(company: &Company, api: &str) {
    let before = company.calls(api).await;
    let call = async {
        while company.calls(api).await == before {
            sleep(LOOK_EVERY).await;
        }
    };
    // Whether it came or not, the moment has.
    let _ = timeout(PATIENCE, call).await;
}
