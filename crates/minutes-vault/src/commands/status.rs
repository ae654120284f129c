//! `status`: is all well? What waits, why, and whose move is it?

mod history;
mod link;
mod patrol;

use std::collections::BTreeMap;

use anyhow::Result;
use archive::catalog::{Catalog, Overview, Pauses, Tally};
use archive::members::{Footing, Standing};
use archive::model::{LinkStanding, LinkState, Mover, Reason, RecordingState};
use archive::notify::{self, BotTrouble, NoticeCount};
use archive::queue::TaskKind;
use serde_json::{Value, json};
use web::words::Words;

use self::history::History;
pub use self::patrol::Patrol;
use super::{Outcome, moments};
use crate::config::Config;
use crate::print::{self, Moments, Table};
use crate::startup;

/// Runs `status`.
pub async fn run(config: &Config, as_json: bool, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let standings = standings(&catalog, config).await?;
    let status = Status {
        overview: catalog.overview().await?,
        tally: catalog.tally().await?,
        members: by_footing(&standings),
        pauses: catalog.pauses().await?,
        messages: Messages { counts: catalog.notice_counts().await?, trouble: catalog.bot_trouble().await? },
        links: if config.events.mode.by_long_connection() { catalog.links().await? } else { Vec::new() },
        history: History::of(&catalog).await?,
        patrol: Patrol::of(&catalog, config).await?,
        open: open_matters(&catalog, &standings).await?,
        running: startup::running_process(config),
    };
    let moments = moments(config);
    if as_json {
        print::json(&describe(&status, &moments));
    } else {
        show(&status, &moments, words);
    }
    catalog.db().close().await;
    Ok(Outcome::Good)
}

/// How many recordings and members stand where they stand for one reason.
#[derive(Debug, Default)]
struct Matter {
    recordings: u64,
    members: u64,
}

/// All that is shown.
struct Status {
    overview: Overview,
    tally: Tally,
    members: BTreeMap<Footing, i64>,
    pauses: Pauses,
    links: Vec<LinkStanding>,
    history: History,
    patrol: Patrol,
    messages: Messages,
    open: BTreeMap<Reason, Matter>,
    running: Option<String>,
}

/// What is told to people, and what keeps it from them.
struct Messages {
    counts: Vec<NoticeCount>,
    trouble: Option<BotTrouble>,
}

impl Messages {
    fn show(&self, facts: &mut Table, words: Words) {
        if let Some(trouble) = &self.trouble {
            let said = format!("{} {}", words.reason(Reason::BotUnavailable), trouble.detail);
            facts.row([words.say("status-bot"), said]);
        }
        let mut sums = BTreeMap::<(&str, Option<Reason>), i64>::new();
        for row in &self.counts {
            let reason = row.reason.as_deref().and_then(|word| word.parse().ok());
            let key = match (reason, row.card.as_str()) {
                (Some(_), _) => "status-notices-unsent",
                (None, "none") => "status-notices-waiting",
                // A week is told and done with.
                (None, _) if row.matter == notify::Matter::Summary.as_str() => continue,
                (None, _) => "status-notices-open",
            };
            *sums.entry((key, reason)).or_default() += row.count;
        }
        for ((key, reason), count) in sums {
            let why = reason.map(|reason| words.reason(reason)).unwrap_or_default();
            let said = words.say_with(key, &[("count", count.into()), ("reason", why.into())]);
            facts.row([words.say("status-notices"), said]);
        }
    }
}

/// How each member stands now.
async fn standings(catalog: &Catalog, config: &Config) -> Result<Vec<Standing>> {
    let now_ms = moments(config).now_ms;
    let members = catalog.members().await?;
    Ok(members.iter().map(|row| Standing::of(&row.member, config.features(), now_ms)).collect())
}

fn by_footing(standings: &[Standing]) -> BTreeMap<Footing, i64> {
    let mut members = BTreeMap::new();
    for standing in standings {
        *members.entry(standing.footing).or_default() += 1;
    }
    members
}

/// What is not done, by reason.
async fn open_matters(catalog: &Catalog, standings: &[Standing]) -> Result<BTreeMap<Reason, Matter>> {
    let mut matters = BTreeMap::<Reason, Matter>::new();
    for (word, recordings) in catalog.open_reasons().await? {
        if let Ok(reason) = word.parse() {
            matters.entry(reason).or_default().recordings += recordings.unsigned_abs();
        }
    }
    for reason in standings.iter().filter_map(|standing| standing.reason) {
        matters.entry(reason).or_default().members += 1;
    }
    Ok(matters)
}

