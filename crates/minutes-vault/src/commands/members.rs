//! `members`: who has authorised, with which scopes, and for how long.

mod removal;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use archive::catalog::{Catalog, MemberRow};
use archive::members::{Features, Standing};
use archive::model::{AttendedLooks, Backfill, BackfillYield, MediaMeasure, Member, OpenId, SystemClock};
use archive::queue::{Queue, TaskKind};
use serde_json::{Map, Value, json};
use web::words::Words;

use self::removal::Removing;
use super::{Outcome, moments};
use crate::cli::Members;
use crate::config::Config;
use crate::print::{self, Moments, Table};
use crate::startup;

/// Runs `members …`.
pub async fn run(config: &Config, command: Members, words: Words) -> Result<Outcome> {
    let catalog = startup::open_existing_catalog(config).await?;
    let view = View { features: config.features(), moments: moments(config), words };
    let outcome = match command {
        Members::List(output) => {
            let backfills =
                catalog.backfills().await?.into_iter().map(|it| (it.open_id.clone(), it)).collect();
            view.list(&catalog.members().await?, &backfills, output.json)
        }
        Members::Show { id, output } => match find(&catalog, &id).await? {
            Some(row) => {
                let queue = Queue::new(catalog.clone(), Arc::new(SystemClock), "command line");
                let progress = Progress::of(&catalog, &id).await?;
                let attended = Attended {
                    looks: catalog.attended_looks(&id).await?,
                    error: queue
                        .task(TaskKind::Attended, id.as_str())
                        .await?
                        .and_then(|task| task.last_error),
                };
                view.show(&row, progress.as_ref(), &attended, output.json)
            }
            None => unknown(&id, words),
        },
        Members::Remove { id, purge, files, yes, output } => {
            let row = find(&catalog, &id).await?;
            let how = Removing { purge, files, yes, json: output.json };
            if row.is_some() || (files && catalog.files_of(&id).await? > 0) {
                removal::remove(config, &catalog, &id, row.as_ref(), how, words).await?
            } else {
                unknown(&id, words)
            }
        }
        Members::Removed(output) => removal::removed(config, &catalog, output.json, words).await?,
    };
    catalog.db().close().await;
    Ok(outcome)
}

async fn find(catalog: &Catalog, id: &OpenId) -> Result<Option<MemberRow>> {
    Ok(catalog.members().await?.into_iter().find(|row| row.member.open_id == *id))
}

fn unknown(id: &OpenId, words: Words) -> Outcome {
    eprintln!("{}", words.say_with("members-unknown", &[("id", id.as_str().into())]));
    Outcome::Bad
}

struct View {
    features: Features,
    moments: Moments,
    words: Words,
}

impl View {
    fn list(&self, rows: &[MemberRow], backfills: &BTreeMap<OpenId, Backfill>, as_json: bool) -> Outcome {
        let words = self.words;
        if as_json {
            let describe = |row: &MemberRow| {
                let mut member = self.describe(row);
                let backfill = backfills.get(&row.member.open_id);
                member.insert("backfill".to_owned(), describe_backfill(backfill, &self.moments));
                Value::Object(member)
            };
            let members: Vec<Value> = rows.iter().map(describe).collect();
            print::json(&json!({ "members": members }));
            return Outcome::Good;
        }
        if rows.is_empty() {
            print::line(words.say("members-none"));
            return Outcome::Good;
        }
        let header = [
            "column-name",
            "column-open-id",
            "column-state",
            "column-reason",
            "column-days-left",
            "column-missing-scopes",
            "column-archived-of-owned",
            "column-patrolled",
            "column-subscribed",
            "column-backfill",
        ];
        let mut table = Table::new(&header, words);
        for row in rows {
            let member = &row.member;
            let standing = self.standing(row);
            table.row([
                member.name.clone(),
                member.open_id.to_string(),
                words.footing(standing.footing),
                standing.reason.map_or_else(String::new, |reason| words.reason(reason)),
                self.days_left(&standing).map_or_else(|| "—".to_owned(), |days| days.to_string()),
                standing.missing.join(" "),
                format!("{}/{}", row.archived, row.owned),
                self.moments.say(member.patrolled_at),
                self.subscription(member),
                self.reached(backfills.get(&member.open_id)),
            ]);
        }
        table.print();
        Outcome::Good
    }

