//! `recordings show`: everything that is known of one recording.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use archive::catalog::{Catalog, SightingRow};
use archive::model::{Artifact, MinuteToken, Recording, SystemClock, Track};
use archive::queue::{Queue, TaskKind, TaskRow};
use serde_json::{Map, Value, json};
use web::words::Words;

use super::{describe, names};
use crate::commands::{Outcome, moments};
use crate::config::Config;
use crate::print::{self, Moments, Table};

struct Dossier {
    recording: Recording,
    owner_name: Option<String>,
    artifacts: Vec<Artifact>,
    sightings: Vec<SightingRow>,
    task: Option<TaskRow>,
    /// Of the archive.
    root: PathBuf,
}

/// Runs `recordings show`.
pub async fn run(
    config: &Config,
    catalog: &Catalog,
    token: &MinuteToken,
    as_json: bool,
    words: Words,
) -> Result<Outcome> {
    let Some(recording) = catalog.recording(token).await? else {
        eprintln!("{}", words.say_with("recordings-unknown", &[("token", token.as_str().into())]));
        return Ok(Outcome::Bad);
    };
    let names = names(catalog).await?;
    let queue = Queue::new(catalog.clone(), Arc::new(SystemClock), "command line");
    let dossier = Dossier {
        owner_name: recording.owner_id.as_ref().and_then(|id| names.get(id)).cloned(),
        artifacts: catalog.artifacts(token).await?,
        sightings: catalog.sightings(token).await?,
        task: queue.task(TaskKind::Archive, token.as_str()).await?,
        root: std::path::absolute(&config.archive.dir)?,
        recording,
    };
    let moments = moments(config);
    if as_json {
        print::json(&Value::Object(dossier.describe(&moments)));
    } else {
        dossier.show(&moments, words);
    }
    Ok(Outcome::Good)
}

impl Dossier {
    fn path(&self, artifact: &Artifact) -> Option<PathBuf> {
        Some(self.root.join(self.recording.dir.as_ref()?).join(artifact.file_name.as_ref()?))
    }

    fn show(&self, moments: &Moments, words: Words) {
        let recording = &self.recording;
        let mut facts = Table::facts();
        let mut fact = |key: &str, value: String| facts.row([words.say(key), value]);
        fact("column-title", recording.title.clone().unwrap_or_else(|| "—".to_owned()));
        fact("column-token", recording.minute_token.to_string());
        fact("column-state", words.recording_state(recording.state));
        if let Some(reason) = recording.reason() {
            fact("column-reason", words.reason(reason));
            fact("column-fix", words.reason_fix(reason));
            fact("column-mover", words.mover(reason.mover()));
        }
        if let Some(detail) = &recording.reason_detail {
            fact("column-detail", detail.clone());
        }
        let owner = [self.owner_name.as_deref(), recording.owner_id.as_deref()];
        fact("column-owner", owner.into_iter().flatten().collect::<Vec<_>>().join("  "));
        fact("column-created", moments.say(recording.created_ms));
        if let Some(ms) = recording.duration_ms {
            fact("column-duration", clock(ms));
        }
        fact("column-found", moments.say_with_distance(Some(recording.found_at), words));
        fact("column-archived", moments.say_with_distance(recording.archived_at, words));
        if let Some(url) = &recording.url {
            fact("column-url", url.clone());
        }
        if let Some(dir) = &recording.dir {
            fact("column-folder", self.root.join(dir).display().to_string());
        }
        if let Some(task) = &self.task {
            let at_work = task.lease_until.is_some_and(|until| until > moments.now_ms);
            let when = if at_work {
                words.say("recordings-at-work")
            } else {
                moments.say_with_distance(Some(task.run_at), words)
            };
            fact("column-next-attempt", when);
            if let Some(error) = &task.last_error {
                fact("column-last-error", error.clone());
            }
        }
        facts.print();
        for artifact in &self.artifacts {
            print::line("");
            self.artifact_facts(artifact, moments, words).print();
        }
        print::line("");
        let mut table = Table::new(
            &["column-seen-by", "column-open-id", "column-first", "column-last", "column-times"],
            words,
        );
        for seen in &self.sightings {
            table.row([
                seen.track.parse::<Track>().map_or_else(|_| seen.track.clone(), |track| words.track(track)),
                if seen.open_id.is_empty() { "—".to_owned() } else { seen.open_id.clone() },
                moments.say(Some(seen.first_at)),
                moments.say(Some(seen.last_at)),
                seen.times.to_string(),
            ]);
        }
        table.print();
    }

