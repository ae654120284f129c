//! `coverage`: per person and week, what was recorded and what became of it, and what these numbers rest on.

use anyhow::{Context as _, Result};
use archive::catalog::{Coverage, CoverageQuery};
use serde_json::{Value, json};
use web::sheet::{self, HEADER, head_line, rows};
use web::words::{Language, Words};

use super::{Outcome, moments};
use crate::cli::CoverageArgs;
use crate::config::Config;
use crate::print::{self, Csv, Moments, Table};
use crate::startup;

/// Runs `coverage`.
pub async fn run(config: &Config, args: &CoverageArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let moments = moments(config);
    let query = CoverageQuery {
        since_ms: args.since.at_ms(&moments),
        now_ms: moments.now_ms,
        zone: moments.zone.clone(),
        member: args.member.clone(),
        administrators: config.company.administrators.clone(),
    };
    let coverage = catalog.coverage(&query).await?;
    catalog.db().close().await;
    let head = head_line(&coverage, &moments, words);
    if args.json {
        print::json(&describe(&coverage, &moments)?);
    } else if args.csv {
        let mut csv = Csv::new(&HEADER.map(|key| words.say(key)).each_ref().map(String::as_str));
        for row in rows(&coverage, &moments, words) {
            csv.row(row.iter().map(ToString::to_string));
        }
        print::raw(csv.text());
        eprintln!("{head}");
    } else if let Some(file) = &args.xlsx {
        let workbook = sheet::workbook(&head, &rows(&coverage, &moments, words), words)?;
        std::fs::write(file, workbook).with_context(|| format!("cannot write {}", file.display()))?;
        print::line(&head);
        print::line(words.say_with("coverage-written", &[("file", file.display().to_string().into())]));
    } else {
        print::line(&head);
        let mut table = Table::new(&HEADER, words);
        for row in rows(&coverage, &moments, words) {
            table.row(row.iter().map(ToString::to_string));
        }
        table.print();
    }
    Ok(Outcome::Good)
}

fn describe(coverage: &Coverage, moments: &Moments) -> Result<Value> {
    let mut answer = json!(coverage);
    answer["rests_on"] = head_line(coverage, moments, Words::new(Language::English)).into();
    if let Value::Object(object) = &mut answer {
        moments.put(object, "since", Some(coverage.since_ms));
        moments.put(object, "until", Some(coverage.until_ms));
    }
    let people = answer["people"].as_array_mut().context("people are a list")?;
    for (described, person) in people.iter_mut().zip(&coverage.people) {
        if let Value::Object(object) = described {
            for (name, at_ms) in
                [("last_patrol_at", person.last_patrol_at), ("last_event_at", person.last_event_at)]
            {
                moments.put(object, name, at_ms);
            }
        }
        for (week, known) in described["weeks"].as_array_mut().into_iter().flatten().zip(&person.weeks) {
            week["iso_week"] = sheet::iso_week(known).into();
        }
    }
    Ok(answer)
}
