//! An archive over the stand-in platform, with both clocks in one hand: for what takes days or a year.

use std::sync::Arc;
use std::time::Duration;

use archive::Archive;
use archive::catalog::{Arg, Catalog};
use archive::members::{Ask, Authoriser};
use archive::model::{Clock as _, ManualClock, Member};
use archive::notify::{Card, Herald, NotifySettings, QuietHours, Tone, Webhook};
use archive::queue::TaskKind;
use feishu_sim::browser::{Browser, Decision};
use feishu_sim::{Scenario, Sim};
use jiff::civil::Time;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::task::TaskTracker;

use crate::databases::Fresh;
use crate::installation::{self, DAY_MS, FEATURES, eventually, person};

/// 2026-01-05 10:00 UTC, a Monday.
pub(crate) const START_MS: i64 = 1_767_607_200_000;

pub(crate) struct Company {
    pub(crate) archive: Arc<Archive>,
    pub(crate) herald: Herald,
    pub(crate) clock: Arc<ManualClock>,
    sim: Sim,
    control: reqwest::Client,
    tracker: TaskTracker,
    downloads: TempDir,
    _data: TempDir,
}

impl Company {
    /// Three people, of whom 李娜 looks after the service; nobody recorded anything yet.
    pub(crate) async fn new(fresh: &Fresh, webhook: Option<Webhook>) -> Self {
        let mut scenario = Scenario::named("small").unwrap();
        scenario.minutes.clear();
        scenario.now_ms = Some(START_MS);
        scenario.knobs.date_skew_ms = Some(0);
        let sim = Sim::start(scenario, ([127, 0, 0, 1], 0).into()).await.unwrap();
        let ready = sim.ready();
        let clock = Arc::new(ManualClock::at(START_MS));
        let client = installation::client(&ready.api_base, &ready.app_id, &ready.app_secret);
        let (archive, downloads, data) = installation::open(fresh.catalog.clone(), client, &clock).await;
        let administrator = ready.users.iter().find(|user| user.name == "李娜").unwrap();
        let hours = |hour| Time::constant(hour, 0, 0, 0);
        let herald = Herald {
            catalog: archive.catalog.clone(),
            queue: archive.queue.clone(),
            client: archive.client.clone(),
            store: archive.store.clone(),
            clock: Arc::clone(&archive.clock),
            features: FEATURES,
            settings: NotifySettings {
                administrators: vec![person(&administrator.open_id)],
                quiet: Some(QuietHours { from: hours(20), to: hours(9) }),
                zone: jiff::tz::TimeZone::UTC,
                page: Some("https://vault.example.com/auth/start".parse().unwrap()),
                webhook,
                silence: Some(Duration::from_hours(12)),
            },
            wording: Arc::new(|language, notice| Card {
                title: format!("{}/{}", notice.matter, if notice.is_over { "over" } else { "open" }),
                lines: vec![
                    serde_json::to_string(&notice.facts).unwrap(),
                    language.unwrap_or("?").to_owned(),
                ],
                button: Some("go".to_owned()),
                tone: Tone::Plain,
            }),
        };
        let control = reqwest::Client::builder().no_proxy().build().unwrap();
        let tracker = TaskTracker::new();
        Self { archive, herald, clock, sim, control, tracker, downloads, _data: data }
    }

    /// Starts everything that works on its own.
    pub(crate) fn work(&self) {
        self.archive.spawn_workers(&self.tracker, archive::Concurrency::default());
        self.archive.spawn_event_work(&self.tracker);
        self.herald.spawn_worker(&self.tracker, &self.archive.stop);
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.archive.catalog
    }

    pub(crate) fn root(&self) -> &std::path::Path {
        self.downloads.path()
    }

    pub(crate) fn open_id(&self, name: &str) -> String {
        self.sim.ready().users.iter().find(|user| user.name == name).unwrap().open_id.clone()
    }

    pub(crate) async fn member(&self, name: &str) -> Member {
        self.catalog().member(&person(&self.open_id(name))).await.unwrap().expect("a member")
    }

