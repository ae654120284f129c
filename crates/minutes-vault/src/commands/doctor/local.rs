//! What can be seen on this machine: folders, room on disk, key, catalogue, members' scopes.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use archive::catalog::{Catalog, Db};
use archive::members::load_or_make_key;
use archive::model::MemberState;

use super::{Mark, Report};
use crate::commands::status::Patrol;
use crate::config::Config;
use crate::{print, startup};

const LITTLE_ROOM_BYTES: u64 = 10 << 30;
const NO_ROOM_BYTES: u64 = 1 << 30;

/// Data and archive folder: may we write, and is there room?
pub fn folders(config: &Config, report: &mut Report) {
    for (id, dir) in [("data_dir", &config.data_dir), ("archive.dir", &config.archive.dir)] {
        let here = nearest_folder(dir);
        let shown = std::path::absolute(dir).unwrap_or_else(|_| dir.clone()).display().to_string();
        let folder = [("key", id.into()), ("dir", shown.as_str().into())];
        match probe(&here) {
            Ok(()) if here == *dir => report.note(id, Mark::Ok, "folder", &folder),
            Ok(()) => report.note(id, Mark::Ok, "folder-to-be", &folder),
            Err(error) => {
                let [key, dir] = folder;
                report.note(id, Mark::Fail, "folder-closed", &[key, dir, ("why", error.to_string().into())]);
            }
        }
        let Ok(facts) = rustix::fs::statvfs(&here) else { continue };
        let free = facts.f_bavail.saturating_mul(facts.f_frsize);
        let room = [("dir", shown.as_str().into()), ("size", print::size(free).into())];
        match free {
            ..NO_ROOM_BYTES => report.note("disk", Mark::Fail, "room-none", &room),
            NO_ROOM_BYTES..LITTLE_ROOM_BYTES => report.note("disk", Mark::Warn, "room-little", &room),
            _ => report.note("disk", Mark::Ok, "room", &room),
        }
    }
}

/// The folder itself or, before the first start, the one that it will be made in.
fn nearest_folder(dir: &Path) -> PathBuf {
    let existing = dir.ancestors().find(|folder| folder.is_dir());
    existing.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Only writing proves that one may write.
fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".doctor-{}.part", std::process::id()));
    fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    fs::remove_file(path)
}

/// The key that seals tokens.
pub fn key(config: &Config, report: &mut Report) {
    let path = startup::key_file(config);
    let file = [("file", path.display().to_string().into())];
    if config.vault.key.is_some() {
        return report.note("key", Mark::Ok, "key-set", &[]);
    }
    match fs::metadata(&path) {
        Err(_) => report.note("key", Mark::Ok, "key-to-be", &file),
        Ok(facts) if facts.mode() & 0o077 != 0 => report.note("key", Mark::Fail, "key-exposed", &file),
        Ok(_) => match load_or_make_key(None, &path) {
            Ok(_) => report.note("key", Mark::Ok, "key-file", &file),
            Err(error) => report.note("key", Mark::Fail, "key-bad", &[("why", error.to_string().into())]),
        },
    }
}

/// The catalogue, and what it knows of the members.
pub async fn catalog(config: &Config, report: &mut Report) {
    if startup::catalog_file(config).is_some_and(|file| !file.exists()) {
        return report.note("catalogue", Mark::Ok, "catalogue-to-be", &[]);
    }
    let outcome = match startup::open_existing_catalog(config).await {
        Ok(catalog) => {
            let outcome = look(config, &catalog, report).await;
            catalog.db().close().await;
            outcome
        }
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        let words = report.words;
        report.note(
            "catalogue",
            Mark::Fail,
            "catalogue-closed",
            &[("why", words.trouble(error.as_ref()).into())],
        );
    }
}

async fn look(config: &Config, catalog: &Catalog, report: &mut Report) -> Result<()> {
    let complaints: Vec<(String,)> = match catalog.db() {
        Db::Sqlite { .. } => catalog.db().rows("PRAGMA quick_check(1)", Vec::new()).await?,
        // PostgreSQL looks after itself.
        Db::Postgres(_) => Vec::new(),
    };
    match complaints.iter().find(|(complaint,)| complaint != "ok") {
        None => report.note("catalogue", Mark::Ok, "catalogue", &[]),
        Some((why,)) => {
            report.note("catalogue", Mark::Fail, "catalogue-damaged", &[("why", why.as_str().into())]);
        }
    }
    let known_key = catalog.meta("key_id").await?;
    if let Some(known) = known_key
        && (config.vault.key.is_some() || startup::key_file(config).exists())
        && startup::open_seal(config).is_ok_and(|seal| seal.key_id() != known)
    {
        report.note("key", Mark::Fail, "key-other", &[]);
    }
    if config.events.mode.by_long_connection() {
        super::link::standing(config, catalog, report).await?;
    }
    match catalog.bot_trouble().await? {
        Some(trouble) => {
            let why = [("why", trouble.detail.as_str().into())];
            report.note("bot", Mark::Warn, "bot-unavailable", &why);
        }
        None if config.company.administrators.is_empty() && config.notify.webhook_url.is_none() => {
            report.note("bot", Mark::Warn, "bot-nobody", &[]);
        }
        None => {
            let count = [("count", config.company.administrators.len().into())];
            report.note("bot", Mark::Ok, "bot", &count);
        }
    }
    let features = config.features();
    let members = catalog.members().await?;
    let active: Vec<_> = members.iter().filter(|row| row.member.state == MemberState::Active).collect();
    if active.is_empty() {
        report.note("members", Mark::Warn, "members-none", &[]);
    }
    let mut lacking = 0;
    for row in &active {
        let missing = features.missing(row.member.granted());
        if !missing.is_empty() {
            lacking += 1;
            let who = [
                ("name", print::harmless(&row.member.name).into()),
                ("id", row.member.open_id.as_str().into()),
                ("scopes", missing.join(" ").into()),
            ];
            report.note("scopes", Mark::Warn, "scopes-missing", &who);
        }
    }
    let patrol = Patrol::of(catalog, config).await?;
    let seen = [("count", patrol.count().into()), ("every", patrol.slowest(report.words).into())];
    match patrol.count() {
        0 => {}
        _ if patrol.is_stretched() => report.note("patrol", Mark::Warn, "patrol-stretched", &seen),
        _ => report.note("patrol", Mark::Ok, "patrol", &seen),
    }
    if lacking == 0 && !active.is_empty() {
        report.note("scopes", Mark::Ok, "scopes", &[("count", active.len().into())]);
    }
    Ok(())
}
