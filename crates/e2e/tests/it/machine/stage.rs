//! What all of these need: a program on a machine that can be told to fail, somebody who has authorised, recordings.

use std::time::Duration;

use e2e::{Installation, Machine, Platform, Vault, eventually};
use feishu_sim::Scenario;
use feishu_sim::scenario::Person;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::proof::{all_files, assert_holds};

/// One person on an otherwise empty platform, and a program that has had its first look at what is theirs.
pub(super) struct Stage {
    pub(super) platform: Platform,
    pub(super) installation: Installation,
    pub(super) person: String,
}

impl Stage {
    pub(super) async fn set(machine: &Machine) -> (Self, Vault) {
        Self::set_with(machine, |_| {}, |installation| installation).await
    }

    pub(super) async fn set_with(
        machine: &Machine,
        change: impl FnOnce(&mut Scenario),
        prepare: impl FnOnce(Installation) -> Installation,
    ) -> (Self, Vault) {
        let mut scenario = Scenario::named("empty").unwrap();
        scenario.people = vec![Person { name: "王芳".to_owned(), ..Person::default() }];
        scenario.knobs.rate_limits = false;
        change(&mut scenario);
        let platform = Platform::start(scenario).await;
        let installation = Installation::new(platform.ready()).on(machine).by_events_alone();
        let installation = installation.with("ARCHIVE_AT_ONCE", "64").with("FEISHU_RATE_FACTOR", "1000");
        let installation = prepare(installation);
        let person = platform.person("王芳");
        let stage = Self { platform, installation, person };
        let vault = stage.installation.serve();
        stage.platform.post_events_to(&vault.site).await;
        assert!(stage.platform.authorise(&vault.site, &stage.person).await.status.is_success());
        eventually("the first looks", async || stage.installation.has_looked().then_some(())).await;
        (stage, vault)
    }

    /// Somebody records; nobody is told yet.
    pub(super) async fn record(&self, title: &str, bytes: u64) -> String {
        let minute = json!({ "owner": self.person, "title": title, "announce": "recording_ready",
            "transcript": ["王芳: 开始吧"], "artifacts": { "summary": "都说好了" },
            "media": { "kind": "generated", "bytes": bytes } });
        self.platform.post("_sim/minutes", minute).await["token"].as_str().unwrap().to_owned()
    }

    pub(super) fn shown(&self, token: &str) -> Value {
        self.installation.json(&["recordings", "show", token, "--json"])
    }

    /// Until media and texts are all here, and the run over the recording has ended well.
    pub(super) async fn is_complete(&self, token: &str) {
        eventually(&format!("all of {token}"), async || is_complete(&self.shown(token)).then_some(())).await;
    }

    /// Until a run over it has ended without all that there is; how it stands then.
    pub(super) async fn after_a_miss(&self, token: &str) -> Value {
        eventually(&format!("a reason for what is missing of {token}"), async || {
            let shown = self.shown(token);
            let has_ended = shown["task"].is_object() && shown["task"]["lease_until"].is_null();
            let has_reason = shown["artifacts"].as_array()?.iter().any(|part| part["reason"].is_string());
            (has_ended && (has_reason || shown["task"]["last_error"].is_string())).then_some(())
        })
        .await;
        // Its parts were looked at one after the other, while the run may still have gone on.
        self.shown(token)
    }

    /// After a miss: whatever is not here is not here for this reason and no other, and what is here is whole.
    pub(super) async fn says(&self, token: &str, reason: &str) -> Value {
        let shown = self.after_a_miss(token).await;
        assert!(!is_complete(&shown), "nothing is missing: {shown:#}");
        for part in shown["artifacts"].as_array().unwrap() {
            if part["state"] == "failed" {
                assert_eq!(part["reason"], reason, "{shown:#}");
            }
        }
        let media = artifact(&shown, "media").unwrap();
        let (state, why) = match media["state"].as_str().unwrap() {
            "failed" => ("failed", reason),
            // Its texts are missing, and nothing but them.
            "done" if shown["task"]["last_error"].is_null() => ("archived", ""),
            // Nothing proves it before there are sums.
            _ => ("found", reason),
        };
        assert_eq!(shown["state"], state, "{shown:#}");
        assert_eq!(shown["reason"].as_str().unwrap_or_default(), why, "{shown:#}");
        self.finals_are_whole(token).await;
        shown
    }

    /// Under its final name there is nothing that is not whole.
    async fn finals_are_whole(&self, token: &str) {
        let truth = self.platform.get(&format!("_sim/minutes/{token}")).await;
        let ending = format!("{token}].mp4");
        for file in all_files(&self.installation.downloads()) {
            if file.to_string_lossy().ends_with(&ending) {
                let hash = hex::encode(Sha256::digest(std::fs::read(&file).unwrap()));
                assert_eq!(hash, truth["file"]["sha256"], "{}", file.display());
            }
        }
    }

    /// How many bytes of its media the platform has sent.
    pub(super) async fn served(&self, token: &str) -> u64 {
        self.platform.get(&format!("_sim/minutes/{token}")).await["served"]["bytes"].as_u64().unwrap_or(0)
    }

    /// Everything that the platform ever had is in the archive, byte for byte; nothing else is; nothing waits.
    pub(super) async fn everything_is_well(&self, vault: Vault) {
        let truth = self.platform.minutes().await;
        for minute in &truth {
            self.is_complete(minute["token"].as_str().unwrap()).await;
        }
        lives(&vault).await;
        assert_eq!(vault.terminate(), Some(0));
        assert_holds(&self.installation.downloads(), &truth);
        let verified = self.installation.run(&["verify", "--all"]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        let member = self.installation.json(&["members", "show", &self.person, "--json"]);
        assert_eq!((&member["state"], &member["reason"]), (&json!("active"), &json!(null)), "{member:#}");
    }

    /// The events that the platform was told are safe (200) and those that it still has to bring.
    pub(super) async fn events(&self, state: &str) -> Vec<Value> {
        let events = self.platform.get(&format!("_sim/events?state={state}")).await;
        events["events"].as_array().cloned().unwrap_or_default()
    }

    /// The platform's next attempt is due now, and so are all after it.
    pub(super) async fn deliver_all(&self) {
        eventually("an end of the platform's attempts", async || {
            if self.events("pending").await.is_empty() {
                return Some(());
            }
            self.platform.post("_sim/clock/advance", json!({ "ms": 20_000 })).await;
            None
        })
        .await;
        assert_eq!(self.events("given_up").await, Vec::<Value>::new());
    }
}

/// The service answers.
pub(super) async fn lives(vault: &Vault) {
    assert_eq!(ask(vault, "healthz").await, 200);
}

/// The status with which a door answers.
pub(super) async fn ask(vault: &Vault, door: &str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
    client.get(format!("{}/{door}", vault.site)).send().await.expect("an answer").status().as_u16()
}

pub(super) fn artifact<'a>(shown: &'a Value, kind: &str) -> Option<&'a Value> {
    shown["artifacts"].as_array()?.iter().find(|artifact| artifact["kind"] == kind)
}

/// Media, texts and sidecar are here, and nothing is left to be done.
pub(super) fn is_complete(shown: &Value) -> bool {
    let kinds = ["media", "transcript_txt", "transcript_srt", "summary", "sidecar"];
    let is_here = |kind| artifact(shown, kind).is_some_and(|artifact| artifact["state"] == "done");
    shown["state"] == "archived" && shown["task"].is_null() && kinds.into_iter().all(is_here)
}
