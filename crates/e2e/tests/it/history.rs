//! A member's history: all of it, however much, also past a kill.

use e2e::{Installation, Platform, eventually};
use feishu_sim::Scenario;
use feishu_sim::scenario::{Minute, Person};
use serde_json::{Value, json};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const OWNER: &str = "张伟";

/// One person with so many recordings over so many days, a few of a day in a bunch.
fn long_history(count: usize, days: i64) -> Scenario {
    let mut scenario = Scenario::named("empty").unwrap();
    scenario.people = vec![Person { name: OWNER.to_owned(), ..Person::default() }];
    let ago_ms = |number: usize| {
        let number = i64::try_from(number).unwrap();
        // Scattered over the days, and over eight hours of each; none so new that it is the patrol's.
        HOUR_MS + number * 7_919 % days * DAY_MS + number * 104_729 % 480 * 60_000
    };
    scenario.minutes = (0..count)
        .map(|number| Minute {
            owner: OWNER.to_owned(),
            title: format!("例会 {number}"),
            created_ago_ms: ago_ms(number),
            ..Minute::default()
        })
        .collect();
    // The pace at which the platform may be asked is another test's business.
    scenario.knobs.rate_limits = false;
    scenario
}

/// Ready to look, and to fetch nothing.
fn looking(platform: &Platform) -> (Installation, e2e::Vault) {
    let installation = untroubled(platform);
    let vault = resting(&installation);
    (installation, vault)
}

/// By limits of its own.
fn untroubled(platform: &Platform) -> Installation {
    Installation::new(platform.ready()).with("FEISHU_RATE_FACTOR", "1000")
}

/// Serves, and fetches nothing.
fn resting(installation: &Installation) -> e2e::Vault {
    let vault = installation.serve();
    assert!(installation.run(&["pause"]).status.success());
    vault
}

async fn gone_through(installation: &Installation, person: &str) -> Value {
    eventually("the history is gone through", async || {
        let shown = installation.json(&["members", "show", person, "--json"]);
        (!shown["backfill"]["ended_at_ms"].is_null()).then_some(shown)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_recordings_of_one_member_are_all_found() {
    const COUNT: usize = 5_000;
    let platform = Platform::start(long_history(COUNT, 1_000)).await;
    let (installation, vault) = looking(&platform);
    let person = platform.person(OWNER);
    platform.authorise(&vault.site, &person).await;
    let shown = gone_through(&installation, &person).await;
    eventually("every recording on the list", async || {
        (installation.json(&["status", "--json"])["recordings_total"] == COUNT).then_some(())
    })
    .await;
    // 167 pages of 30 hold them; years without any take one call a month.
    let searches = shown["backfill"]["searches"].as_u64().unwrap();
    let asked = &platform.get("_sim/counters").await["apis"]["minutes.search"]["calls"];
    println!("{searches} searches, {asked} with the patrol's");
    assert!(searches <= 400, "{searches}");
    assert_eq!(shown["backfill"]["found"], COUNT);
    assert!(shown["backfill"]["open_bytes"].is_null(), "nothing is archived, nothing can be estimated");
    let status = installation.json(&["status", "--json"]);
    assert_eq!(status["backfill"]["members_done"], 1, "{status:#}");
    assert!(
        installation.run(&["status"]).status.success()
            && installation.run(&["members", "list"]).status.success()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_back_fill_goes_on_where_it_was() {
    let mut scenario = long_history(2_000, 1_000);
    scenario.knobs.latency_ms = 20;
    let platform = Platform::start(scenario).await;
    // Otherwise others than the back-fill ask for what was attended.
    let installation = untroubled(&platform).with("ARCHIVE_SCOPE", "owned_and_attended");
    let vault = resting(&installation);
    let person = platform.person(OWNER);
    platform.authorise(&vault.site, &person).await;
    let before = eventually("some of it is done", async || {
        let shown = installation.json(&["members", "show", &person, "--json"]);
        (shown["backfill"]["windows"].as_u64()? >= 5).then_some(shown)
    })
    .await;
    assert!(before["backfill"]["ended_at_ms"].is_null(), "it was over before it could be killed");
    vault.kill();
    let _vault = installation.serve();
    let after = gone_through(&installation, &person).await;
    assert_eq!(after["backfill"]["began_at_ms"], before["backfill"]["began_at_ms"]);
    assert_eq!(after["backfill"]["found"], 2_000);
    // A kill costs a window, not what was done before it.
    let counted = after["backfill"]["searches"].as_u64().unwrap();
    let asked = platform.get("_sim/counters").await["apis"]["minutes.search"]["calls"].as_u64().unwrap();
    assert!(asked <= counted + 20, "{asked} calls in all, {counted} counted by the back-fill");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_is_unsubscribed() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    let person = platform.ready().users[0].open_id.clone();
    platform.authorise(&vault.site, &person).await;
    let is_subscribed = async |wanted: bool| {
        eventually("the subscription", async || {
            (platform.get(&format!("_sim/people/{person}")).await["subscribed"] == wanted).then_some(())
        })
        .await;
    };
    is_subscribed(true).await;
    eventually("the member knows", async || {
        let shown = installation.json(&["members", "show", &person, "--json"]);
        (!shown["subscribed_at_ms"].is_null() && !shown["subscription_asked_at_ms"].is_null()).then_some(())
    })
    .await;
    let removed = installation.json(&["members", "remove", &person, "--yes", "--json"]);
    assert_eq!(removed, json!({ "open_id": person, "removed": true, "unsubscribed": true }));
    is_subscribed(false).await;
}
