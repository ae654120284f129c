//! The program under measurement: a real `serve`, told of recordings by signed events.

use std::time::{Duration, Instant};

use e2e::{Installation, Platform, Vault};
use feishu_sim::Scenario;
use serde_json::json;

use crate::theirs::{Cost, ticks};

const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Looking costs a process; the whole pipeline takes seconds.
const LOOK_AT_STATES_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct Ours {
    pub(crate) platform: Platform,
    pub(crate) installation: Installation,
    pub(crate) vault: Vault,
    owner: String,
}

impl Ours {
    /// A fresh installation with one member who has authorised.
    pub(crate) async fn start() -> Self {
        let mut scenario = Scenario::named("small").expect("built in");
        scenario.minutes.clear();
        scenario.knobs.rate_limits = false;
        let platform = Platform::start(scenario).await;
        let installation = Installation::new(platform.ready()).with("FEISHU_RATE_FACTOR", "1000");
        let vault = installation.serve();
        let owner = platform.ready().users[0].open_id.clone();
        platform.authorise(&vault.site, &owner).await;
        platform.post_events_to(&vault.site).await;
        Self { platform, installation, vault, owner }
    }

    /// Recordings whose files lie at `urls`, not yet announced.
    pub(crate) async fn record(&self, urls: &[String]) -> Vec<String> {
        let mut tokens = Vec::new();
        for url in urls {
            let minute = json!({ "owner": self.owner, "title": format!("录制 {url}"),
                "announce": "recording_ready", "download_url": url });
            let added = self.platform.post("_sim/minutes", minute).await;
            tokens.push(added["token"].as_str().expect("a minute_token").to_owned());
        }
        tokens
    }

    /// From the announcement of all to the commit of the last one's media.
    pub(crate) async fn fetch(&self, urls: &[String]) -> Cost {
        let tokens = self.record(urls).await;
        let wanted = self.media_archived() + tokens.len();
        let cpu = self.cpu();
        let began = Instant::now();
        self.announce(&tokens).await;
        while self.media_archived() < wanted {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Cost { wall: began.elapsed(), cpu: self.cpu().saturating_sub(cpu) }
    }

    /// From the announcement of all to the last one being archived with everything that belongs to it.
    pub(crate) async fn archive(&self, urls: &[String]) -> Cost {
        let tokens = self.record(urls).await;
        let wanted = self.archived() + tokens.len() as u64;
        let cpu = self.cpu();
        let began = Instant::now();
        self.announce(&tokens).await;
        while self.archived() < wanted {
            tokio::time::sleep(LOOK_AT_STATES_EVERY).await;
        }
        Cost { wall: began.elapsed(), cpu: self.cpu().saturating_sub(cpu) }
    }

    pub(crate) async fn announce(&self, tokens: &[String]) {
        for token in tokens {
            self.platform.announce(token).await;
        }
    }

    fn media_archived(&self) -> usize {
        self.installation.log().matches("media archived").count()
    }

    pub(crate) fn archived(&self) -> u64 {
        self.installation.json(&["status", "--json"])["recordings"]["archived"].as_u64().unwrap_or(0)
    }

    pub(crate) fn peak_mib(&self) -> f64 {
        self.vault.memory_mib("VmHWM")
    }

    /// `kill -9`, and `serve` again over the same folder; what `look` saw between the two.
    pub(crate) fn killed_and_started_again<T>(mut self, look: impl FnOnce(&Installation) -> T) -> (Self, T) {
        self.vault.kill();
        let seen = look(&self.installation);
        self.vault = self.installation.serve();
        (self, seen)
    }

    /// User and system time of the program and of the children it has ended.
    fn cpu(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.vault.pid());
        ticks(&path, 11) + ticks(&path, 13)
    }

    /// Takes the media away, so that the next round finds as much room as this one.
    pub(crate) fn clear(&self) {
        let mut folders = vec![self.installation.downloads()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "mp4") {
                    let _ = std::fs::remove_file(path);
                }
            }
        }
    }
}
