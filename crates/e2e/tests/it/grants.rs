//! The life of a grant, seen from outside: renewed ahead of need, ended only by a clear word.

use e2e::{Installation, Platform, Vault, eventually};
use feishu_sim::Scenario;
use serde_json::{Value, json};

/// A platform whose access tokens last six seconds and whose refresh tokens twenty.
pub(crate) fn hasty() -> Scenario {
    let mut scenario = Scenario::named("small").unwrap();
    scenario.app.access_token_seconds = 6;
    scenario.app.refresh_token_seconds = 20;
    scenario
}

pub(crate) fn member(installation: &Installation, open_id: &str) -> Value {
    installation.json(&["members", "show", open_id, "--json"])
}

pub(crate) async fn refreshes(platform: &Platform, open_id: &str) -> u64 {
    platform.get(&format!("_sim/people/{open_id}")).await["grant"]["refreshes"].as_u64().unwrap_or(0)
}

async fn state_becomes(installation: &Installation, open_id: &str, state: &str) -> Value {
    eventually(&format!("{open_id} {state}"), async || {
        let shown = member(installation, open_id);
        (shown["state"] == state).then_some(shown)
    })
    .await
}

pub(crate) fn start(platform: &Platform) -> (Installation, Vault) {
    // Nobody needs the tokens in between: it is the keeper that renews them.
    let installation = Installation::new(platform.ready()).with("PATROL_INTERVAL", "1h");
    let vault = installation.serve();
    (installation, vault)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_grant_outlives_its_tokens_many_times_over() {
    let platform = Platform::start(hasty()).await;
    let (installation, vault) = start(&platform);
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    eventually("renewals well past the first refresh token", async || {
        (refreshes(&platform, &person).await >= 6).then_some(())
    })
    .await;
    assert_eq!(platform.get(&format!("_sim/people/{person}")).await["grant"]["refresh_alive"], true);
    assert_eq!(member(&installation, &person)["state"], "active");
    assert_eq!(vault.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn platform_trouble_does_not_end_a_grant() {
    let mut scenario = hasty();
    // Longer than the waits after the trouble, so that nothing but the trouble can end the grant.
    scenario.app.refresh_token_seconds = 600;
    let platform = Platform::start(scenario).await;
    let (installation, vault) = start(&platform);
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    for fault in [
        json!({ "kind": "code", "code": 20050, "status": 500 }),
        json!({ "kind": "answer", "status": 400, "content_type": "text/html", "body": "<h1>400</h1>" }),
    ] {
        platform.post("_sim/faults", json!({ "api": "oauth.token", "times": 1, "fault": fault })).await;
    }
    let before = refreshes(&platform, &person).await;
    eventually("renewals after the trouble", async || {
        (refreshes(&platform, &person).await > before + 1).then_some(())
    })
    .await;
    assert_eq!(member(&installation, &person)["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_grant_is_said_to_be_so_and_mended_by_one_click() {
    let platform = Platform::named("small").await;
    let (installation, vault) = start(&platform);
    platform.post_events_to(&vault.site).await;
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    platform.post(&format!("_sim/people/{person}/revoke"), json!({ "by": "user" })).await;
    let shown = state_becomes(&installation, &person, "must_authorise").await;
    assert_eq!(shown["reason"], "grant_revoked");
    platform.authorise(&vault.site, &person).await;
    state_becomes(&installation, &person, "active").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorisation_ends_after_a_year_and_the_reason_is_kept() {
    let platform = Platform::start(hasty()).await;
    let (installation, vault) = start(&platform);
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    platform.post("_sim/clock/advance", json!({ "days": 366 })).await;
    let shown = state_becomes(&installation, &person, "must_authorise").await;
    assert_eq!(shown["reason"], "grant_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_nowhere_in_the_clear() {
    let platform = Platform::named("small").await;
    let (installation, vault) = start(&platform);
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    assert_eq!(vault.terminate(), Some(0));
    // What the stand-in's tokens all begin with, its app's secret and its event key.
    let secrets =
        ["eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9", &platform.ready().app_secret, &platform.ready().encrypt_key];
    for file in crate::proof::all_files(installation.folder()) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in secrets {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "a secret is in {}", file.display());
        }
    }
}
