//! The stand-in company: its platform, and its people at their browsers.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use archive::Archive;
use archive::catalog::RecordingFilter;
use archive::model::RecordingState;
use archive::queue::{Call, TaskKind};
use feishu::Priority;
use feishu_sim::browser::{Browser, Decision};
use feishu_sim::{Ready, Scenario, Sim};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// Fixed, so that a demonstration that is run again over the same folder meets the same company.
const SEED: u64 = 20_260_601;
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Whatever is asked for again later than this counts as settled for the demonstration.
const SOON_MS: i64 = 10_000;
const EVENT_SPACING_MS: u64 = 60;

/// What the stand-in knows to be true of a recording.
#[derive(Debug, Deserialize)]
pub struct Truth {
    /// Its minute_token.
    pub token: String,
    /// How a careful archive ends up with it.
    pub expect: Option<String>,
    /// Its file, if there is one.
    pub file: Option<TrueFile>,
}

/// What the stand-in serves.
#[derive(Debug, Deserialize)]
pub struct TrueFile {
    /// Length.
    pub bytes: u64,
    /// Lowercase hex.
    pub sha256: String,
}

/// The running company.
pub struct Company {
    sim: Sim,
    control: reqwest::Client,
    base: Url,
}

impl Company {
    /// Starts the platform on a free port of this machine.
    pub async fn open() -> Result<Self> {
        let mut scenario = Scenario::named("company")?;
        scenario.seed = Some(SEED);
        let sim =
            Sim::start(scenario, ([127, 0, 0, 1], 0).into()).await.context("the stand-in cannot listen")?;
        let base = Url::parse(&sim.ready().api_base)?;
        let control = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { sim, control, base })
    }

    /// Its addresses and credentials.
    pub fn ready(&self) -> &Ready {
        self.sim.ready()
    }

    /// Everybody who is willing clicks through the real pages, unless they have done so before.
    pub async fn authorise_everybody(&self, site: &str, archive: &Archive) -> Result<()> {
        let start = Url::parse(&format!("{site}/auth/start"))?;
        let active = archive.catalog.active_members().await?;
        let people = self.get("_sim/people").await?;
        let willing =
            people["people"].as_array().into_iter().flatten().filter(|person| person["authorises"] == true);
        for person in willing.filter_map(|person| person["open_id"].as_str()) {
            if active.iter().any(|member| member.as_str() == person) {
                continue;
            }
            let page = Browser::new("zh-CN,zh;q=0.9")?.authorise(&start, person, Decision::Allow).await?;
            if !page.status.is_success() {
                bail!("{person} could not authorise: the page answered {}", page.status);
            }
        }
        Ok(())
    }

    /// Lets the platform announce its recordings by event; when it had done so, unix ms.
    pub async fn play(&self, site: &str, archive: &Archive) -> Result<i64> {
        self.post("_sim/webhook", &json!({ "url": format!("{site}/webhook/event"), "check": true })).await?;
        // Members' new minutes are announced to us only once each of them is subscribed.
        while archive.catalog.members().await?.iter().any(|row| row.member.subscription_asked_at.is_none()) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.post("_sim/play", &json!({ "spacing_ms": EVENT_SPACING_MS })).await?;
        ask_anew(archive).await?;
        loop {
            let minutes = self.get("_sim/minutes").await?;
            let all = minutes["minutes"].as_array().map_or(&[][..], Vec::as_slice);
            let pending = self.get("_sim/events?state=pending").await?;
            let is_delivered = pending["events"].as_array().is_none_or(Vec::is_empty);
            if is_delivered && all.iter().all(|minute| !minute["played_ms"].is_null()) {
                return Ok(archive.clock.now_ms());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until nothing is at work and nothing falls due soon, everybody has been patrolled since, and it was looked
    /// for what everybody attended: through them comes what its owner did not authorise.
    pub async fn until_settled(&self, archive: &Archive, played_at_ms: i64) -> Result<()> {
        loop {
            let members = archive.catalog.members().await?;
            let is_patrolled =
                members.iter().all(|row| row.member.patrolled_at.is_some_and(|at| at > played_at_ms));
            if is_patrolled && has_looked_for_attended(archive).await? && is_idle(archive).await? {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What is true of every recording.
    pub async fn truth(&self) -> Result<Vec<Truth>> {
        let minutes = self.get("_sim/minutes?sha256=true").await?;
        Ok(serde_json::from_value(minutes["minutes"].clone())?)
    }

    /// Ends the platform.
    pub async fn close(self) {
        self.sim.shutdown().await;
    }

    async fn get(&self, path: &str) -> Result<Value> {
        Ok(self.control.get(self.base.join(path)?).send().await?.error_for_status()?.json().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<()> {
        self.control.post(self.base.join(path)?).json(body).send().await?.error_for_status()?;
        Ok(())
    }
}

async fn has_looked_for_attended(archive: &Archive) -> Result<bool> {
    for member in archive.catalog.active_members().await? {
        let looks = archive.catalog.attended_looks(&member).await?;
        if looks.is_none_or(|looks| looks.reached_ms > looks.goal_ms) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What an earlier demonstration left waiting is asked for from the start: the stand-in's own countdowns
/// have begun anew, too.
async fn ask_anew(archive: &Archive) -> Result<()> {
    let waiting = RecordingFilter {
        state: Some(RecordingState::Waiting.to_string()),
        limit: i64::MAX,
        ..RecordingFilter::default()
    };
    for recording in archive.catalog.recordings(&waiting).await? {
        archive.catalog.reopen_artifacts(&recording.minute_token, false).await?;
        let token = recording.minute_token.as_str();
        archive
            .queue
            .call(Call::new(TaskKind::Archive, token, Priority::Event, archive.clock.now_ms()))
            .await?;
    }
    Ok(())
}

async fn is_idle(archive: &Archive) -> Result<bool> {
    let soon_ms = archive.clock.now_ms() + SOON_MS;
    if archive.catalog.overview().await?.events_waiting > 0 {
        return Ok(false);
    }
    for kind in [TaskKind::Meeting, TaskKind::Archive] {
        let tasks = archive.queue.list(kind, 1_000).await?;
        if tasks.iter().any(|task| task.lease_until.is_some() || task.run_at < soon_ms) {
            return Ok(false);
        }
    }
    Ok(true)
}
