//! `recordings trash` and `recordings restore`: into the trash, out of which everything can be put back for thirty days.

use anyhow::Result;
use archive::audit::Verb;
use archive::catalog::Catalog;
use archive::fetch::Transfers;
use archive::model::MinuteToken;
use archive::retention::{Trash, TrashError};
use serde_json::{Map, json};
use web::words::Words;

use super::super::{Outcome, deed};
use crate::config::Config;
use crate::print;
use crate::startup;

/// Runs `recordings trash`.
pub async fn put(
    config: &Config,
    catalog: &Catalog,
    tokens: &[MinuteToken],
    as_json: bool,
    words: Words,
) -> Result<Outcome> {
    let trash = open(config, catalog).await?;
    let mut told = Told { as_json, words, outcomes: Map::new(), is_well: true };
    for token in tokens {
        let outcome = trash.put(token, &deed(token.as_ref(), Verb::Deleted, "trash")?).await;
        told.tell(token, outcome, "trash-put")?;
    }
    Ok(told.end())
}

/// Runs `recordings restore`.
pub async fn restore(
    config: &Config,
    catalog: &Catalog,
    tokens: &[MinuteToken],
    as_json: bool,
    words: Words,
) -> Result<Outcome> {
    let trash = open(config, catalog).await?;
    let mut told = Told { as_json, words, outcomes: Map::new(), is_well: true };
    for token in tokens {
        let outcome =
            trash.restore(token, &deed(token.as_ref(), Verb::Changed, "restored from the trash")?).await;
        told.tell(token, outcome, "trash-restored")?;
    }
    Ok(told.end())
}

async fn open(config: &Config, catalog: &Catalog) -> Result<Trash> {
    let store = startup::open_store(config, catalog).await?;
    Ok(Trash::new(catalog.clone(), store, &Transfers::default()))
}

struct Told {
    as_json: bool,
    words: Words,
    outcomes: Map<String, serde_json::Value>,
    is_well: bool,
}

impl Told {
    fn tell(&mut self, token: &MinuteToken, outcome: Result<(), TrashError>, done: &str) -> Result<()> {
        let (word, key) = match outcome {
            Ok(()) => ("done", done),
            Err(TrashError::Unknown) => ("unknown", "trash-unknown"),
            Err(TrashError::Held) => ("held", "trash-held"),
            Err(TrashError::Busy) => ("busy", "trash-busy"),
            Err(error) => return Err(error.into()),
        };
        self.is_well &= word == "done";
        self.outcomes.insert(token.to_string(), json!(word));
        let sentence = self.words.say_with(key, &[("token", token.as_str().into())]);
        match (self.as_json, word) {
            (true, _) => {}
            (false, "done") => print::line(sentence),
            (false, _) => eprintln!("{sentence}"),
        }
        Ok(())
    }

    fn end(self) -> Outcome {
        if self.as_json {
            print::json(&json!({ "recordings": self.outcomes }));
        }
        Outcome::of(self.is_well)
    }
}