    /// Through the platform's page to a stored grant.
    pub(crate) async fn authorise(&self, name: &str) {
        let authoriser = Authoriser::new(self.archive.grants.clone(), self.archive.queue.clone(), FEATURES);
        let back = format!("{}/back", self.sim.base());
        let started = authoriser.start(&back, Ask::Own);
        let browser = Browser::new("zh-CN").unwrap();
        let page = browser.decide(&started.url, &self.open_id(name), Decision::Allow).await.unwrap();
        let (_, code) = page.url.query_pairs().find(|(key, _)| key == "code").expect("a code");
        authoriser.finish(&code, &back, &started.verifier, Ask::Own, Some("zh"), "10.0.0.1").await.unwrap();
    }

    /// Somebody makes a recording; its minute_token.
    pub(crate) async fn record(&self, owner: &str, title: &str) -> String {
        let minute = json!({ "owner": self.open_id(owner), "title": title, "announce": "none",
            "media": { "kind": "clip", "clip": "meeting", "pad_bytes": 0 } });
        let added = self.order("/_sim/minutes", minute).await;
        added["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn order(&self, path: &str, body: Value) -> Value {
        let answer =
            self.control.post(format!("{}{path}", self.sim.base())).json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(crate) async fn change(&self, path: &str, body: Value) {
        let answer =
            self.control.patch(format!("{}{path}", self.sim.base())).json(&body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {status} {}", answer.text().await.unwrap());
    }

    pub(crate) async fn see(&self, path: &str) -> Value {
        self.control.get(format!("{}{path}", self.sim.base())).send().await.unwrap().json().await.unwrap()
    }

    /// The cards that this person was sent, as they look now, the first one first.
    pub(crate) async fn cards(&self, name: &str) -> Vec<Value> {
        let open_id = self.open_id(name);
        let messages = self.see("/_sim/messages").await["messages"].as_array().unwrap().clone();
        let of_theirs = messages.iter().filter(|message| message["receive_id"] == open_id.as_str());
        of_theirs.map(|message| serde_json::from_str(message["content"].as_str().unwrap()).unwrap()).collect()
    }

    /// Headings of these cards.
    pub(crate) async fn told(&self, name: &str) -> Vec<String> {
        let heading = |card: &Value| card["header"]["title"]["content"].as_str().unwrap().to_owned();
        self.cards(name).await.iter().map(heading).collect()
    }

    /// Both clocks go on, at most six days at a time; grants are renewed and the herald looks, as they do by
    /// themselves.
    pub(crate) async fn pass(&self, ms: i64) {
        let mut left = ms;
        while left > 0 {
            let step = left.min(6 * DAY_MS);
            left -= step;
            // The platform first: a token that somebody is given in between is then never older than it seems.
            self.order("/_sim/clock/advance", json!({ "ms": step })).await;
            self.clock.advance(step);
            for member in self.catalog().active_members().await.unwrap() {
                drop(self.archive.grants.access(&member).await);
            }
            self.look().await;
        }
    }

    /// The same, and after each step everything that is due by then has been done.
    pub(crate) async fn live(&self, ms: i64) {
        let mut left = ms;
        while left > 0 {
            let step = left.min(6 * DAY_MS);
            left -= step;
            self.pass(step).await;
            self.settle().await;
        }
    }

    /// Until nothing is due, nobody is at work, and a look finds nothing more to tell.
    pub(crate) async fn settle(&self) {
        eventually("all that is due is done", async || {
            let was_idle = self.is_idle().await;
            self.look().await;
            was_idle && self.is_idle().await
        })
        .await;
    }

    async fn is_idle(&self) -> bool {
        let sql = "SELECT COUNT(*) FROM tasks WHERE run_at <= $1 OR lease_until IS NOT NULL";
        let due: Option<(i64,)> = self.catalog().db().row(sql, vec![Arg::from(self.now_ms())]).await.unwrap();
        due == Some((0,))
    }

    /// One look of the herald's; all who wait look, too.
    pub(crate) async fn look(&self) {
        self.herald.look().await.unwrap();
        for kind in TaskKind::ALL {
            self.archive.queue.nudge(*kind);
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        self.archive.stop.cancel();
    }
}
