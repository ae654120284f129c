//! `holds`: what may not be removed, why, and who says so. They are placed and lifted on the page for storage.

use anyhow::Result;
use archive::retention::Hold;
use serde_json::{Value, json};
use web::words::Words;

use super::{Outcome, moments};
use crate::cli::Holds;
use crate::config::Config;
use crate::print::{self, Moments, Table};
use crate::startup;

/// Runs `holds …`.
pub async fn run(config: &Config, command: Holds, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let Holds::List { all, output } = command;
    let holds = catalog.holds(all).await?;
    catalog.db().close().await;
    let moments = moments(config);
    if output.json {
        let described: Vec<Value> = holds.iter().map(|hold| describe(hold, &moments)).collect();
        print::json(&json!({ "holds": described }));
    } else if holds.is_empty() {
        print::line(words.say("holds-none"));
    } else {
        table(&holds, &moments, words).print();
    }
    Ok(Outcome::Good)
}

/// Holds for people to read.
pub fn table(holds: &[Hold], moments: &Moments, words: Words) -> Table {
    let header = ["column-hold", "column-subject", "column-reason", "column-placed", "column-lifted"];
    let mut table = Table::new(&header, words);
    for hold in holds {
        let subject = hold.minute_token.as_ref().or(hold.open_id.as_ref());
        table.row([
            hold.id.clone(),
            subject.cloned().unwrap_or_default(),
            hold.reason.clone(),
            format!("{} {}", moments.say(Some(hold.placed_at)), hold.placed_by),
            moments.say(hold.lifted_at),
        ]);
    }
    table
}

fn describe(hold: &Hold, moments: &Moments) -> Value {
    let mut described = json!(hold);
    if let Value::Object(object) = &mut described {
        moments.put(object, "placed_at", Some(hold.placed_at));
        moments.put(object, "lifted_at", hold.lifted_at);
    }
    described
}
