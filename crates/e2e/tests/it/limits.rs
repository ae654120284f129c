//! Steady mixed work of a whole company stays within what the platform publishes: it never has to say 429.

use std::sync::Arc;
use std::time::Duration;

use e2e::{Installation, Platform, eventually};
use feishu_sim::Scenario;
use feishu_sim::scenario::Person;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

const PEOPLE: usize = 300;
/// More than the published limit of one minute, so that the run spans a whole window of it.
const SEARCHES: u64 = 110;

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_patrols_records_and_clicks_meets_no_limit() {
    let mut scenario = Scenario::named("empty").unwrap();
    scenario.people =
        (0..PEOPLE).map(|number| Person { name: format!("员工{number}"), ..Person::default() }).collect();
    let platform = Arc::new(Platform::start(scenario).await);
    // Far more often than the budget allows 300 people: the patrol always has somebody to look at.
    let installation = Installation::new(platform.ready()).with("PATROL_INTERVAL", "10s");
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;

    let people: Vec<String> = platform.ready().users.iter().map(|user| user.open_id.clone()).collect();
    let mut visits = JoinSet::new();
    for visitors in people.chunks(PEOPLE / 6).map(<[String]>::to_vec) {
        let (platform, site) = (Arc::clone(&platform), vault.site.clone());
        visits.spawn(async move {
            for open_id in visitors {
                assert!(platform.authorise(&site, &open_id).await.status.is_success());
            }
        });
    }
    visits.join_all().await;

    let mut tokens = Vec::new();
    while counters(&platform).await["apis"]["minutes.search"]["calls"].as_u64().unwrap_or(0) < SEARCHES {
        let owner = &people[tokens.len() % PEOPLE];
        let token = platform.record(owner, "周会", 200_000).await;
        platform.announce(&token).await;
        tokens.push(token);
        if let Some(earlier) = tokens.iter().rev().nth(5) {
            assert!(installation.run(&["recordings", "refetch", earlier]).status.success());
        }
        sleep(Duration::from_secs(1)).await;
    }
    eventually("every recording that was announced", async || {
        let list =
            installation.json(&["recordings", "list", "--state", "archived", "--limit", "1000", "--json"]);
        (list["recordings"].as_array()?.len() >= tokens.len()).then_some(())
    })
    .await;
    let counters = counters(&platform).await;
    assert_eq!(counters["over_limit"], 0, "the platform had to say 429: {counters:#}");
}

async fn counters(platform: &Platform) -> Value {
    platform.get("_sim/counters").await
}
