//! `doctor`: is anything set up wrongly? Each line that is not green says exactly what to do.

mod link;
mod local;
mod remote;

use anyhow::Result;
use serde_json::{Value, json};
use web::words::{Value as Variable, Words};

use super::Outcome;
use crate::config::{Config, Warning};
use crate::print;

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Ok,
    Warn,
    Fail,
}

/// What was looked at, and what came of it.
struct Check {
    id: &'static str,
    mark: Mark,
    what: String,
    fix: Option<String>,
}

/// All checks, in the language of the reader.
struct Report {
    words: Words,
    checks: Vec<Check>,
}

impl Report {
    /// Notes a check: `doctor-KEY` is what it says, `doctor-KEY-fix` what to do when it is not well.
    fn note(&mut self, id: &'static str, mark: Mark, key: &str, variables: &[(&str, Variable<'_>)]) {
        let what = self.words.say_with(&format!("doctor-{key}"), variables);
        let fix = (mark != Mark::Ok).then(|| self.words.say_with(&format!("doctor-{key}-fix"), variables));
        self.checks.push(Check { id, mark, what, fix });
    }
}

/// Runs `doctor`.
pub async fn run(config: &Config, warnings: &[Warning], as_json: bool, words: Words) -> Result<Outcome> {
    let mut report = Report { words, checks: Vec::new() };
    report.note("configuration", Mark::Ok, "configuration", &[]);
    for warning in warnings {
        let what = warning.say(words);
        report.checks.push(Check { id: "configuration", mark: Mark::Warn, what, fix: None });
    }
    local::folders(config, &mut report);
    local::key(config, &mut report);
    remote::platform(config, &mut report).await;
    remote::addresses(config, &mut report);
    link::endpoint(config, &mut report).await;
    local::catalog(config, &mut report).await;
    remote::service(config, &mut report).await;
    let is_well = report.checks.iter().all(|check| check.mark != Mark::Fail);
    if as_json {
        let checks: Vec<Value> = report.checks.iter().map(describe).collect();
        print::json(&json!({ "ok": is_well, "checks": checks }));
    } else {
        report.checks.iter().for_each(show);
    }
    Ok(Outcome::of(is_well))
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

fn describe(check: &Check) -> Value {
    let mark = match check.mark {
        Mark::Ok => "ok",
        Mark::Warn => "warn",
        Mark::Fail => "fail",
    };
    json!({ "check": check.id, "mark": mark, "what": check.what, "fix": check.fix })
}
