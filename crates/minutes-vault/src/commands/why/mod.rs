//! `why`: one paragraph on one recording or meeting. What was seen, what was tried, where it stands, whose move it is
//! and how to make it; and where nothing is known, why not and how to look.

mod meeting;
mod recording;
mod unknown;

use anyhow::Result;
use archive::catalog::Catalog;
use serde_json::{Map, Value, json};
use web::words::Words;

use super::{Outcome, moments};
use crate::cli::{Subject, WhyArgs};
use crate::config::Config;
use crate::print::{self, Moments};
use crate::startup;

/// Meetings that are told of under one number: a recurring meeting keeps it.
const MOST_MEETINGS: i64 = 5;

/// What one answer is made of.
struct Teller<'a> {
    config: &'a Config,
    catalog: &'a Catalog,
    moments: Moments,
    words: Words,
}

/// An answer: for people and for programs.
struct Answer {
    sentences: Vec<String>,
    object: Map<String, Value>,
}

/// Runs `why`.
pub async fn run(config: &Config, args: &WhyArgs, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let teller = Teller { config, catalog: &catalog, moments: moments(config), words };
    let known = match &args.what {
        Subject::Recording(token) => teller.of_recording(token).await?.into_iter().collect(),
        Subject::Meeting(id) => match catalog.meeting(id).await? {
            Some(meeting) => vec![teller.of_meeting(&meeting).await?],
            None => Vec::new(),
        },
        Subject::MeetingNumber(number) => {
            let mut answers = Vec::new();
            for meeting in catalog.meetings_numbered(number, MOST_MEETINGS).await? {
                answers.push(teller.of_meeting(&meeting).await?);
            }
            answers
        }
    };
    let is_known = !known.is_empty();
    let answers = if is_known { known } else { vec![teller.of_unknown(&args.what).await?] };
    catalog.db().close().await;
    if args.json {
        let described: Vec<Value> = answers.into_iter().map(|answer| answer.described(words)).collect();
        print::json(&json!({ "known": is_known, "answers": described }));
    } else {
        for answer in &answers {
            print::line(print::harmless(&paragraph(&answer.sentences, words)));
        }
    }
    Ok(Outcome::of(is_known))
}

impl Answer {
    fn described(mut self, words: Words) -> Value {
        self.object.insert("why".to_owned(), paragraph(&self.sentences, words).into());
        Value::Object(self.object)
    }
}

/// Chinese sentences follow each other without a space.
fn paragraph(sentences: &[String], words: Words) -> String {
    sentences.join(&words.say("why-between").replace('_', " "))
}

impl Teller<'_> {
    /// One sentence of the paragraph.
    fn say(&self, key: &str, variables: &[(&str, String)]) -> String {
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
        self.words.say_with(key, &variables)
    }

    fn when(&self, at_ms: i64) -> String {
        self.moments.say(Some(at_ms))
    }

    /// A person as people know them.
    async fn name_of(&self, open_id: &str) -> Result<String> {
        let Ok(id) = archive::model::OpenId::parse(open_id) else { return Ok(open_id.to_owned()) };
        Ok(self.catalog.member(&id).await?.map_or_else(|| open_id.to_owned(), |member| member.name))
    }

    /// Where people authorise.
    fn start_page(&self) -> String {
        let base =
            self.config.server.public_url.as_ref().map_or("", |url| url.as_str().trim_end_matches('/'));
        format!("{base}/auth/start")
    }
}