    fn show(
        &self,
        row: &MemberRow,
        progress: Option<&Progress>,
        attended: &Attended,
        as_json: bool,
    ) -> Outcome {
        if as_json {
            let mut member = self.describe(row);
            let mut backfill = describe_backfill(progress.map(|progress| &progress.backfill), &self.moments);
            if let (Value::Object(backfill), Some(progress)) = (&mut backfill, progress) {
                backfill.insert("found".to_owned(), json!(progress.came.found));
                backfill.insert("archived".to_owned(), json!(progress.came.archived));
                backfill.insert("open_bytes".to_owned(), json!(progress.came.open_bytes(&progress.measure)));
            }
            member.insert("backfill".to_owned(), backfill);
            member.insert("attended".to_owned(), describe_attended(attended, &self.moments));
            print::json(&Value::Object(member));
            return Outcome::Good;
        }
        let (words, member) = (self.words, &row.member);
        let standing = self.standing(row);
        let mut facts = Table::facts();
        let mut fact = |key: &str, value: String| facts.row([words.say(key), value]);
        fact("column-name", member.name.clone());
        fact("column-open-id", member.open_id.to_string());
        fact("column-state", words.footing(standing.footing));
        if let Some(reason) = standing.reason {
            fact("column-reason", words.reason(reason));
            fact("column-fix", words.reason_fix(reason));
        }
        if let Some(detail) = &member.reason_detail {
            fact("column-detail", detail.clone());
        }
        if member.reason_at.is_some() {
            fact("members-reason-since", self.moments.say_with_distance(member.reason_at, words));
        }
        fact("members-authorised", self.moments.say_with_distance(member.authorised_at, words));
        fact("members-until", self.moments.say_with_distance(standing.until_ms, words));
        fact("members-refreshed", self.moments.say_with_distance(row.refreshed_at, words));
        fact("members-refresh-ends", self.moments.say_with_distance(row.refresh_expires_at, words));
        if let Some(failures) = row.failures.filter(|failures| *failures > 0) {
            fact("members-failures", failures.to_string());
        }
        fact("members-patrolled", self.moments.say_with_distance(member.patrolled_at, words));
        if let Some(error) = &member.patrol_error {
            fact("members-patrol-error", error.clone());
        }
        fact("members-subscribed", self.moments.say_with_distance(member.subscribed_at, words));
        fact(
            "members-subscription-asked",
            self.moments.say_with_distance(member.subscription_asked_at, words),
        );
        if let Some(reason) = member.subscription_reason() {
            fact("members-subscription-error", words.reason(reason));
            fact("column-fix", words.reason_fix(reason));
        }
        if let Some(error) = &member.subscription_error {
            fact("column-detail", error.clone());
        }
        fact("members-heard", self.moments.say_with_distance(member.heard_at, words));
        fact("members-backfill", self.reached(progress.map(|progress| &progress.backfill)));
        if let Some(Progress { backfill, came, measure }) = progress {
            let counts = [
                ("windows", backfill.windows.into()),
                ("found", came.found.into()),
                ("archived", came.archived.into()),
            ];
            fact("status-indent", words.say_with("members-backfill-counts", &counts));
            fact("status-indent", still_to_come(came, measure, words));
            if let Some(error) = &backfill.error {
                fact("column-detail", error.clone());
            }
        }
        fact("members-attended", self.looked_back(attended.looks.as_ref()));
        if let Some(error) = &attended.error {
            fact("column-detail", error.clone());
        }
        fact("column-archived-of-owned", format!("{}/{}", row.archived, row.owned));
        for needed in self.features.user_scopes() {
            let mark = if standing.missing.contains(&needed) { '✗' } else { '✓' };
            fact("members-scope", format!("{mark} {needed}  {}", words.scope(needed)));
        }
        if !standing.missing.is_empty() {
            fact("column-fix", words.say("members-missing-scopes-fix"));
        }
        facts.print();
        Outcome::Good
    }

    fn describe(&self, row: &MemberRow) -> Map<String, Value> {
        let member = &row.member;
        let standing = self.standing(row);
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("open_id", json!(member.open_id));
        put("name", json!(member.name));
        put("state", json!(standing.footing));
        put("reason", json!(standing.reason));
        put("reason_detail", json!(member.reason_detail));
        put("days_left", json!(self.days_left(&standing)));
        put("scopes_granted", json!(member.granted().collect::<Vec<_>>()));
        put("scopes_missing", json!(standing.missing));
        put("owned", json!(row.owned));
        put("archived", json!(row.archived));
        put("refresh_failures", json!(row.failures));
        put("patrol_error", json!(member.patrol_error));
        put("subscription_reason", json!(member.subscription_reason));
        put("subscription_error", json!(member.subscription_error));
        for (name, at_ms) in [
            ("state_at", Some(member.state_at)),
            ("reason_at", member.reason_at),
            ("authorised_at", member.authorised_at),
            ("authorised_until", standing.until_ms),
            ("refreshed_at", row.refreshed_at),
            ("refresh_expires_at", row.refresh_expires_at),
            ("patrolled_at", member.patrolled_at),
            ("patrolled_to", member.patrolled_to),
            ("subscribed_at", member.subscribed_at),
            ("subscription_asked_at", member.subscription_asked_at),
            ("heard_at", member.heard_at),
        ] {
            self.moments.put(&mut object, name, at_ms);
        }
        object
    }

