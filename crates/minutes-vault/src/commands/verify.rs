//! `verify`: is everything that was archived still there, and still what it was?

use std::time::Duration;

use anyhow::{Result, bail};
use archive::catalog::FileFact;
use archive::model::SystemClock;
use archive::verify::{Depth, FileFault, Finding, audit};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use web::words::Words;

use super::Outcome;
use crate::cli::VerifyArgs;
use crate::config::Config;
use crate::print;
use crate::startup;

/// Runs `verify`.
pub async fn run(config: &Config, args: &VerifyArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    if !config.archive.dir.is_dir() {
        // Opening would make an empty one, and then every file would be missing.
        let dir = [("dir", config.archive.dir.display().to_string().into())];
        bail!(words.say_with("error-no-archive", &dir));
    }
    let store = startup::open_store(config).await?;
    let depth = if args.all { Depth::Hashes } else { Depth::Structure };
    let total = catalog.overview().await?.bytes.unsigned_abs();
    let bar = if args.json || !print::is_terminal() { ProgressBar::hidden() } else { bar(total) };
    let mut bad = Vec::new();
    let sum = audit(&catalog, &store, &SystemClock, depth, |finding| match finding {
        Finding::Read(bytes) => bar.inc(bytes),
        Finding::Good(_) => {}
        Finding::Bad(fact, fault) => {
            if !args.json {
                bar.suspend(|| tell(&store.root().join(&fact.dir).join(&fact.file_name), fact, fault, words));
            }
            bad.push(describe(fact, fault));
        }
    })
    .await?;
    bar.finish_and_clear();
    catalog.db().close().await;
    if args.json {
        print::json(&json!({
            "every_byte": args.all,
            "good": sum.good,
            "damaged": sum.damaged,
            "missing": sum.missing,
            "bytes": sum.bytes,
            "bad_files": bad,
        }));
    } else {
        let counts = [
            ("good", sum.good.into()),
            ("damaged", sum.damaged.into()),
            ("missing", sum.missing.into()),
            ("size", print::size(sum.bytes).into()),
        ];
        print::line(words.say_with(if args.all { "verify-sum-all" } else { "verify-sum" }, &counts));
    }
    Ok(Outcome::of(bad.is_empty()))
}

fn bar(total: u64) -> ProgressBar {
    let template = "{bar:32} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn tell(path: &std::path::Path, fact: &FileFact, fault: &FileFault, words: Words) {
    let what = match fault {
        FileFault::Missing => words.say("verify-missing"),
        FileFault::Size { expected, found } => {
            words.say_with("verify-size", &[("expected", (*expected).into()), ("found", (*found).into())])
        }
        FileFault::Hash { .. } => words.say("verify-hash"),
        FileFault::Structure(fault) => {
            words.say_with("verify-structure", &[("why", fault.to_string().into())])
        }
        FileFault::Unreadable(why) => words.say_with("verify-unreadable", &[("why", why.as_str().into())]),
    };
    print::line(format_args!("✗ {}: {what}", print::harmless(&path.display().to_string())));
    print::line(format_args!("  → minutes-vault recordings refetch {}", fact.minute_token));
}

fn describe(fact: &FileFact, fault: &FileFault) -> Value {
    let word = match fault {
        FileFault::Missing => "missing",
        FileFault::Size { .. } => "size",
        FileFault::Hash { .. } => "hash",
        FileFault::Structure(_) => "structure",
        FileFault::Unreadable(_) => "unreadable",
    };
    json!({
        "minute_token": fact.minute_token,
        "kind": fact.kind,
        "dir": fact.dir,
        "file": fact.file_name,
        "wrong": word,
        "detail": fault.to_string(),
    })
}
