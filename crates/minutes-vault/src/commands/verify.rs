//! `verify`: is everything that was archived still there, and still what it was? And is anything there that nobody
//! knows?

use std::time::Duration;

use anyhow::Result;
use archive::adopt;
use archive::audit::{Verb, record};
use archive::catalog::{Catalog, FileFact};
use archive::model::{Clock as _, SystemClock};
use archive::queue::Queue;
use archive::store::{QuarantineSize, Store};
use archive::verify::{AuditSum, Depth, FileFault, Finding, Reading, Stranger, audit, mend, strangers};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use web::words::Words;

use super::{Outcome, deed};
use crate::cli::VerifyArgs;
use crate::config::Config;
use crate::print::{self, Csv};
use crate::startup;

/// What was found.
#[derive(Default)]
struct Found {
    bad: Vec<(FileFact, FileFault)>,
    strangers: Vec<Stranger>,
    sum: AuditSum,
    quarantine: QuarantineSize,
}

/// Runs `verify`.
pub async fn run(config: &Config, args: &VerifyArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    if args.adopt {
        let store = Store::open(config.archive.dir.clone()).await?;
        record(&catalog, &deed("archive", Verb::Changed, "adopted")?).await?;
        adopt(&catalog, &store).await?;
    }
    let store = startup::open_store(config, &catalog).await?;
    if args.purge_quarantine {
        record(&catalog, &deed("quarantine", Verb::Deleted, "removed for good")?).await?;
        store.purge_quarantine().await?;
    }
    let found = look(&catalog, &store, args, words).await?;
    if args.mend {
        let queue =
            Queue::new(catalog.clone(), std::sync::Arc::new(SystemClock), &startup::node_name(config)?);
        for (fact, fault) in &found.bad {
            record(&catalog, &deed(&fact.minute_token, Verb::Changed, "mended")?).await?;
            mend(&catalog, &store, &queue, SystemClock.now_ms(), fact, fault).await?;
        }
    }
    catalog.db().close().await;
    if args.json {
        print::json(&as_json(&found, args));
    } else if args.csv {
        print::raw(as_csv(&found).text());
    } else {
        tell_sum(&found, args, words);
    }
    Ok(Outcome::of(found.bad.is_empty()))
}

async fn look(catalog: &Catalog, store: &Store, args: &VerifyArgs, words: Words) -> Result<Found> {
    let is_quiet = args.json || args.csv;
    let depth = if args.all { Depth::Hashes } else { Depth::Structure };
    let total = catalog.overview().await?.bytes.unsigned_abs();
    let bar = if is_quiet || !print::is_terminal() { ProgressBar::hidden() } else { bar(total) };
    let mut found = Found::default();
    let reading = Reading { depth, limit: args.limit };
    found.sum = audit(catalog, store, &SystemClock, reading, args.resume, |finding| match finding {
        Finding::Read(bytes) => bar.inc(bytes),
        Finding::Good(_) => {}
        Finding::Bad(fact, fault) => {
            if !is_quiet {
                bar.suspend(|| tell(&store.root().join(&fact.dir).join(&fact.file_name), fact, fault, words));
            }
            found.bad.push((fact.clone(), fault.clone()));
        }
    })
    .await?;
    bar.finish_and_clear();
    strangers(catalog, store, |stranger| {
        if !is_quiet {
            let path = print::harmless(&store.root().join(&stranger.path).display().to_string());
            print::line(words.say_with("verify-stranger", &[("path", path.into())]));
        }
        found.strangers.push(stranger);
    })
    .await?;
    found.quarantine = store.quarantined().await?;
    Ok(found)
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
        FileFault::Structure(why) => words.say_with("verify-structure", &[("why", why.as_str().into())]),
        FileFault::Unreadable(why) => words.say_with("verify-unreadable", &[("why", why.as_str().into())]),
    };
    print::line(format_args!("✗ {}: {what}", print::harmless(&path.display().to_string())));
    print::line(format_args!("  → minutes-vault recordings refetch {}", fact.minute_token));
}

fn tell_sum(found: &Found, args: &VerifyArgs, words: Words) {
    let Found { bad, strangers, sum, quarantine } = found;
    let counts = [
        ("good", sum.good.into()),
        ("damaged", sum.damaged.into()),
        ("missing", sum.missing.into()),
        ("strangers", strangers.len().into()),
        ("size", print::size(sum.bytes).into()),
    ];
    print::line(words.say_with(if args.all { "verify-sum-all" } else { "verify-sum" }, &counts));
    if quarantine.files > 0 {
        let size = [("files", quarantine.files.into()), ("size", print::size(quarantine.bytes).into())];
        print::line(words.say_with("verify-quarantine", &size));
    }
    if args.mend && !bad.is_empty() {
        print::line(words.say_with("verify-mending", &[("files", bad.len().into())]));
    }
}

fn as_json(found: &Found, args: &VerifyArgs) -> Value {
    json!({
        "every_byte": args.all,
        "good": found.sum.good,
        "damaged": found.sum.damaged,
        "missing": found.sum.missing,
        "bytes": found.sum.bytes,
        "bad_files": found.bad.iter().map(|(fact, fault)| json!({
            "minute_token": fact.minute_token,
            "kind": fact.kind,
            "dir": fact.dir,
            "file": fact.file_name,
            "wrong": word_of(fault),
            "detail": fault.to_string(),
        })).collect::<Vec<_>>(),
        "unknown_files": found.strangers,
        "quarantine": found.quarantine,
    })
}

fn as_csv(found: &Found) -> Csv {
    let mut csv = Csv::new(&["finding", "minute_token", "kind", "path", "bytes", "detail"]);
    for (fact, fault) in &found.bad {
        let path = std::path::Path::new(&fact.dir).join(&fact.file_name);
        csv.row([
            word_of(fault).to_owned(),
            fact.minute_token.clone(),
            fact.kind.to_string(),
            path.display().to_string(),
            fact.bytes.to_string(),
            fault.to_string(),
        ]);
    }
    for stranger in &found.strangers {
        let (path, bytes) = (stranger.path.display().to_string(), stranger.bytes.to_string());
        csv.row(["unknown".to_owned(), String::new(), String::new(), path, bytes, String::new()]);
    }
    csv
}

const fn word_of(fault: &FileFault) -> &'static str {
    match fault {
        FileFault::Missing => "missing",
        FileFault::Size { .. } => "size",
        FileFault::Hash { .. } => "hash",
        FileFault::Structure(_) => "structure",
        FileFault::Unreadable(_) => "unreadable",
    }
}
