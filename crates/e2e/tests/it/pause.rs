//! Pausing from another process: a running transfer parks, nothing begins, and after it is resumed only what is
//! missing is fetched.

use e2e::{Installation, Platform, Vault, eventually};
use feishu_sim::Scenario;
use serde_json::Value;

const BYTES: u64 = 48 << 20;

async fn company() -> (Platform, Installation, Vault, String) {
    let mut scenario = Scenario::named("small").unwrap();
    scenario.knobs.media_bytes_per_second = Some(1 << 20);
    let platform = Platform::start(scenario).await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    let owner = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &owner).await;
    (platform, installation, vault, owner)
}

async fn served(platform: &Platform, token: &str) -> u64 {
    let minutes = platform.minutes_quickly().await;
    let minute = minutes.iter().find(|minute| minute["token"] == token).unwrap();
    minute["served"]["bytes"].as_u64().unwrap()
}

/// Waits until bytes come, gives the command, and waits until no more do; how many have come.
async fn pause_amid(platform: &Platform, installation: &Installation, token: &str, command: &[&str]) -> u64 {
    eventually("the first bytes", async || (served(platform, token).await > 4 << 20).then_some(())).await;
    assert!(installation.run(command).status.success());
    let mut before = 0;
    eventually("an end of the bytes", async || {
        let now = served(platform, token).await;
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        std::mem::replace(&mut before, now).eq(&now).then_some(now)
    })
    .await
}

fn state(installation: &Installation, token: &str) -> Value {
    installation.json(&["recordings", "show", token, "--json"])["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_fetching_rests_until_it_is_resumed_and_nothing_comes_twice() {
    let (platform, installation, vault, owner) = company().await;
    let token = platform.record(&owner, "长会", BYTES).await;
    platform.announce(&token).await;
    let at_rest = pause_amid(&platform, &installation, &token, &["pause"]).await;
    assert!(at_rest < BYTES, "it was over before it could be paused");
    assert!(!installation.json(&["status", "--json"])["paused_at"].is_null());

    // What is heard of meanwhile waits, too; over a restart as well.
    let later = platform.record(&owner, "后来", 100_000).await;
    platform.announce(&later).await;
    assert_eq!(vault.terminate(), Some(0));
    let vault = installation.serve();
    eventually("the later one is known", async || {
        installation.json(&["recordings", "show", &later, "--json"])["state"].as_str().map(drop)
    })
    .await;
    assert_eq!(served(&platform, &token).await, at_rest);
    assert_eq!(served(&platform, &later).await, 0);

    assert!(installation.run(&["resume"]).status.success());
    for token in [&token, &later] {
        eventually("archived", async || (state(&installation, token) == "archived").then_some(())).await;
    }
    // What was not synced yet when it was paused, and the overlaps of segments.
    let twice = served(&platform, &token).await.saturating_sub(BYTES);
    assert!(twice <= 16 << 20, "{twice} bytes came twice");
    assert_eq!(vault.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_recording_rests_while_others_come() {
    let (platform, installation, _vault, owner) = company().await;
    let token = platform.record(&owner, "长会", BYTES).await;
    platform.announce(&token).await;
    let at_rest = pause_amid(&platform, &installation, &token, &["pause", &token]).await;

    let other = platform.record(&owner, "别的", 100_000).await;
    platform.announce(&other).await;
    eventually("the other one", async || (state(&installation, &other) == "archived").then_some(())).await;
    assert_eq!(served(&platform, &token).await, at_rest);
    let paused = installation.json(&["status", "--json"])["paused_recordings"].clone();
    assert_eq!(paused, serde_json::json!([token]));

    assert!(installation.run(&["resume", &token]).status.success());
    eventually("archived", async || (state(&installation, &token) == "archived").then_some(())).await;
    let unknown = installation.run(&["pause", "obcnunknownunknownunknow"]);
    assert_eq!(unknown.status.code(), Some(1));
}
