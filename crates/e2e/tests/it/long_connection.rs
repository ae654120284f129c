//! Events over the long connection: the program has no public address, no webhook, and misses nothing, whatever
//! becomes of its connection.

use std::time::Duration;

use archive::catalog::{Db, Tx};
use e2e::{Installation, Platform, Vault, eventually, signal};
use feishu_sim::Scenario;
use feishu_sim::scenario::{LinkKnobs, Subscription, TooManyAt};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::proof::{assert_holds, media_files};

/// A small company whose app receives events by long connection, kept at a pace for tests.
fn company() -> Scenario {
    let mut scenario = Scenario::named("small").unwrap();
    scenario.app.subscription = Subscription::LongConnection;
    scenario.knobs.long_connection =
        LinkKnobs { ping_interval: 1, reconnect_interval: 1, reconnect_nonce: 0, ..LinkKnobs::default() };
    scenario
}

/// Knows no secret of the webhook, and after the first look no patrol helps.
fn installation(platform: &Platform) -> Installation {
    Installation::new(platform.ready())
        .with("EVENTS_MODE", "long_connection")
        .with("EVENTS_ENCRYPT_KEY", "")
        .with("EVENTS_VERIFICATION_TOKEN", "")
        .by_events_alone()
}

async fn live(platform: &Platform) -> Vec<u64> {
    let live = platform.get("_sim/long_connection").await["live"].clone();
    live.as_array().unwrap().iter().filter_map(Value::as_u64).collect()
}

/// Waits for that many connections, all of them later than `after`.
async fn connected(platform: &Platform, count: usize, after: u64) -> Vec<u64> {
    eventually("connections", async || {
        let live = live(platform).await;
        (live.len() == count && live.iter().all(|id| *id > after)).then_some(live)
    })
    .await
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Whether each thread has stopped: on a busy machine the signal takes its time.
fn is_stopped(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("a running process");
    threads.flatten().all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        status.contains("State:\tT")
    })
}

fn link(installation: &Installation) -> Value {
    installation.json(&["status", "--json"])["long_connections"][0].clone()
}

async fn stands(installation: &Installation, state: &str) -> Value {
    eventually(&format!("a link that is {state}"), async || {
        let link = link(installation);
        (link["state"] == state).then_some(link)
    })
    .await
}

/// The program, its one member after the only patrol, and an open connection.
struct Stage {
    platform: Platform,
    installation: Installation,
    vault: Vault,
    owner: String,
}

impl Stage {
    async fn set() -> Self {
        Self::with(company()).await
    }

    async fn with(scenario: Scenario) -> Self {
        let platform = Platform::start(scenario).await;
        let installation = installation(&platform);
        let vault = installation.serve();
        let owner = platform.ready().users[0].open_id.clone();
        platform.authorise(&vault.site, &owner).await;
        eventually("the only patrol", async || {
            let members = installation.json(&["members", "list", "--json"]);
            (!members["members"][0]["patrolled_at"].is_null()).then_some(())
        })
        .await;
        connected(&platform, 1, 0).await;
        Self { platform, installation, vault, owner }
    }

    /// Somebody records, and the platform tells of it; the minute_token.
    async fn record(&self, title: &str) -> String {
        let token = self.platform.record(&self.owner, title, 200_000).await;
        self.platform.announce(&token).await;
        token
    }

    async fn archived(&self, token: &str) {
        eventually(&format!("{token} in the archive"), async || {
            media_files(&self.installation.downloads()).contains_key(token).then_some(())
        })
        .await;
    }

    /// Lets the platform's clock run till each event has been taken.
    async fn deliver_all(&self) {
        eventually("an end of the platform's attempts", async || {
            let pending = self.platform.get("_sim/events?state=pending").await;
            if pending["events"].as_array()?.is_empty() {
                return Some(());
            }
            self.platform.post("_sim/clock/advance", json!({ "ms": 300_000 })).await;
            None
        })
        .await;
        let given_up = self.platform.get("_sim/events?state=given_up").await;
        assert_eq!(given_up["events"], json!([]), "nobody took these");
    }

    async fn order(&self, api: &str, times: u32, fault: Value) {
        self.platform.post("_sim/faults", json!({ "api": api, "times": times, "fault": fault })).await;
    }

    /// The last attempt of the only event that is waited for.
    async fn attempted(&self, fits: impl Fn(&Value) -> bool) {
        eventually("such an attempt", async || {
            let events = self.platform.get("_sim/events").await;
            let attempts = events["events"].as_array()?.last()?["attempts"].as_array()?.clone();
            attempts.iter().any(&fits).then_some(())
        })
        .await;
    }

