//! `doctor`: is anything set up wrongly? Each line that is not green says exactly what to do.

mod link;
mod local;
mod redacted;
mod remote;

use std::sync::Arc;

use anyhow::Result;
use archive::model::Mover;
use serde_json::json;
use web::checkup::{Check, Checkup, Mark};
use web::words::{Value as Variable, Words};

use self::redacted::{masked, redacted};
use super::Outcome;
use crate::config::{Config, Warning};
use crate::print;

/// What goes on by itself, though it is not well.
const BY_ITSELF: [&str; 2] = ["link-away", "link-down"];

/// All checks, in the language of the reader.
struct Report {
    words: Words,
    checks: Vec<Check>,
}

impl Report {
    /// Notes a check: `doctor-KEY` is what it says, `doctor-KEY-fix` what to do when it is not well.
    fn note(&mut self, id: &'static str, mark: Mark, key: &str, variables: &[(&str, Variable<'_>)]) {
        let what = self.words.say_with(&format!("doctor-{key}"), variables);
        let redacted = self.words.say_with(&format!("doctor-{key}"), &redacted(variables));
        let fix = (mark != Mark::Ok).then(|| self.words.say_with(&format!("doctor-{key}-fix"), variables));
        let mover = if BY_ITSELF.contains(&key) { Mover::Nobody } else { Mover::Administrator };
        let mover = (mark != Mark::Ok).then_some(mover);
        self.checks.push(Check { id, mark, what, fix, mover, redacted });
    }
}

/// Runs `doctor`.
pub async fn run(config: &Config, warnings: &[Warning], as_json: bool, words: Words) -> Result<Outcome> {
    let checks = examine(config, warnings, words).await;
    let is_well = checks.iter().all(|check| check.mark != Mark::Fail);
    if as_json {
        print::json(&json!({ "ok": is_well, "checks": checks }));
    } else {
        checks.iter().for_each(show);
    }
    Ok(Outcome::of(is_well))
}

/// The same for a page of the running service.
pub fn checkup(config: Arc<Config>, warnings: Vec<Warning>) -> Checkup {
    let warnings = Arc::new(warnings);
    Arc::new(move |words| {
        let (config, warnings) = (Arc::clone(&config), Arc::clone(&warnings));
        Box::pin(async move { examine(&config, &warnings, words).await })
    })
}

async fn examine(config: &Config, warnings: &[Warning], words: Words) -> Vec<Check> {
    let mut report = Report { words, checks: Vec::new() };
    report.note("configuration", Mark::Ok, "configuration", &[]);
    for warning in warnings {
        let what = warning.say(words);
        let redacted = masked(&what);
        let mover = Some(Mover::Administrator);
        report.checks.push(Check { id: "configuration", mark: Mark::Warn, what, fix: None, mover, redacted });
    }
    local::folders(config, &mut report);
    local::key(config, &mut report);
    remote::platform(config, &mut report).await;
    remote::addresses(config, &mut report);
    link::endpoint(config, &mut report).await;
    local::catalog(config, &mut report).await;
    remote::service(config, &mut report).await;
    report.checks
}

fn show(check: &Check) {
    let mark = match check.mark {
        Mark::Ok => '✓',
        Mark::Warn => '!',
        Mark::Fail => '✗',
    };
    print::line(format_args!("{mark} {}", check.what));
    if let Some(fix) = &check.fix {
        print::line(format_args!("  → {fix}"));
    }
}