    fn artifact_facts(&self, artifact: &Artifact, moments: &Moments, words: Words) -> Table {
        let mut facts = Table::facts();
        facts.row([words.artifact_kind(artifact.kind), words.artifact_state(artifact.state)]);
        let mut fact = |key: &str, value: String| facts.row([format!("  {}", words.say(key)), value]);
        if let Some(reason) = artifact.reason() {
            fact("column-reason", words.reason(reason));
            fact("column-fix", words.reason_fix(reason));
        }
        if let Some(detail) = &artifact.reason_detail {
            fact("column-detail", detail.clone());
        }
        if let Some(path) = self.path(artifact) {
            fact("column-file", path.display().to_string());
        }
        if let Some(bytes) = artifact.bytes {
            fact("column-size", format!("{} ({bytes})", print::size(bytes.unsigned_abs())));
        }
        if let Some(ms) = artifact.play_ms {
            let said = self.recording.duration_ms.filter(|said| said / 1_000 != ms / 1_000);
            let plays = said.map_or_else(
                || clock(ms),
                |said| {
                    words.say_with(
                        "recordings-plays",
                        &[("plays", clock(ms).into()), ("said", clock(said).into())],
                    )
                },
            );
            fact("column-duration", plays);
        }
        if let Some(sha256) = &artifact.sha256 {
            fact("column-sha256", sha256.clone());
        }
        if let Some(via) = &artifact.via {
            fact("column-via", via.clone());
        }
        if artifact.attempts > 0 {
            fact("column-attempts", artifact.attempts.to_string());
        }
        if artifact.done_at.is_some() {
            fact("column-archived", moments.say(artifact.done_at));
            fact("column-verified", moments.say(artifact.verified_at));
        }
        facts
    }

    fn describe(&self, moments: &Moments) -> Map<String, Value> {
        let mut object = describe(&self.recording, self.owner_name.as_deref(), moments);
        let artifacts: Vec<Value> =
            self.artifacts.iter().map(|artifact| self.describe_artifact(artifact, moments)).collect();
        object.insert("artifacts".to_owned(), artifacts.into());
        let sightings: Vec<Value> =
            self.sightings.iter().map(|seen| describe_sighting(seen, moments)).collect();
        object.insert("sightings".to_owned(), sightings.into());
        let folder = self.recording.dir.as_ref().map(|dir| self.root.join(dir));
        object.insert("folder".to_owned(), json!(folder));
        object.insert(
            "task".to_owned(),
            self.task.as_ref().map_or(Value::Null, |task| {
                let mut object = Map::new();
                object.insert("attempts".to_owned(), task.attempts.into());
                object.insert("last_error".to_owned(), json!(task.last_error));
                moments.put(&mut object, "run_at", Some(task.run_at));
                moments.put(&mut object, "lease_until", task.lease_until);
                Value::Object(object)
            }),
        );
        object
    }

    fn describe_artifact(&self, artifact: &Artifact, moments: &Moments) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("kind", json!(artifact.kind));
        put("state", json!(artifact.state));
        put("reason", json!(artifact.reason));
        put("reason_detail", json!(artifact.reason_detail));
        put("path", json!(self.path(artifact)));
        put("bytes", json!(artifact.bytes));
        put("sha256", json!(artifact.sha256));
        put("content_type", json!(artifact.content_type));
        put("plays_ms", json!(artifact.play_ms));
        put("fetched_with_grant_of", json!(artifact.via));
        put("attempts", json!(artifact.attempts));
        for (name, at_ms) in [
            ("due_at", Some(artifact.due_at).filter(|at_ms| *at_ms > 0)),
            ("done_at", artifact.done_at),
            ("verified_at", artifact.verified_at),
        ] {
            moments.put(&mut object, name, at_ms);
        }
        Value::Object(object)
    }
}

/// `1:02:03`
fn clock(ms: i64) -> String {
    let seconds = ms / 1_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn describe_sighting(seen: &SightingRow, moments: &Moments) -> Value {
    let mut object = Map::new();
    object.insert("track".to_owned(), json!(seen.track));
    object.insert("open_id".to_owned(), json!(Some(&seen.open_id).filter(|id| !id.is_empty())));
    object.insert("times".to_owned(), json!(seen.times));
    moments.put(&mut object, "first_at", Some(seen.first_at));
    moments.put(&mut object, "last_at", Some(seen.last_at));
    Value::Object(object)
}