    fn subscription(&self, member: &Member) -> String {
        match member.subscription_reason() {
            Some(reason) => self.words.reason(reason),
            None => self.moments.say(member.subscribed_at),
        }
    }

    fn reached(&self, backfill: Option<&Backfill>) -> String {
        match backfill {
            None => self.moments.say(None),
            Some(backfill) if backfill.ended_at.is_some() => self.words.say("backfill-done"),
            Some(backfill) => {
                let day = self.moments.say(Some(backfill.reached_ms));
                self.words.say_with("backfill-reached", &[("day", day.into())])
            }
        }
    }

    fn looked_back(&self, attended: Option<&AttendedLooks>) -> String {
        match attended {
            None => self.moments.say(None),
            Some(looks) if looks.reached_ms <= looks.goal_ms => self.words.say("backfill-done"),
            Some(looks) => {
                let day = self.moments.say(Some(looks.reached_ms));
                self.words.say_with("backfill-reached", &[("day", day.into())])
            }
        }
    }

    fn standing(&self, row: &MemberRow) -> Standing {
        Standing::of(&row.member, self.features, self.moments.now_ms)
    }

    fn days_left(&self, standing: &Standing) -> Option<i64> {
        standing.until_ms.map(|until| self.moments.days_until(until))
    }
}

/// How far it was looked for what a member attended, and what keeps the next look from succeeding.
struct Attended {
    looks: Option<AttendedLooks>,
    error: Option<String>,
}

/// How far a member's history has been gone through, and what came of it.
struct Progress {
    backfill: Backfill,
    came: BackfillYield,
    measure: MediaMeasure,
}

impl Progress {
    async fn of(catalog: &Catalog, member: &OpenId) -> Result<Option<Self>> {
        let Some(backfill) = catalog.backfill(member).await? else { return Ok(None) };
        let (came, measure) = (catalog.backfill_yield(Some(member)).await?, catalog.media_measure().await?);
        Ok(Some(Self { backfill, came, measure }))
    }
}

/// Null until the first look, unless that failed.
fn describe_attended(attended: &Attended, moments: &Moments) -> Value {
    if attended.looks.is_none() && attended.error.is_none() {
        return Value::Null;
    }
    let mut object = Map::new();
    object.insert("error".to_owned(), json!(attended.error));
    let Some(looks) = &attended.looks else { return Value::Object(object) };
    for (name, at_ms) in
        [("goal", looks.goal_ms), ("reached", looks.reached_ms), ("seen_to", looks.seen_to_ms)]
    {
        moments.put(&mut object, name, Some(at_ms));
    }
    Value::Object(object)
}

fn describe_backfill(backfill: Option<&Backfill>, moments: &Moments) -> Value {
    let Some(backfill) = backfill else { return Value::Null };
    let mut object = Map::new();
    object.insert("scope".to_owned(), json!(backfill.scope));
    object.insert("windows".to_owned(), json!(backfill.windows));
    object.insert("searches".to_owned(), json!(backfill.searches));
    object.insert("error".to_owned(), json!(backfill.error));
    for (name, at_ms) in [
        ("goal", Some(backfill.goal_ms)),
        ("reached", Some(backfill.reached_ms)),
        ("began_at", Some(backfill.began_at)),
        ("ended_at", backfill.ended_at),
    ] {
        moments.put(&mut object, name, at_ms);
    }
    Value::Object(object)
}

/// About how much of a back-fill is still to be fetched.
pub fn still_to_come(came: &BackfillYield, measure: &MediaMeasure, words: Words) -> String {
    let bytes = came.open_bytes(measure);
    let bytes =
        bytes.map_or_else(|| words.say("backfill-unknown"), |bytes| print::size(bytes.unsigned_abs()));
    words.say_with("backfill-open", &[("count", came.open.into()), ("bytes", bytes.into())])
}
