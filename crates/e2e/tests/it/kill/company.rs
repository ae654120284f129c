//! The company whose recordings must survive: everybody has authorised, tokens end every few seconds, and somebody
//! always records.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use e2e::{Installation, Platform, Vault, eventually};
use feishu_sim::Scenario;
use feishu_sim::scenario::Person;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::task::JoinHandle;
use tokio::time::sleep;

const PEOPLE: usize = 8;
const RECORDED_EVERY_MS: std::ops::Range<u64> = 200..1_200;
/// How the platform tells of a recording.
const WAYS: [&str; 3] = ["recording_ready", "meeting_ended", "generated"];

pub(super) struct Company {
    pub(super) platform: Arc<Platform>,
    pub(super) people: Vec<String>,
    /// Where the program listens, life after life, so that events go there whether it lives or not.
    pub(super) site: String,
}

impl Company {
    pub(super) async fn gather(listen: &str) -> Self {
        let site = format!("http://{listen}");
        let mut scenario = Scenario::named("empty").unwrap();
        scenario.people =
            (0..PEOPLE).map(|number| Person { name: format!("员工{number}"), ..Person::default() }).collect();
        scenario.app.access_token_seconds = 4;
        scenario.knobs.media_bytes_per_second = Some(3_000_000);
        scenario.webhook = Some(format!("{site}/webhook/event"));
        let platform = Arc::new(Platform::start(scenario).await);
        let people = platform.ready().users.iter().map(|user| user.open_id.clone()).collect();
        Self { platform, people, site }
    }

    /// Everybody authorises, and is looked at once.
    pub(super) async fn authorise(&self, installation: &Installation, vault: Vault) {
        for open_id in &self.people {
            assert!(self.platform.authorise(&vault.site, open_id).await.status.is_success());
        }
        eventually("the first looks at everybody", async || installation.has_looked().then_some(())).await;
        assert_eq!(vault.terminate(), Some(0));
    }

    pub(super) fn members(&self, installation: &Installation) -> Vec<Value> {
        let members = installation.json(&["members", "list", "--json"])["members"].clone();
        let members = members.as_array().cloned().unwrap_or_default();
        assert_eq!(members.len(), self.people.len());
        members
    }

    /// How often an API was called so far.
    pub(super) async fn calls(&self, api: &str) -> u64 {
        self.platform.get("_sim/counters").await["apis"][api]["calls"].as_u64().unwrap_or(0)
    }

    /// From now on somebody records and the platform tells of it, whether anybody listens or not.
    pub(super) fn record(&self, seed: u64) -> Recording {
        let (platform, people) = (Arc::clone(&self.platform), self.people.clone());
        let (stop, mut stopped) = oneshot::channel();
        let mut dice = StdRng::seed_from_u64(seed);
        let task = tokio::spawn(async move {
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                sleep(Duration::from_millis(dice.random_range(RECORDED_EVERY_MS))).await;
                // Many are small; some are large enough to come in segments, and to be cut off again and again.
                let is_large = dice.random_ratio(1, 6);
                let bytes = if is_large { 5_000_000..12_000_000 } else { 100_000..2_000_000 };
                let bytes = dice.random_range(bytes);
                let owner = people.choose(&mut dice).unwrap();
                let token = platform.record(owner, "周会", bytes).await;
                let way = json!({ "as": WAYS.choose(&mut dice) });
                platform.post(&format!("_sim/minutes/{token}/announce"), way).await;
            }
        });
        Recording { stop, task }
    }

    /// Lets the platform's clock run till each event has been taken, as its schedule of attempts has it.
    pub(super) async fn deliver_all(&self) {
        eventually("an end of the platform's attempts", async || {
            let pending = self.platform.get("_sim/events?state=pending").await;
            if pending["events"].as_array()?.is_empty() {
                return Some(());
            }
            self.platform.post("_sim/clock/advance", json!({ "ms": 600_000 })).await;
            None
        })
        .await;
        let given_up = self.platform.get("_sim/events?state=given_up").await;
        assert_eq!(given_up["events"], json!([]), "nobody took these for hours");
    }
}

pub(super) struct Recording {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Recording {
    pub(super) async fn stop(self) {
        self.stop.send(()).expect("somebody records");
        self.task.await.unwrap();
    }
}

/// An address whose port no other test is given by chance: below those that the system hands out.
pub(super) fn address(dice: &mut StdRng) -> String {
    let addresses = std::iter::repeat_with(|| format!("127.0.0.1:{}", dice.random_range(10_000..30_000)));
    addresses.take(1_000).find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}
