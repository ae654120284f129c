//! `import-legacy`: takes over what the script that was here before left, and says line by line what it did.

use anyhow::Result;
use archive::audit::Verb;
use archive::{LegacyError, LegacyLine, LegacyReport, MemberOutcome, RecordingOutcome, import_legacy};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use web::words::{Value, Words};

use super::{Outcome, deed};
use crate::cli::ImportArgs;
use crate::config::Config;
use crate::print;
use crate::startup;

/// Runs `import-legacy`. Not beside `serve`: both would put files in place.
pub async fn run(config: &Config, args: &ImportArgs, words: Words) -> Result<Outcome> {
    let _lock = startup::lock_data_dir(config)?;
    let archive = startup::open_archive(config, config.retry, CancellationToken::new()).await?;
    let imported = import_legacy(&archive, &args.dir, &deed("archive", Verb::Changed, "imported")?).await;
    archive.grants.settle().await;
    archive.catalog.db().close().await;
    let report = match imported {
        Err(LegacyError::NothingHere { dir }) => {
            eprintln!("{}", words.say_with("import-nothing", &[("dir", dir.display().to_string().into())]));
            return Ok(Outcome::Misconfigured);
        }
        imported => imported?,
    };
    if args.json {
        print::json(&json!({ "lines": report.lines }));
    } else {
        show(&report, words);
    }
    Ok(Outcome::Good)
}

fn show(report: &LegacyReport, words: Words) {
    let (mut members, mut adopted, mut held) = (0_u64, 0_u64, 0_u64);
    for line in &report.lines {
        match line {
            LegacyLine::Member { outcome: MemberOutcome::Skipped { .. }, .. } => {}
            LegacyLine::Member { .. } => members += 1,
            LegacyLine::Recording { outcome: RecordingOutcome::Adopted { .. }, .. } => adopted += 1,
            LegacyLine::Recording { outcome: RecordingOutcome::Held, .. } => held += 1,
            _ => {}
        }
        print::line(print::harmless(&say(line, words)));
    }
    let counts = [("members", members.into()), ("adopted", adopted.into()), ("held", held.into())];
    print::line(words.say_with("import-sum", &counts));
}

fn say(line: &LegacyLine, words: Words) -> String {
    let with = |key: &str, variables: &[(&str, &str)]| {
        let variables: Vec<(&str, Value<'_>)> =
            variables.iter().map(|(name, value)| (*name, (*value).into())).collect();
        words.say_with(key, &variables)
    };
    match line {
        LegacyLine::Member { key, name, outcome } => {
            let name = name.as_deref().unwrap_or(key);
            match outcome {
                MemberOutcome::Admitted { open_id } => {
                    with("import-member-admitted", &[("name", name), ("id", open_id.as_str())])
                }
                MemberOutcome::MustAuthorise { open_id, why } => with(
                    "import-member-must-authorise",
                    &[("name", name), ("id", open_id.as_str()), ("why", why)],
                ),
                MemberOutcome::Known { open_id } => {
                    with("import-member-known", &[("name", name), ("id", open_id.as_str())])
                }
                MemberOutcome::Skipped { why } => {
                    with("import-member-skipped", &[("name", name), ("why", why)])
                }
            }
        }
        LegacyLine::Recording { minute_token, outcome } => {
            let token = minute_token.as_str();
            match outcome {
                RecordingOutcome::Adopted { from, path, bytes } => with(
                    "import-recording-adopted",
                    &[
                        ("token", token),
                        ("from", &from.display().to_string()),
                        ("path", &path.display().to_string()),
                        ("size", &print::size(*bytes)),
                    ],
                ),
                RecordingOutcome::Held => with("import-recording-held", &[("token", token)]),
                RecordingOutcome::Known => with("import-recording-known", &[("token", token)]),
            }
        }
        LegacyLine::FileRefused { minute_token, path, why } => with(
            "import-file-refused",
            &[("token", minute_token.as_str()), ("path", &path.display().to_string()), ("why", why)],
        ),
        LegacyLine::FolderSkipped { path, why } => {
            with("import-folder-skipped", &[("path", &path.display().to_string()), ("why", why)])
        }
        LegacyLine::HistorySkipped { entry } => with("import-history-skipped", &[("entry", entry)]),
    }
}
