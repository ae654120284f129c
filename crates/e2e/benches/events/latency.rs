//! From an event to the first request for its media, on a machine that has nothing else to do.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use e2e::{Delivery, eventually};
use serde_json::json;

use crate::load::{Outcome, Pace, Requests, send};
use crate::mix::KIND;
use crate::{company, latencies, row};

/// Beyond the published limits of four calls a second and API, so that no budget paces a sample, and
/// beyond the end of the sample before.
const BETWEEN: Duration = Duration::from_millis(800);

pub(crate) async fn first_byte(samples: u64) {
    let (platform, installation, vault) = company().await;
    let owner = platform.ready().users[0].open_id.clone();
    // What the patrols found first is out of the way.
    eventually("a quiet start", async || {
        let status = installation.json(&["status", "--json"]);
        (status["recordings"]["archived"].as_i64() == Some(5)).then_some(())
    })
    .await;
    let mut outcome = Outcome::default();
    for number in 0..samples {
        let token = platform.record(&owner, "短会", 1_048_576).await;
        let event = json!({
            "schema": "2.0",
            "header": {
                "event_id": format!("idle{number:08}"), "event_type": KIND, "create_time": "1763900000000",
                "token": platform.ready().verification_token, "app_id": platform.ready().app_id, "tenant_key": "idle",
            },
            "event": { "minute_token": token, "subscriber_ids": [{ "open_id": owner }] },
        });
        let mut requests = Requests::default();
        requests.push(&Delivery::seal(platform.ready(), &event, number).request(&vault.site));
        tokio::time::sleep(BETWEEN).await;
        let site = vault.site.clone();
        let sent_at = unix_time();
        let answered = tokio::task::spawn_blocking(move || send(&site, &requests, 1, Pace::Unpaced, BETWEEN));
        assert_eq!(answered.await.expect("it is sent").acknowledged.len(), 1, "the event was not taken");
        let asked_at_ms = eventually("its media is asked for", async || {
            let path = format!("_sim/requests?api=media.download&minute_token={token}");
            platform.get(&path).await["requests"][0]["at_ms"].as_u64()
        })
        .await;
        // The stand-in cuts its times to milliseconds: counted up, against us.
        outcome.latencies.push(Duration::from_millis(asked_at_ms + 1).saturating_sub(sent_at));
    }
    outcome.latencies.sort_unstable();
    row("events on an idle machine", samples);
    latencies("event sent to first request for its media", &outcome);
    vault.kill();
}

#[expect(clippy::disallowed_methods, reason = "the stand-in logs by the machine's clock")]
fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970")
}
