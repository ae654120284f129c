//! What is sent: `minutes.minute.generated_v1`, each about a recording of its own, so that every one is
//! real work; each twentieth delivery is one that went out shortly before. Half of them tell a member of a
//! new recording, half somebody who never authorised.

use e2e::{Delivery, Platform};
use feishu_sim::Ready;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::load::Requests;

/// Each delivery with this remainder repeats an earlier one.
const EVERY_TWENTIETH: usize = 20;
/// So many deliveries earlier.
const EARLIER: usize = 10;

pub(crate) const KIND: &str = "minutes.minute.generated_v1";

/// Deliveries and what they are about.
pub(crate) struct Mix {
    pub(crate) requests: Requests,
    /// The event of each delivery.
    pub(crate) event_ids: Vec<String>,
}

impl Mix {
    /// `count` deliveries; those of another `round` are about other events.
    pub(crate) fn new(platform: &Platform, site: &str, round: &str, count: usize) -> Self {
        let ready = platform.ready();
        let mut mix = Self { requests: Requests::default(), event_ids: Vec::with_capacity(count) };
        for number in 0..count {
            let is_repeat = number % EVERY_TWENTIETH == EVERY_TWENTIETH - 1;
            let number = if is_repeat { number - EARLIER } else { number };
            let (event_id, delivery) = delivery(ready, round, number);
            mix.requests.push(&delivery.request(site));
            mix.event_ids.push(event_id);
        }
        mix
    }
}

fn delivery(ready: &Ready, round: &str, number: usize) -> (String, Delivery) {
    // As random as the platform's own: an index over them is written all over.
    let noise = hex::encode(Sha256::digest(format!("{round} {number}")));
    let event_id = noise[..32].to_owned();
    let who = match number % 2 {
        0 => ready.users[number / 2 % ready.users.len()].open_id.clone(),
        _ => format!("ou_{}", &noise[..32]),
    };
    let event = json!({
        "schema": "2.0",
        "header": {
            "event_id": event_id, "event_type": KIND, "create_time": "1763900000000",
            "token": ready.verification_token, "app_id": ready.app_id, "tenant_key": "2ca1d211f64f6438",
        },
        "event": {
            "minute_token": format!("obcn{}", &noise[32..52]),
            "minute_source": { "source_type": "meeting", "source_entity_id": format!("69{number:017}") },
            "subscriber_ids": [{ "union_id": "on_8ed6aa67826108097d9ee143816345", "user_id": "e33ggbyz", "open_id": who }],
        },
    });
    (event_id, Delivery::seal(ready, &event, u64::try_from(number).unwrap_or_default()))
}
