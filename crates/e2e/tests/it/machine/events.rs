//! Events as the platform may send them: the same one a hundred times, and in any order.

use e2e::{Delivery, Machine, eventually};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::proof::media_files;

const BYTES: u64 = 400_000;
const WAYS: [&str; 3] = ["recording_ready", "generated", "meeting_ended"];

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_a_hundred_times_is_one_event() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    let token = stage.record("说了一百遍", BYTES).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    // All at once, before any of them is known.
    let event = unsent(&stage, &token, "recording_ready").await;
    let posts = (0..100).map(|number| {
        let Delivery { headers, body } = Delivery::seal(stage.platform.ready(), &event, number);
        let post = client.post(format!("{}/webhook/event", vault.site)).body(body);
        headers.into_iter().fold(post, |post, (name, value)| post.header(name, value)).send()
    });
    for answer in join_all(posts).await {
        assert_eq!(answer.unwrap().status(), 200);
    }
    stage.is_complete(&token).await;
    // And a hundred times more, when everything is done.
    let event_id = event["header"]["event_id"].as_str().unwrap();
    stage.platform.post_events_to(&vault.site).await;
    stage.platform.post(&format!("_sim/events/{event_id}/redeliver"), json!({ "times": 100 })).await;
    eventually("a hundred answers", async || {
        let delivered = stage.platform.get("_sim/events").await["totals"]["delivered"].as_u64()?;
        (delivered >= 100).then_some(())
    })
    .await;
    let status = stage.installation.json(&["status", "--json"]);
    assert_eq!(status["events"], json!({ "vc.meeting.recording_ready_v1": 1 }));
    assert_eq!(stage.served(&token).await, BYTES);
    let sightings = stage.shown(&token)["sightings"].clone();
    assert_eq!((&sightings[0]["times"], &sightings[1]), (&json!(1), &Value::Null), "{sightings:#}");
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_whatever_order_a_recording_is_told_of_it_is_one_recording() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut tokens = Vec::new();
    for order in orders {
        let token = stage.record(&format!("{order:?}"), BYTES).await;
        for way in order {
            let told = json!({ "as": WAYS[way] });
            stage.platform.post(&format!("_sim/minutes/{token}/announce"), told).await;
        }
        tokens.push(token);
    }
    stage.deliver_all().await;
    for token in &tokens {
        stage.is_complete(token).await;
        assert_eq!(stage.served(token).await, BYTES);
        // A meeting whose recording is known by then is not asked for it.
        eventually("both tracks that name it", async || {
            let shown = stage.shown(token);
            let tracks: Vec<&str> =
                shown["sightings"].as_array()?.iter().filter_map(|it| it["track"].as_str()).collect();
            ["recording_ready", "minute_generated"].iter().all(|track| tracks.contains(track)).then_some(())
        })
        .await;
    }
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_from_before_the_authorisation_ends_nothing() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    stage.platform.post("_sim/webhook", json!({ "url": null })).await;
    let revoke = format!("_sim/people/{}/revoke", stage.person);
    let revoked = stage.platform.post(&revoke, json!({ "by": "user" })).await;
    let event_id = revoked["event_id"].as_str().unwrap().to_owned();
    assert!(stage.platform.authorise(&vault.site, &stage.person).await.status.is_success());
    stage.platform.post_events_to(&vault.site).await;
    stage.platform.post(&format!("_sim/events/{event_id}/redeliver"), json!({})).await;
    stage.deliver_all().await;
    // Both have been worked through when what came after them has.
    let token = stage.record("之后", BYTES).await;
    stage.platform.announce(&token).await;
    stage.is_complete(&token).await;
    stage.everything_is_well(vault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_before_it_was_told_of_it_is_gone_and_said_to_be() {
    let machine = Machine::new();
    let (stage, vault) = Stage::set(&machine).await;
    for way in ["generated", "recording_ready"] {
        let token = stage.record("删掉了", BYTES).await;
        stage.platform.patch(&format!("_sim/minutes/{token}"), json!({ "deleted": true })).await;
        stage.platform.post(&format!("_sim/minutes/{token}/announce"), json!({ "as": way })).await;
        eventually("its end", async || (stage.shown(&token)["state"] == "gone").then_some(())).await;
        assert_eq!(stage.shown(&token)["reason"], "deleted");
    }
    assert!(media_files(&stage.installation.downloads()).is_empty());
    assert_eq!(vault.terminate(), Some(0));
}

/// The event of this recording, which has not been sent.
async fn unsent(stage: &Stage, token: &str, way: &str) -> Value {
    stage.platform.post("_sim/webhook", json!({ "url": null })).await;
    let fired = stage.platform.post(&format!("_sim/minutes/{token}/announce"), json!({ "as": way })).await;
    let events = stage.platform.get("_sim/events").await["events"].clone();
    let event = events.as_array().unwrap().iter().find(|event| event["event_id"] == fired["event_id"]);
    event.expect("an event")["body"].clone()
}
