//! `pause` and `resume`: all fetching, or one recording. It is written into the catalogue, so that it lasts over
//! restarts; a running service heeds it within a second and keeps what has come.

use anyhow::Result;
use archive::audit::Verb;
use archive::catalog::Catalog;
use archive::model::MinuteToken;
use serde_json::json;
use web::words::Words;

use super::{Outcome, deed};
use crate::cli::PauseArgs;
use crate::config::Config;
use crate::print;
use crate::startup;

/// Runs `pause`.
pub async fn pause(config: &Config, args: &PauseArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let mut unknown = Vec::new();
    if args.tokens.is_empty() {
        catalog.set_paused(None, true, &deed("queue", Verb::Changed, "paused")?).await?;
    }
    for token in &args.tokens {
        if catalog.recording(token).await?.is_some() {
            let deed = deed(token.as_str(), Verb::Changed, "paused")?;
            catalog.set_paused(Some(token), true, &deed).await?;
        } else {
            unknown.push(token);
        }
    }
    tell(&catalog, args, &unknown, words).await
}

/// Runs `resume`.
pub async fn resume(config: &Config, args: &PauseArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let mut not_paused = Vec::new();
    if args.tokens.is_empty() {
        catalog.set_paused(None, false, &deed("queue", Verb::Changed, "resumed")?).await?;
    }
    let paused = catalog.pauses().await?.recordings;
    for token in &args.tokens {
        if paused.contains_key(token.as_str()) {
            let deed = deed(token.as_str(), Verb::Changed, "resumed")?;
            catalog.set_paused(Some(token), false, &deed).await?;
        } else {
            not_paused.push(token);
        }
    }
    tell(&catalog, args, &not_paused, words).await
}

/// What is paused now; and of which tokens the command had nothing to do.
async fn tell(catalog: &Catalog, args: &PauseArgs, idle: &[&MinuteToken], words: Words) -> Result<Outcome> {
    let pauses = catalog.pauses().await?;
    catalog.db().close().await;
    if args.json {
        let recordings: Vec<_> = pauses.recordings.keys().collect();
        print::json(&json!({
            "everything": pauses.everything_since.is_some(),
            "recordings": recordings,
            "nothing_to_do": idle,
        }));
        return Ok(Outcome::of(idle.is_empty()));
    }
    for token in idle {
        eprintln!("{}", words.say_with("pause-nothing-to-do", &[("token", token.as_str().into())]));
    }
    if pauses.everything_since.is_some() {
        print::line(words.say("pause-everything"));
    }
    if !pauses.recordings.is_empty() {
        print::line(words.say_with("pause-recordings", &[("count", pauses.recordings.len().into())]));
        pauses.recordings.keys().for_each(print::line);
    }
    if pauses.everything_since.is_none() && pauses.recordings.is_empty() {
        print::line(words.say("pause-none"));
    }
    Ok(Outcome::of(idle.is_empty()))
}
