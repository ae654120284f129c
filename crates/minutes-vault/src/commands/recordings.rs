//! `recordings`: which there are, what happened to each, how to fetch one again, and how to put one in the trash.

mod show;
mod trash;

use std::collections::BTreeMap;

use anyhow::Result;
use archive::audit::{Verb, record};
use archive::catalog::{Catalog, RecordingFilter};
use archive::model::{Clock as _, MinuteToken, Recording, SystemClock};
use archive::queue::{Call, Queue, TaskKind};
use feishu::Priority;
use serde_json::{Map, Value, json};
use web::words::Words;

use super::{Outcome, deed, moments};
use crate::cli::Recordings;
use crate::config::Config;
use crate::print::{self, Moments, Table};
use crate::startup;

/// Runs `recordings …`.
pub async fn run(config: &Config, command: Recordings, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let outcome = match command {
        Recordings::List { state, owner, limit, output } => {
            let filter = RecordingFilter {
                state: state.map(|state| state.to_string()),
                owner: owner.map(|owner| owner.to_string()),
                limit: limit.into(),
                ..RecordingFilter::default()
            };
            list(&catalog, &filter, &moments(config), output.json, words).await?
        }
        Recordings::Show { token, output } => show::run(config, &catalog, &token, output.json, words).await?,
        Recordings::Refetch { tokens, output } => {
            refetch(config, &catalog, &tokens, output.json, words).await?
        }
        Recordings::Trash { tokens, output } => {
            trash::put(config, &catalog, &tokens, output.json, words).await?
        }
        Recordings::Restore { tokens, output } => {
            trash::restore(config, &catalog, &tokens, output.json, words).await?
        }
    };
    catalog.db().close().await;
    Ok(outcome)
}

async fn list(
    catalog: &Catalog,
    filter: &RecordingFilter,
    moments: &Moments,
    as_json: bool,
    words: Words,
) -> Result<Outcome> {
    let recordings = catalog.recordings(filter).await?;
    let names = names(catalog).await?;
    let owner_name =
        |recording: &Recording| recording.owner_id.as_ref().and_then(|id| names.get(id)).map(String::as_str);
    if as_json {
        let described: Vec<Value> = recordings
            .iter()
            .map(|recording| Value::Object(describe(recording, owner_name(recording), moments)))
            .collect();
        print::json(&json!({ "recordings": described }));
        return Ok(Outcome::Good);
    }
    if recordings.is_empty() {
        print::line(words.say("recordings-none"));
        return Ok(Outcome::Good);
    }
    let header =
        ["column-token", "column-state", "column-owner", "column-created", "column-title", "column-reason"];
    let mut table = Table::new(&header, words);
    for recording in &recordings {
        table.row([
            recording.minute_token.to_string(),
            words.recording_state(recording.state),
            owner_name(recording).or(recording.owner_id.as_deref()).unwrap_or("—").to_owned(),
            moments.say(recording.created_ms),
            recording.title.clone().unwrap_or_default(),
            recording.reason().map(|reason| words.reason(reason)).unwrap_or_default(),
        ]);
    }
    table.print();
    if i64::try_from(recordings.len()).is_ok_and(|count| count == filter.limit) {
        print::line(words.say_with("recordings-more", &[("limit", filter.limit.into())]));
    }
    Ok(Outcome::Good)
}

/// Members' names by open_id.
async fn names(catalog: &Catalog) -> Result<BTreeMap<String, String>> {
    let members = catalog.members().await?;
    Ok(members.into_iter().map(|row| (row.member.open_id.to_string(), row.member.name)).collect())
}

/// What programs read of a recording.
fn describe(recording: &Recording, owner_name: Option<&str>, moments: &Moments) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("minute_token", json!(recording.minute_token));
    put("state", json!(recording.state));
    put("reason", json!(recording.reason));
    put("reason_detail", json!(recording.reason_detail));
    put("title", json!(recording.title));
    put("owner_id", json!(recording.owner_id));
    put("owner_name", json!(owner_name));
    put("duration_ms", json!(recording.duration_ms));
    put("meeting_id", json!(recording.meeting_id));
    put("url", json!(recording.url));
    for (name, at_ms) in [
        ("created_at", recording.created_ms),
        ("found_at", Some(recording.found_at)),
        ("archived_at", recording.archived_at),
    ] {
        moments.put(&mut object, name, at_ms);
    }
    object
}

/// Sends recordings back to the start. What is there stays until what comes is whole.
async fn refetch(
    config: &Config,
    catalog: &Catalog,
    tokens: &[MinuteToken],
    as_json: bool,
    words: Words,
) -> Result<Outcome> {
    let clock = std::sync::Arc::new(SystemClock);
    let now_ms = clock.now_ms();
    let queue = Queue::new(catalog.clone(), clock, "command line");
    let (mut called, mut unknown, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for token in tokens {
        let Some(recording) = catalog.recording(token).await? else {
            unknown.push(token);
            continue;
        };
        if recording.state.is_removed() {
            removed.push(token);
            continue;
        }
        record(catalog, &deed(token.as_str(), Verb::Changed, "retry")?).await?;
        catalog.reopen_artifacts(token, true).await?;
        let call = Call::new(TaskKind::Archive, token.as_str(), Priority::Person, now_ms)
            .of(recording.owner_id.as_deref())
            .made(recording.created_ms.unwrap_or(recording.found_at));
        queue.call(call).await?;
        called.push(token);
    }
    let is_running = startup::running_process(config).is_some();
    if as_json {
        print::json(
            &json!({ "refetching": called, "unknown": unknown, "removed": removed, "running": is_running }),
        );
        return Ok(Outcome::of(unknown.is_empty() && removed.is_empty()));
    }
    for token in &called {
        print::line(words.say_with("refetch-called", &[("token", token.as_str().into())]));
    }
    for token in &unknown {
        eprintln!("{}", words.say_with("recordings-unknown", &[("token", token.as_str().into())]));
    }
    for token in &removed {
        eprintln!("{}", words.say_with("refetch-removed", &[("token", token.as_str().into())]));
    }
    if !called.is_empty() && !is_running {
        print::line(words.say("refetch-not-running"));
    }
    Ok(Outcome::of(unknown.is_empty() && removed.is_empty()))
}