fn show(status: &Status, moments: &Moments, words: Words) {
    let Status { overview, members, pauses, links, history, patrol, messages, open, running, .. } = status;
    let mut facts = Table::facts();
    let mut fact = |key: &str, value: String| facts.row([words.say(key), value]);
    fact(
        "status-service",
        match running {
            Some(pid) => words.say_with("status-running", &[("pid", pid.as_str().into())]),
            None => words.say("status-not-running"),
        },
    );
    if pauses.everything_since.is_some() {
        let since = [("since", moments.say_with_distance(pauses.everything_since, words).into())];
        fact("status-paused", words.say_with("status-paused-since", &since));
    }
    if !pauses.recordings.is_empty() {
        let count = [("count", pauses.recordings.len().into())];
        fact("status-paused", words.say_with("status-paused-recordings", &count));
    }
    fact("status-recordings", overview.total().to_string());
    for state in RecordingState::ALL {
        if let Some(count) = overview.recordings.get(state.as_str()) {
            fact("status-indent", format!("{count} {}", words.recording_state(*state)));
        }
    }
    fact("status-bytes", print::size(overview.bytes.unsigned_abs()));
    fact("status-members", members.values().sum::<i64>().to_string());
    for (footing, count) in members {
        fact("status-indent", format!("{count} {}", words.footing(*footing)));
    }
    // What a service that is gone last noted is no news.
    for link in links.iter().filter(|_| running.is_some()) {
        for (key, value) in link::rows(link, moments, words) {
            fact(key, value);
        }
    }
    fact("status-last-event", moments.say_with_distance(overview.last_event_at, words));
    fact("status-last-patrol", moments.say_with_distance(overview.last_patrol_at, words));
    for (key, value) in patrol.rows(moments, words) {
        fact(key, value);
    }
    for (key, value) in history.rows(moments, words) {
        fact(key, value);
    }
    if overview.events_waiting > 0 {
        fact("status-events-waiting", overview.events_waiting.to_string());
    }
    if overview.events_put_off > 0 {
        let count = [("count", overview.events_put_off.into())];
        fact("status-indent", words.say_with("status-events-put-off", &count));
    }
    for kind in TaskKind::ALL {
        if let Some(count) = overview.tasks.get(kind.as_str()) {
            fact("status-tasks", format!("{count} {}", words.task_kind(*kind)));
        }
    }
    messages.show(&mut facts, words);
    facts.print();
    if open.is_empty() {
        // A refused link is told of above, and is something open.
        if !links.iter().any(|link| link.state == LinkState::Refused) {
            print::line(words.say("status-nothing-open"));
        }
        return;
    }
    print::line("");
    let header = ["column-mover", "column-recordings", "column-members", "column-reason", "column-fix"];
    let mut table = Table::new(&header, words);
    for mover in [Mover::Administrator, Mover::Employee, Mover::Nobody] {
        for (reason, matter) in open.iter().filter(|(reason, _)| reason.mover() == mover) {
            table.row([
                words.mover(mover),
                matter.recordings.to_string(),
                matter.members.to_string(),
                words.reason(*reason),
                words.reason_fix(*reason),
            ]);
        }
    }
    table.print();
}

fn describe(status: &Status, moments: &Moments) -> Value {
    let Status { overview, tally, members, pauses, links, history, patrol, messages, open, running } = status;
    let english = Words::new(web::words::Language::English);
    let mut answer = json!({
        "running": running.is_some(),
        "recordings_total": overview.total(),
        "recordings": overview.recordings,
        "members": members,
        "artifacts": tally.artifacts,
        "events": tally.events,
        "events_waiting": overview.events_waiting,
        "events_put_off": overview.events_put_off,
        "tasks": overview.tasks,
        "messages": messages.counts,
        "bot_trouble": messages.trouble,
        "paused_recordings": pauses.recordings.keys().collect::<Vec<_>>(),
        "bytes": overview.bytes,
        "long_connections": links.iter().map(|link| link::describe(link, moments)).collect::<Vec<_>>(),
        "open": open.iter().map(|(reason, matter)| json!({
            "reason": reason,
            "mover": match reason.mover() {
                Mover::Nobody => "nobody",
                Mover::Employee => "employee",
                Mover::Administrator => "administrator",
            },
            "recordings": matter.recordings,
            "members": matter.members,
            "fix": english.reason_fix(*reason),
        })).collect::<Vec<_>>(),
    });
    if let Value::Object(object) = &mut answer {
        moments.put(object, "paused_at", pauses.everything_since);
        moments.put(object, "last_event_at", overview.last_event_at);
        moments.put(object, "last_patrol_at", overview.last_patrol_at);
        object.insert("patrol".to_owned(), patrol.describe(moments));
        object.insert("backfill".to_owned(), history.describe(moments));
    }
    answer
}
