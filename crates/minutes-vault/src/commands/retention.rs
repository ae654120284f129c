//! `retention`: the rules, and what each would take. They are made and switched on on the page for storage.

use anyhow::Result;
use archive::catalog::Catalog;
use archive::model::{Clock as _, SystemClock};
use archive::retention::{Candidate, Rule};
use serde_json::{Value, json};
use web::words::Words;

use super::{Outcome, moments};
use crate::cli::Retention;
use crate::config::Config;
use crate::print::{self, Moments, Table};
use crate::startup;

/// Rows asked of the catalogue at once.
const PAGE: i64 = 500;
/// Rows that people are shown; programs get them all.
const SHOWN: usize = 100;

/// Runs `retention …`.
pub async fn run(config: &Config, command: Retention, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let moments = moments(config);
    let outcome = match command {
        Retention::List(output) => list(&catalog, &moments, output.json, words).await?,
        Retention::DryRun { rule, output } => {
            if let Some(rule) = catalog.rule(&rule).await? {
                dry_run(&catalog, &rule, &moments, output.json, words).await?
            } else {
                eprintln!("{}", words.say_with("retention-unknown", &[("rule", rule.into())]));
                Outcome::Bad
            }
        }
    };
    catalog.db().close().await;
    Ok(outcome)
}

async fn list(catalog: &Catalog, moments: &Moments, as_json: bool, words: Words) -> Result<Outcome> {
    let rules = catalog.rules().await?;
    let mut described = Vec::new();
    let mut table = Table::new(
        &[
            "column-rule",
            "column-age",
            "column-owner",
            "column-kind",
            "column-on",
            "column-would-take",
            "column-size",
        ],
        words,
    );
    for rule in &rules {
        let would = catalog.would_take(rule, SystemClock.now_ms()).await?;
        let mut object = json!(rule);
        (object["is_on"], object["would_take"]) = (json!(rule.is_on()), json!(would));
        described.push(object);
        table.row([
            rule.id.clone(),
            words.say_with("retention-days", &[("days", rule.age_days.into())]),
            rule.open_id.clone().unwrap_or_else(|| "—".to_owned()),
            rule.kind.clone().unwrap_or_else(|| "—".to_owned()),
            moments.say(rule.on_at),
            would.count.to_string(),
            print::size(would.bytes.unsigned_abs()),
        ]);
    }
    if as_json {
        print::json(&json!({ "rules": described }));
    } else if rules.is_empty() {
        print::line(words.say("retention-none"));
    } else {
        table.print();
    }
    Ok(Outcome::Good)
}

async fn dry_run(
    catalog: &Catalog,
    rule: &Rule,
    moments: &Moments,
    as_json: bool,
    words: Words,
) -> Result<Outcome> {
    let now_ms = SystemClock.now_ms();
    let would = catalog.would_take(rule, now_ms).await?;
    let (mut rows, mut after): (Vec<Candidate>, _) = (Vec::new(), None);
    loop {
        let page = catalog.candidates_of(rule, now_ms, after.as_deref(), PAGE).await?;
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() || (!as_json && rows.len() >= SHOWN) {
            break;
        }
    }
    if as_json {
        let rows: Vec<Value> = rows.iter().map(|row| describe(row, moments)).collect();
        print::json(&json!({ "rule": rule, "would_take": would, "recordings": rows }));
        return Ok(Outcome::Good);
    }
    let sum = [("count", would.count.into()), ("size", print::size(would.bytes.unsigned_abs()).into())];
    print::line(words.say_with("retention-would-take", &sum));
    let header = ["column-token", "column-created", "column-owner", "column-size", "column-title"];
    let mut table = Table::new(&header, words);
    for row in rows.into_iter().take(SHOWN) {
        table.row([
            row.minute_token.to_string(),
            moments.say(Some(row.made_ms)),
            row.owner.or(row.owner_id).unwrap_or_else(|| "—".to_owned()),
            print::size(row.bytes.unsigned_abs()),
            row.title.unwrap_or_default(),
        ]);
    }
    if would.count > 0 {
        table.print();
    }
    Ok(Outcome::Good)
}

fn describe(row: &Candidate, moments: &Moments) -> Value {
    let mut described = json!(row);
    if let Value::Object(object) = &mut described {
        moments.put(object, "made", Some(row.made_ms));
    }
    described
}
