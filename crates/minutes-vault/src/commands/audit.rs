//! `audit`: is the audit log whole, and what is in it?

use anyhow::Result;
use archive::audit::{Break, ChainReport, Verb, record, verify};
use archive::catalog::Catalog;
use serde_json::json;
use web::table::{AUDIT_COLUMNS, audit_cells};
use web::words::Words;

use super::{Outcome, deed, moments};
use crate::cli::{Audit, ExportArgs};
use crate::config::Config;
use crate::print::{self, Csv, Moments};
use crate::startup;

/// Rows read at a time.
const PAGE: i64 = 1_000;

/// Runs `audit …`.
pub async fn run(config: &Config, command: Audit, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let outcome = match command {
        Audit::Verify(output) => {
            let report = verify(&catalog).await?;
            if output.json {
                print::json(&json!(report));
            } else {
                tell(&report, words);
            }
            Outcome::of(report.broken.is_none())
        }
        Audit::Export(args) => export(&catalog, &args, &moments(config), words).await?,
    };
    catalog.db().close().await;
    Ok(outcome)
}

fn tell(report: &ChainReport, words: Words) {
    let counts = [("rows", report.rows.into()), ("dropped", report.dropped.into())];
    print::line(words.say_with("audit-rows", &counts));
    let (key, number) = match report.broken {
        None => {
            print::line(words.say_with("audit-whole", &[("hash", report.last_hash.as_str().into())]));
            return;
        }
        Some(Break::Changed { number }) => ("audit-changed", number),
        Some(Break::Missing { number }) => ("audit-missing", number),
        Some(Break::TooMany { number }) => ("audit-too-many", number),
    };
    print::line(words.say_with(key, &[("number", number.into())]));
    print::line(words.say("audit-broken-fix"));
}

async fn export(catalog: &Catalog, args: &ExportArgs, moments: &Moments, words: Words) -> Result<Outcome> {
    record(catalog, &deed("audit", Verb::Exported, if args.csv { "csv" } else { "jsonl" })?).await?;
    let since_ms = args.since.map_or(i64::MIN, |since| since.at_ms(moments));
    let until_ms = args.until.map_or(i64::MAX, |until| until.at_ms(moments));
    if args.csv {
        print::raw(Csv::new(&AUDIT_COLUMNS.map(|key| words.say(key)).each_ref().map(String::as_str)).text());
    }
    let mut read_to = 0;
    loop {
        let rows = catalog.audit_rows_after(read_to, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(Outcome::Good) };
        read_to = last.number;
        for row in rows.into_iter().filter(|row| (since_ms..until_ms).contains(&row.at_ms)) {
            if args.csv {
                let mut csv = Csv::without_header();
                csv.row(audit_cells(row, moments));
                print::raw(csv.text());
            } else {
                let mut row = json!(row);
                row["at"] = moments.say_exactly(row["at_ms"].as_i64()).into();
                print::line(row);
            }
        }
    }
}