    /// Nobody else writes into the catalogue while this lives.
    async fn lock_catalogue(&self) -> Tx {
        let file = self.installation.folder().join("data/catalogue.db");
        Db::open_sqlite(&file).await.unwrap().begin().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companys_recordings_are_archived_without_any_webhook_and_no_secret_is_logged() {
    let platform = Platform::start(company()).await;
    let installation = installation(&platform).with("LOG_LEVEL", "trace");
    let vault = installation.serve();
    for user in &platform.ready().users {
        assert!(platform.authorise(&vault.site, &user.open_id).await.status.is_success());
    }
    connected(&platform, 1, 0).await;
    platform.post("_sim/play", json!({ "spacing_ms": 10 })).await;
    let truth = platform.minutes().await;
    let expected: Vec<&Value> = truth.iter().filter(|minute| minute["expect"] == "archived").collect();
    eventually("every recording", async || {
        let files = media_files(&installation.downloads());
        expected.iter().all(|minute| files.contains_key(minute["token"].as_str().unwrap())).then_some(())
    })
    .await;
    eventually("their descriptions", async || {
        let list = installation.json(&["recordings", "list", "--state", "archived", "--json"]);
        (list["recordings"].as_array()?.len() == expected.len()).then_some(())
    })
    .await;
    assert_holds(&installation.downloads(), expected.iter().copied());

    let sent = platform.get("_sim/long_connection").await;
    assert!(!sent["messages"].as_array().unwrap().is_empty());
    for message in sent["messages"].as_array().unwrap() {
        let answers = message["answers"].as_array().unwrap();
        assert_eq!(
            (answers.len(), &answers[0]["code"], &answers[0]["in_time"]),
            (1, &json!(200), &json!(true))
        );
        assert!(answers[0]["biz_rt"].as_str().unwrap().parse::<u64>().is_ok());
    }

    let seen = link(&installation);
    assert_eq!((&seen["state"], &seen["trouble"]), (&json!("connected"), &json!(null)), "{seen}");
    let table = installation.run(&["status"]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("long connection"), "{table:?}");
    let doctor = installation.json(&["doctor", "--json"]);
    let checks =
        doctor["checks"].as_array().unwrap().iter().filter(|check| check["check"] == "long_connection");
    assert_eq!(
        checks.map(|check| check["mark"].as_str().unwrap()).collect::<Vec<_>>(),
        ["ok", "ok"],
        "{doctor:#}"
    );
    let metrics = http().get(format!("{}/metrics", vault.site)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("vault_long_connection_up 1"), "{metrics}");
    let posted = http().post(format!("{}/webhook/event", vault.site)).body("{}").send().await.unwrap();
    assert_eq!(posted.status(), 404, "there is no webhook");

    assert_eq!(vault.terminate(), Some(0));
    assert_eq!(link(&installation)["state"], "closed");
    let (log, connections) = (installation.log(), sent["connections"].as_array().unwrap());
    assert!(log.contains("the long connection is open") && log.contains("TRACE"), "nothing was logged");
    assert!(!connections.is_empty());
    for connection in connections {
        assert!(!log.contains(connection["ticket"].as_str().unwrap()), "the secret address is in the log");
    }
    assert!(!log.contains(&platform.ready().app_secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn however_a_connection_ends_another_follows_and_what_came_between_is_archived() {
    let stage = Stage::set().await;
    let mut last = 0;
    for how in ["reset", "close", "silence"] {
        last = connected(&stage.platform, 1, last).await[0];
        stage.platform.post("_sim/long_connection/cut", json!({ "how": how })).await;
        let token = stage.record(how).await;
        eventually("another connection", async || {
            live(&stage.platform).await.iter().any(|id| *id > last).then_some(())
        })
        .await;
        stage.deliver_all().await;
        stage.archived(&token).await;
    }
    assert!(stage.installation.log().contains("the long connection is down"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_platform_is_asked_until_it_lets_us_in() {
    let stage = Stage::set().await;
    let first = live(&stage.platform).await[0];
    stage
        .order("ws.endpoint", 1, json!({ "kind": "code", "code": 1, "status": 200, "msg": "system busy" }))
        .await;
    stage.order("ws.endpoint", 1, json!({ "kind": "code", "code": 1_000_040_343, "status": 200 })).await;
    stage.order("ws.endpoint", 1, json!({ "kind": "error_page" })).await;
    stage.order("ws.connect", 1, json!({ "kind": "handshake", "status": 1, "msg": "busy" })).await;
    stage.platform.post("_sim/long_connection/cut", json!({})).await;
    connected(&stage.platform, 1, first).await;
    let faults = stage.platform.get("_sim/faults").await;
    assert!(faults["faults"].as_array().unwrap().iter().all(|fault| fault["hits"] == 1), "{faults:#}");
    let token = stage.record("忙过之后").await;
    stage.archived(&token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_once_and_clearly_and_not_tried_in_a_storm() {
    let platform = Platform::start(company()).await;
    let installation = installation(&platform).with("FEISHU_APP_SECRET", "wrong0secret0wrong0secret0wrong0");
    let vault = installation.serve();
    let seen = stands(&installation, "refused").await;
    assert_eq!(seen["trouble"], "credentials");
    assert!(seen["detail"].as_str().unwrap().contains("514") && !seen["fix"].is_null(), "{seen}");
    assert!(!seen["retry_at"].is_null(), "it is tried again all the same");
    let table = installation.run(&["status"]);
    let table = String::from_utf8_lossy(&table.stdout);
    assert!(table.contains("feishu.app_secret") && !table.contains("Nothing is open"), "{table}");
    let doctor = installation.json(&["doctor", "--json"]);
    assert!(
        doctor["checks"].as_array().unwrap().iter().any(|check| check["check"] == "long_connection"
            && check["mark"] == "fail"
            && check["fix"].as_str().is_some_and(|fix| fix.contains("feishu.app_secret"))),
        "{doctor:#}"
    );
    tokio::time::sleep(Duration::from_secs(3)).await;
    let asked = platform.get("_sim/counters").await["apis"]["ws.endpoint"]["by_code"]["514"].clone();
    assert_eq!(asked, 2, "once by serve and once by doctor");
    let ready = http().get(format!("{}/readyz", vault.site)).send().await.unwrap();
    assert_eq!(ready.status(), 200, "the doors work");
    let log = installation.log();
    assert_eq!(log.matches("the platform refuses the long connection").count(), 1, "{log}");
    assert!(!log.contains("wrong0secret0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_too_many_is_told_and_comes_in_when_there_is_room() {
    for too_many_at in [TooManyAt::Endpoint, TooManyAt::Upgrade] {
        let mut scenario = company();
        scenario.knobs.long_connection.max_connections = 1;
        scenario.knobs.long_connection.too_many_at = too_many_at;
        let platform = Platform::start(scenario).await;
        let (one, other) = (installation(&platform), installation(&platform));
        let first = one.serve();
        connected(&platform, 1, 0).await;
        let second = other.serve();
        let seen = stands(&other, "refused").await;
        assert_eq!(seen["trouble"], "too_many_connections", "{too_many_at:?}: {seen}");
        assert!(seen["detail"].as_str().unwrap().contains("1000040350"), "{seen}");

        first.kill();
        second.kill();
        eventually("room", async || live(&platform).await.is_empty().then_some(())).await;
        let _second = other.serve();
        stands(&other, "connected").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_mixed_lost_or_come_twice_make_one_recording_each() {
    let stage = Stage::set().await;
    stage
        .platform
        .patch("_sim/knobs", json!({ "long_connection": { "parts": 5, "part_order": "shuffled" } }))
        .await;
    let mixed = stage.record("乱序").await;
    stage.archived(&mixed).await;

    stage.order("ws.event", 1, json!({ "kind": "part_lost" })).await;
    let lost = stage.record("丢了一片").await;
    stage.attempted(|attempt| attempt["error"] == "no answer within 3 s").await;
    assert!(!media_files(&stage.installation.downloads()).contains_key(&lost));
    stage.deliver_all().await;
    stage.archived(&lost).await;

    stage.order("ws.event", 1, json!({ "kind": "duplicate" })).await;
    let twice = stage.record("来了两次").await;
    stage.archived(&twice).await;
    eventually("both answers", async || {
        let sent = stage.platform.get("_sim/long_connection").await["messages"].clone();
        let sent = sent.as_array()?;
        sent[sent.len() - 2..]
            .iter()
            .all(|message| message["answers"].as_array().is_some_and(|all| all.len() == 1))
            .then_some(())
    })
    .await;
    let seen = stage.installation.json(&["status", "--json"]);
    assert_eq!(seen["events"]["vc.meeting.recording_ready_v1"], 3, "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_pongs_or_with_empty_ones_it_goes_on() {
    let stage = Stage::set().await;
    let first = live(&stage.platform).await[0];
    stage.platform.patch("_sim/knobs", json!({ "long_connection": { "pong": "empty" } })).await;
    let pings = async || {
        let seen = stage.platform.get("_sim/long_connection").await;
        let connections = seen["connections"].as_array().unwrap().clone();
        connections.last().unwrap()["pings"].as_u64().unwrap()
    };
    let before = pings().await;
    eventually("a few pings", async || (pings().await > before + 3).then_some(())).await;
    assert_eq!(live(&stage.platform).await, [first], "an empty pong is a sign of life");

    // A platform that answers no ping is as good as none: the link is opened again, as often as it takes.
    stage.platform.patch("_sim/knobs", json!({ "long_connection": { "pong": "none" } })).await;
    eventually("another connection", async || {
        live(&stage.platform).await.iter().any(|id| *id > first).then_some(())
    })
    .await;
    stage.platform.patch("_sim/knobs", json!({ "long_connection": { "pong": "settings" } })).await;
    let token = stage.record("还在").await;
    stage.deliver_all().await;
    stage.archived(&token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_late_makes_one_more_delivery_and_no_second_recording() {
    let mut scenario = company();
    // The platform must not take the sleeper for dead before its patience with the event is over.
    scenario.knobs.long_connection.ping_interval = 60;
    let stage = Stage::with(scenario).await;
    signal("STOP", stage.vault.pid());
    eventually("a process that sleeps", async || is_stopped(stage.vault.pid()).then_some(())).await;
    let token = stage.record("睡过了头").await;
    stage.attempted(|attempt| attempt["error"] == "no answer within 3 s").await;
    signal("CONT", stage.vault.pid());
    stage.deliver_all().await;
    stage.archived(&token).await;
    let seen = stage.installation.json(&["status", "--json"]);
    assert_eq!(seen["events"]["vc.meeting.recording_ready_v1"], 1, "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_is_answered_500_and_archived_when_it_comes_again() {
    let stage = Stage::set().await;
    let lock = stage.lock_catalogue().await;
    let token = stage.record("存不下").await;
    stage.attempted(|attempt| attempt["status"] == 500).await;
    drop(lock);
    stage.deliver_all().await;
    stage.archived(&token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_event_and_answer_it_loses_nothing() {
    const KILLS: usize = 8;
    let mut stage = Stage::set().await;
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);

    // Surely between the two: it has the event and cannot store it.
    let lock = stage.lock_catalogue().await;
    let mut tokens = vec![stage.record("一定没存").await];
    eventually("the event on its way", async || {
        let sent = stage.platform.get("_sim/long_connection").await["messages"].clone();
        (!sent.as_array()?.is_empty()).then_some(())
    })
    .await;
    stage.vault = {
        stage.vault.kill();
        drop(lock);
        stage.installation.serve()
    };
    for number in 0..KILLS {
        let after = live(&stage.platform).await.into_iter().max().unwrap_or(0);
        for part in 0..4 {
            tokens.push(stage.record(&format!("会 {number}-{part}")).await);
        }
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..60))).await;
        stage.vault.kill();
        stage.vault = stage.installation.serve();
        eventually("a new connection", async || {
            live(&stage.platform).await.iter().any(|id| *id > after).then_some(())
        })
        .await;
    }
    stage.deliver_all().await;
    for token in &tokens {
        stage.archived(token).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_side_by_side_have_each_event_once_between_them() {
    const EVENTS: u64 = 40;
    let platform = Platform::start(company()).await;
    let (one, other) = (installation(&platform), installation(&platform));
    let (_one, _other) = (one.serve(), other.serve());
    connected(&platform, 2, 0).await;
    for number in 0..EVENTS {
        let event = json!({ "event_type": "contact.user.updated_v3", "event": { "number": number } });
        platform.post("_sim/events", event).await;
    }
    let counted = |installation: &Installation| {
        installation.json(&["status", "--json"])["events"]["contact.user.updated_v3"].as_u64().unwrap_or(0)
    };
    eventually("all events", async || (counted(&one) + counted(&other) >= EVENTS).then_some(())).await;
    assert_eq!(counted(&one) + counted(&other), EVENTS);
    assert!(counted(&one) > 0 && counted(&other) > 0, "40 events by chance, and all to one");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_at_once_miss_nothing_while_the_app_is_changed_over() {
    let mut scenario = company();
    scenario.app.subscription = Subscription::Webhook;
    let platform = Platform::start(scenario).await;
    let installation = Installation::new(platform.ready()).with("EVENTS_MODE", "both").by_events_alone();
    let vault = installation.serve();
    platform.post_events_to(&vault.site).await;
    connected(&platform, 1, 0).await;
    for (number, way) in ["webhook", "long_connection", "webhook"].into_iter().enumerate() {
        platform.patch("_sim/app", json!({ "subscription": way })).await;
        let event = json!({ "event_type": "contact.user.updated_v3", "event": { "number": number } });
        platform.post("_sim/events", event).await;
        eventually("the event", async || {
            let seen = installation.json(&["status", "--json"])["events"]["contact.user.updated_v3"].as_u64();
            (seen == Some(number as u64 + 1)).then_some(())
        })
        .await;
    }
    assert_eq!(platform.get("_sim/long_connection").await["messages"].as_array().unwrap().len(), 1);
}
