//! The process that renews grants: no end of the service, and none of its own between two renewals, costs a grant.

use std::time::Duration;

use e2e::{Installation, Platform, Vault, eventually};
use feishu_sim::Scenario;
use serde_json::json;

use crate::grants::{hasty, member, refreshes, start};

/// One person who has authorised, on a platform whose access tokens last six seconds.
struct Stage {
    platform: Platform,
    installation: Installation,
    person: String,
}

impl Stage {
    async fn set() -> (Self, Vault) {
        let mut scenario = hasty();
        // Nothing but a renewal gone wrong can end the grant.
        scenario.app.refresh_token_seconds = 600;
        let platform = Platform::start(scenario).await;
        let (installation, vault) = start(&platform);
        let person = platform.ready().users[0].open_id.clone();
        platform.authorise(&vault.site, &person).await;
        (Self { platform, installation, person }, vault)
    }

    async fn order(&self, fault: serde_json::Value) {
        self.platform.post("_sim/faults", json!({ "api": "oauth.token", "times": 1, "fault": fault })).await;
    }

    /// The platform's next answer to a renewal takes its time; what it says has come true before.
    async fn order_a_slow_answer(&self) {
        self.order(json!({ "kind": "slow", "bytes_per_second": 6_000 })).await;
    }

    /// Until the platform has changed the pair once more; its answer may still be on its way.
    async fn pair_changes(&self) {
        let before = refreshes(&self.platform, &self.person).await;
        let change = async {
            while refreshes(&self.platform, &self.person).await == before {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), change).await.expect("a renewal");
    }

    /// The grant is alive on both sides, and will be.
    async fn assert_alive(&self) {
        for _ in 0..2 {
            self.pair_changes().await;
        }
        assert_eq!(member(&self.installation, &self.person)["state"], "active");
        let counters = self.platform.get("_sim/counters").await;
        assert_eq!(
            counters["apis"]["oauth.token"]["by_code"]["20064"],
            json!(null),
            "a token was used twice"
        );
    }
}

async fn courier_of(vault: &Vault) -> u32 {
    eventually("a courier", async || vault.courier()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_platforms_answer_and_our_commit_costs_no_grant() {
    let (stage, vault) = Stage::set().await;
    stage.order_a_slow_answer().await;
    stage.pair_changes().await;
    vault.kill_group();

    let _vault = stage.installation.serve();
    stage.assert_alive().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_every_process_to_end_costs_no_grant() {
    let (stage, vault) = Stage::set().await;
    stage.order_a_slow_answer().await;
    stage.pair_changes().await;
    e2e::signal("TERM", courier_of(&vault).await);
    assert_eq!(vault.terminate(), Some(0));

    let _vault = stage.installation.serve();
    stage.assert_alive().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_courier_that_is_killed_alone_is_replaced() {
    let (stage, vault) = Stage::set().await;
    stage.order(json!({ "kind": "hang" })).await;
    eventually("a renewal that hangs", async || {
        (stage.platform.get("_sim/faults").await["faults"][0]["hits"] == 1).then_some(())
    })
    .await;
    e2e::signal("KILL", courier_of(&vault).await);
    stage.assert_alive().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_courier_shows_no_secret_and_goes_when_there_is_no_more_to_do() {
    let platform = Platform::start(Scenario::named("small").unwrap()).await;
    let (installation, vault) = start(&platform);
    platform.post_events_to(&vault.site).await;
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    // The platform's clock runs ahead: to everybody's surprise the access token is over.
    platform.post("_sim/clock/advance", json!({ "ms": 3 * 3_600_000 })).await;
    let token = platform.record(&person, "周会", 200_000).await;
    platform.announce(&token).await;

    let courier = courier_of(&vault).await;
    let shown = |file: &str| std::fs::read_to_string(format!("/proc/{courier}/{file}")).unwrap();
    assert_eq!(shown("cmdline"), "grant-courier\0courier\0");
    assert!(!shown("environ").contains("MINUTES_VAULT_"));
    println!("{}", shown("status").lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default());
    eventually("an end of the courier", async || vault.courier().is_none().then_some(())).await;
    assert!(refreshes(&platform, &person).await > 0);
    let left: Vec<_> = std::fs::read_dir(installation.folder().join("data/renewals")).unwrap().collect();
    assert_eq!(left.len(), 1, "only the lock stays: {left:?}");
}
