//! `invite`: people are asked to authorise, by cards that the running service sends.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use archive::audit::{Verb, record};
use archive::model::{Clock as _, OpenId, SystemClock};
use archive::notify::Invited;
use serde_json::{Value, json};
use web::words::Words;

use super::{Outcome, deed};
use crate::cli::InviteArgs;
use crate::config::Config;
use crate::print::{self, Table};
use crate::startup;

/// Runs `invite`.
pub async fn run(config: &Config, args: &InviteArgs, words: Words) -> Result<Outcome> {
    if config.server.public_url.is_none() {
        eprintln!("{}", words.say("invite-needs-url"));
        return Ok(Outcome::Misconfigured);
    }
    let catalog = startup::open_catalog(config).await?;
    let mut people: BTreeSet<OpenId> = args.whom.people.iter().cloned().collect();
    let mut unreadable = Vec::new();
    if let Some(file) = &args.whom.file {
        read_list(file, &mut people, &mut unreadable)?;
    }
    if let Some(department) = &args.whom.department {
        let client = startup::feishu_client(config)?;
        people.extend(client.department_members(department).await.with_context(|| department.clone())?);
    }
    if args.whom.unauthorised_owners {
        let owners = catalog.unauthorised_owners().await?;
        people.extend(owners.iter().filter_map(|owner| OpenId::parse(&owner.open_id).ok()));
    }
    let mut outcomes = Vec::new();
    for person in people {
        record(&catalog, &deed(person.as_str(), Verb::Changed, "invited")?).await?;
        let outcome = catalog.invite(&person, config.features(), SystemClock.now_ms()).await?;
        outcomes.push((person, outcome));
    }
    catalog.db().close().await;
    let is_running = startup::running_process(config).is_some();
    tell(&outcomes, &unreadable, is_running, args.output.json, words);
    Ok(Outcome::of(unreadable.is_empty()))
}

fn read_list(file: &Path, people: &mut BTreeSet<OpenId>, unreadable: &mut Vec<String>) -> Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match OpenId::parse(line) {
            Ok(person) => drop(people.insert(person)),
            Err(_) => unreadable.push(line.to_owned()),
        }
    }
    Ok(())
}

fn tell(
    outcomes: &[(OpenId, Invited)],
    unreadable: &[String],
    is_running: bool,
    as_json: bool,
    words: Words,
) {
    if as_json {
        let people: Vec<Value> = outcomes
            .iter()
            .map(|(person, outcome)| json!({ "open_id": person, "outcome": outcome }))
            .collect();
        return print::json(&json!({ "people": people, "unreadable": unreadable, "running": is_running }));
    }
    let mut table = Table::facts();
    for (person, outcome) in outcomes {
        let key = match outcome {
            Invited::Invited => "invite-invited",
            Invited::Already => "invite-already",
            Invited::Authorised => "invite-authorised",
            Invited::Departed => "invite-departed",
            Invited::Blocked => "invite-blocked",
        };
        table.row([person.to_string(), words.say(key)]);
    }
    table.print();
    for line in unreadable {
        eprintln!("{}", words.say_with("invite-unreadable", &[("line", print::harmless(line).into())]));
    }
    if outcomes.is_empty() {
        print::line(words.say("invite-nobody"));
    } else if !is_running {
        print::line(words.say("invite-not-running"));
    }
}
