//! The main job: people authorise, recordings appear, the archive has them.

use e2e::{Installation, Platform, eventually};
use feishu_sim::Scenario;
use feishu_sim::scenario::{Minute, Person};
use serde_json::{Value, json};

use crate::proof::{assert_holds, media_files};

/// The states of all recordings, by token.
async fn settled(installation: &Installation, count: usize, state: &str) -> Vec<Value> {
    eventually(&format!("{count} recordings {state}"), async || {
        let list = installation.json(&["recordings", "list", "--json"]);
        let all = list["recordings"].as_array().cloned().unwrap_or_default();
        let there = all.iter().filter(|recording| recording["state"] == state).count();
        (there >= count).then_some(all)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_everybody_lands_in_the_archive_and_only_once() {
    let platform = Platform::named("small").await;
    main_job(&platform, Installation::new(platform.ready())).await;
}

/// `scripts/with-postgres` names the server; `scripts/test` insists on it.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_with_the_catalogue_in_postgresql() {
    let Ok(url) = std::env::var("MINUTES_VAULT_TEST_POSTGRES_URL") else {
        assert!(std::env::var_os("MINUTES_VAULT_REQUIRE_POSTGRES").is_none(), "no PostgreSQL was named");
        println!("SKIPPED: no PostgreSQL");
        return;
    };
    let platform = Platform::named("small").await;
    main_job(&platform, Installation::new(platform.ready()).with("DATABASE_URL", &url)).await;
}

async fn main_job(platform: &Platform, installation: Installation) {
    let installation = installation.with("PATROL_INTERVAL", "10s").with("ARCHIVE_BACKFILL_SINCE", "90d");
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    for user in &platform.ready().users {
        let page = platform.authorise(&vault.site, &user.open_id).await;
        assert!(page.status.is_success(), "{}: {}", page.status, page.html);
        assert!(page.html.contains(&user.name));
    }
    platform.post("_sim/play", json!({ "spacing_ms": 10 })).await;

    let truth = platform.minutes().await;
    let expected: Vec<&Value> = truth.iter().filter(|minute| minute["expect"] == "archived").collect();
    settled(&installation, expected.len(), "archived").await;
    assert_holds(&installation.downloads(), expected.iter().copied());
    let served_before = bytes_served(platform).await;

    // Started again, told everything again: nothing is fetched twice.
    assert_eq!(vault.terminate(), Some(0));
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    platform.post("_sim/play", json!({ "spacing_ms": 10 })).await;
    eventually("the events of the second playing", async || {
        let pending = platform.get("_sim/events?state=pending").await;
        pending["events"].as_array().is_some_and(Vec::is_empty).then_some(())
    })
    .await;
    assert_eq!(vault.terminate(), Some(0));
    assert_holds(&installation.downloads(), expected);
    assert_eq!(bytes_served(platform).await, served_before, "media was fetched twice");

    let verified = installation.run(&["verify", "--all"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_waits_for_its_owner_and_comes_as_soon_as_they_authorise() {
    let platform = Platform::named("small").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    let owner = platform.ready().users[0].open_id.clone();
    let token = platform.record(&owner, "等人授权", 3_000_000).await;
    platform.announce(&token).await;

    let waiting = settled(&installation, 1, "no_grant").await;
    assert_eq!(waiting[0]["minute_token"], token.as_str());
    assert!(media_files(&installation.downloads()).is_empty());

    platform.authorise(&vault.site, &owner).await;
    eventually("the file", async || {
        media_files(&installation.downloads()).contains_key(&token).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_who_can_see_it_the_one_who_may_export_it_is_found() {
    let platform = Platform::named("company").await;
    let installation = Installation::new(platform.ready());
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    let owner = "杨磊";
    let viewers = ["王芳", "李娜", "刘洋", "陈静", "赵敏", "黄涛", "欧阳雪"];
    for name in viewers.iter().chain([&owner]) {
        platform.authorise(&vault.site, &platform.person(name)).await;
    }
    eventually("everybody's subscription", async || {
        let people = platform.get("_sim/people").await;
        let subscribed =
            people["people"].as_array()?.iter().filter(|person| person["subscribed"] == true).count();
        (subscribed == viewers.len() + 1).then_some(())
    })
    .await;
    let minute = platform
        .post(
            "_sim/minutes",
            json!({ "owner": owner, "title": "只有一人可以导出", "announce": "generated", "viewers": viewers,
                "media": { "kind": "generated", "bytes": 1_000_000 },
                "rights": { "media": { "only": ["欧阳雪"] } } }),
        )
        .await;
    let token = minute["token"].as_str().unwrap().to_owned();
    platform.announce(&token).await;
    eventually("the file", async || {
        media_files(&installation.downloads()).contains_key(&token).then_some(())
    })
    .await;
    let shown = installation.json(&["recordings", "show", &token, "--json"]);
    let media = shown["artifacts"].as_array().unwrap().iter().find(|part| part["kind"] == "media").unwrap();
    assert_eq!(media["fetched_with_grant_of"], platform.person("欧阳雪").as_str(), "{shown:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_history_is_found_that_a_search_would_cut_off() {
    // The stand-in, as the platform was seen to, stops at 50 hits without a word.
    const ALL: usize = 120;
    let mut scenario = Scenario::named("empty").unwrap();
    scenario.people = vec![Person { name: "张伟".to_owned(), ..Person::default() }];
    scenario.minutes = (0..ALL)
        .map(|number| Minute {
            owner: "张伟".to_owned(),
            title: format!("例会 {number}"),
            // Three hours full of them, then one every other hour: windows of very different density.
            created_ago_ms: i64::try_from(number).unwrap() * if number < 60 { 180_000 } else { 7_200_000 },
            ..Minute::default()
        })
        .collect();
    let platform = Platform::start(scenario).await;
    let installation = Installation::new(platform.ready()).with("ARCHIVE_BACKFILL_SINCE", "365d");
    let vault = installation.serve();
    platform.authorise(&vault.site, &platform.person("张伟")).await;
    eventually("every recording on the list", async || {
        (installation.json(&["status", "--json"])["recordings_total"] == ALL).then_some(())
    })
    .await;
    let refused = platform.get("_sim/counters").await["apis"]["minutes.search"]["over_limit"].clone();
    assert_eq!(refused, 0, "the platform had to say 429");
}

async fn bytes_served(platform: &Platform) -> u64 {
    platform.minutes().await.iter().filter_map(|minute| minute["served"]["bytes"].as_u64()).sum()
}
