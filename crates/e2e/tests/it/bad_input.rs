//! Whatever comes in at the doors: refused, counted, or one task's trouble, and never more.

use e2e::{Installation, Platform, Vault, eventually};
use feishu_sim::seal;
use serde_json::{Value, json};

use crate::proof::{assert_holds, media_files};

async fn start(platform: &Platform) -> (Installation, Vault) {
    let installation = Installation::new(platform.ready()).with("ARCHIVE_BACKFILL_SINCE", "90d");
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    (installation, vault)
}

struct Post {
    body: String,
    signature: String,
}

/// An event as the platform seals it, about a recording that does not exist.
fn sealed(platform: &Platform, event_id: &str) -> Post {
    let ready = platform.ready();
    let event = json!({
        "schema": "2.0",
        "header": { "event_id": event_id, "event_type": "contact.user.updated_v3", "create_time": "1763900000000",
            "token": ready.verification_token, "app_id": ready.app_id, "tenant_key": "t" },
        "event": {},
    });
    let body = seal::encrypt(&ready.encrypt_key, &event.to_string(), [7; 16]);
    let signature = seal::sign("1763900000", "nonce", &ready.encrypt_key, &body);
    Post { body, signature }
}

async fn post(vault: &Vault, post: &Post) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("{}/webhook/event", vault.site))
        .header("X-Lark-Request-Timestamp", "1763900000")
        .header("X-Lark-Request-Nonce", "nonce")
        .header("X-Lark-Signature", &post.signature)
        .body(post.body.clone());
    // A server that refuses a large body early may close while it is still being sent.
    request.send().await.map_or(413, |answer| answer.status().as_u16())
}

fn events(installation: &Installation) -> Value {
    installation.json(&["status", "--json"])["events"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_oversized_events_change_nothing_and_good_ones_count_once() {
    let platform = Platform::named("small").await;
    let (installation, vault) = start(&platform).await;
    let good = sealed(&platform, "good");
    let mut flipped = good.body.clone().into_bytes();
    flipped[40] ^= 1;
    let forged = [
        Post { body: String::from_utf8(flipped).unwrap(), signature: good.signature.clone() },
        Post { body: good.body.clone(), signature: "0".repeat(64) },
        Post { body: "{}".to_owned(), signature: good.signature.clone() },
        Post { body: "not json".to_owned(), signature: String::new() },
        Post { body: "x".repeat(1_200_000), signature: good.signature.clone() },
    ];
    for bad in &forged {
        let status = post(&vault, bad).await;
        assert!((400..500).contains(&status), "{status} for {:.40}", bad.body);
    }
    assert_eq!(events(&installation), json!({}));

    // However often, and with a timestamp of long ago.
    for _ in 0..5 {
        assert_eq!(post(&vault, &good).await, 200);
    }
    assert_eq!(events(&installation), json!({ "contact.user.updated_v3": 1 }));
    let log = installation.log();
    assert!(
        !log.contains(&platform.ready().encrypt_key) && !log.contains(&platform.ready().verification_token)
    );
    assert!(!log.is_empty() && !log.contains('\u{1b}'), "colours in a file: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_from_the_platform_is_one_tasks_trouble_and_the_rest_goes_on() {
    let platform = Platform::named("small").await;
    let truth: Vec<Value> =
        platform.minutes().await.into_iter().filter(|minute| minute["expect"] == "archived").collect();
    // Each of these hits one call; the next attempt finds the platform well again.
    for (api, fault) in [
        (
            "minutes.get",
            json!({ "kind": "answer", "status": 200, "content_type": "text/html", "body": "<html>busy</html>" }),
        ),
        ("minutes.media", json!({ "kind": "halve" })),
        ("media.download", json!({ "kind": "error_page" })),
        ("media.download", json!({ "kind": "short", "bytes": 1_000 })),
        ("media.download", json!({ "kind": "long", "extra_bytes": 10 })),
        ("media.download", json!({ "kind": "reset", "after_bytes": 5_000 })),
        ("minutes.transcript", json!({ "kind": "code", "code": 987_654, "status": 200 })),
        (
            "minutes.artifacts",
            json!({ "kind": "answer", "status": 200, "content_type": "application/json", "body": "{}" }),
        ),
        ("minutes.search", json!({ "kind": "rate_limited", "status": 400, "reset_seconds": 1 })),
    ] {
        platform.post("_sim/faults", json!({ "api": api, "times": 1, "fault": fault })).await;
    }
    let (installation, vault) = start(&platform).await;
    for user in &platform.ready().users {
        platform.authorise(&vault.site, &user.open_id).await;
    }
    platform.post("_sim/play", json!({ "spacing_ms": 5 })).await;
    eventually("everything in spite of it", async || {
        (media_files(&installation.downloads()).len() == truth.len()).then_some(())
    })
    .await;
    eventually("the sums", async || {
        let list = installation.json(&["recordings", "list", "--json"]);
        let archived = list["recordings"]
            .as_array()?
            .iter()
            .filter(|recording| recording["state"] == "archived")
            .count();
        (archived == truth.len()).then_some(())
    })
    .await;
    assert_eq!(vault.terminate(), Some(0));
    assert_holds(&installation.downloads(), &truth);
}
