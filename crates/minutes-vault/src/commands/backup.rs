//! `backup`, `restore`: the catalogue and its key, to a folder and back.

use std::path::PathBuf;

use anyhow::Result;
use archive::audit::{Verb, record};
use archive::backup::{Backups, KEY_FILE, restore as put_back};
use archive::model::{Clock as _, SystemClock};
use serde_json::json;
use web::amounts::size;
use web::words::Words;

use super::{Outcome, deed};
use crate::cli::{BackupArgs, RestoreArgs};
use crate::config::Config;
use crate::print;
use crate::startup;

/// Runs `backup`.
pub async fn backup(config: &Config, args: &BackupArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let usual = startup::backups(config);
    let backups = match &args.folder {
        Some(folder) => Backups { folder: folder.clone(), ..usual },
        None => usual,
    };
    // A server's catalogue is not ours to copy: nothing is taken away, as the answer will say.
    if config.database.url.is_none() {
        let to = backups.folder.display().to_string();
        record(&catalog, &deed("backup", Verb::Exported, &to)?).await?;
    }
    let made = backups.make(&catalog, SystemClock.now_ms()).await?;
    catalog.db().close().await;
    if args.json {
        print::json(&json!(made));
        return Ok(Outcome::Good);
    }
    let said =
        [("path", made.path.display().to_string().into()), ("size", size(made.manifest.bytes()).into())];
    print::line(words.say_with("backup-made", &said));
    print::line(words.say(if made.manifest.holds(KEY_FILE) {
        "backup-holds-key"
    } else {
        "backup-lacks-key"
    }));
    Ok(Outcome::Good)
}

/// Runs `restore`.
pub async fn restore(config: &Config, args: &RestoreArgs, words: Words) -> Result<Outcome> {
    if config.database.url.is_some() {
        eprintln!("{}", words.say("restore-on-server"));
        return Ok(Outcome::Misconfigured);
    }
    if !args.yes {
        eprintln!("{}", words.say("restore-needs-yes"));
        return Ok(Outcome::Misconfigured);
    }
    let _lock = startup::lock_data_dir(config)?;
    let from: PathBuf = args.from.clone();
    let restored = put_back(from, config.data_dir.clone(), SystemClock.now_ms()).await?;
    if args.json {
        print::json(&json!(restored));
    } else {
        print::line(words.say("restore-done"));
        if let Some(aside) = &restored.set_aside {
            print::line(words.say_with("restore-aside", &[("path", aside.display().to_string().into())]));
        }
        print::line(words.say("restore-next"));
    }
    // The log that it belongs into has only just come back.
    if let Err(error) = note(config).await {
        let why = [("why", format!("{error:#}").into())];
        eprintln!("{}", words.say_with("restore-not-noted", &why));
        return Ok(Outcome::Bad);
    }
    Ok(Outcome::Good)
}

async fn note(config: &Config) -> Result<()> {
    let catalog = startup::open_existing_catalog(config).await?;
    record(&catalog, &deed("catalogue", Verb::Changed, "restored from a backup")?).await?;
    catalog.db().close().await;
    Ok(())
}
