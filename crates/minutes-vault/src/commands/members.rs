//! `members`: who has authorised, with which scopes, and for how long.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use anyhow::Result;
use archive::catalog::{Catalog, MemberRow};
use archive::members::{Farewell, Features, LONGEST_GRANT_MS, forget};
use archive::model::{Backfill, BackfillYield, Clock as _, MediaMeasure, Member, OpenId, SystemClock};
use serde_json::{Map, Value, json};
use web::words::Words;

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
            Some(row) => view.show(&row, Progress::of(&catalog, &id).await?.as_ref(), output.json),
            None => unknown(&id, words),
        },
        Members::Remove { id, yes, output } => match find(&catalog, &id).await? {
            Some(row) => view.remove(config, &catalog, &row, yes, output.json).await?,
            None => unknown(&id, words),
        },
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
            table.row([
                member.name.clone(),
                member.open_id.to_string(),
                words.member_state(member.state),
                self.days_left(row).map_or_else(|| "—".to_owned(), |days| days.to_string()),
                self.missing(row).join(" "),
                format!("{}/{}", row.archived, row.owned),
                self.moments.say(member.patrolled_at),
                self.subscription(member),
                self.reached(backfills.get(&member.open_id)),
            ]);
        }
        table.print();
        Outcome::Good
    }

    fn show(&self, row: &MemberRow, progress: Option<&Progress>, as_json: bool) -> Outcome {
        if as_json {
            let mut member = self.describe(row);
            let mut backfill = describe_backfill(progress.map(|progress| &progress.backfill), &self.moments);
            if let (Value::Object(backfill), Some(progress)) = (&mut backfill, progress) {
                backfill.insert("found".to_owned(), json!(progress.came.found));
                backfill.insert("archived".to_owned(), json!(progress.came.archived));
                backfill.insert("open_bytes".to_owned(), json!(progress.came.open_bytes(&progress.measure)));
            }
            member.insert("backfill".to_owned(), backfill);
            print::json(&Value::Object(member));
            return Outcome::Good;
        }
        let (words, member) = (self.words, &row.member);
        let mut facts = Table::facts();
        let mut fact = |key: &str, value: String| facts.row([words.say(key), value]);
        fact("column-name", member.name.clone());
        fact("column-open-id", member.open_id.to_string());
        fact("column-state", words.member_state(member.state));
        if let Some(reason) = member.reason() {
            fact("column-reason", words.reason(reason));
            fact("column-fix", words.reason_fix(reason));
        }
        if let Some(detail) = &member.reason_detail {
            fact("column-detail", detail.clone());
        }
        fact("members-authorised", self.moments.say_with_distance(member.authorised_at, words));
        fact("members-until", self.moments.say_with_distance(authorised_until(row), words));
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
        fact("column-archived-of-owned", format!("{}/{}", row.archived, row.owned));
        let missing = self.missing(row);
        for needed in self.features.user_scopes() {
            let mark = if missing.contains(&needed) { '✗' } else { '✓' };
            fact("members-scope", format!("{mark} {needed}  {}", words.scope(needed)));
        }
        if !missing.is_empty() {
            fact("column-fix", words.say("members-missing-scopes-fix"));
        }
        facts.print();
        Outcome::Good
    }

    async fn remove(
        &self,
        config: &Config,
        catalog: &Catalog,
        row: &MemberRow,
        yes: bool,
        as_json: bool,
    ) -> Result<Outcome> {
        let (words, id) = (self.words, &row.member.open_id);
        let who = [("name", print::harmless(&row.member.name).into()), ("id", id.as_str().into())];
        if !yes && !std::io::stdin().is_terminal() {
            eprintln!("{}", words.say("members-remove-needs-yes"));
            return Ok(Outcome::Misconfigured);
        }
        if !yes && !is_confirmed(&words.say_with("members-remove-question", &who))? {
            print::line(words.say("members-remove-left"));
            return Ok(Outcome::Bad);
        }
        let (client, seal) = (startup::feishu_client(config)?, startup::open_seal(config)?);
        let farewell = forget(catalog, &client, &seal, id, SystemClock.now_ms()).await?;
        if as_json {
            let is_unsubscribed = matches!(farewell, Farewell::Unsubscribed);
            print::json(&json!({ "open_id": id, "removed": true, "unsubscribed": is_unsubscribed }));
        } else {
            print::line(words.say_with("members-removed", &who));
            match farewell {
                Farewell::Unsubscribed => print::line(words.say("members-unsubscribed")),
                Farewell::NoToken => print::line(words.say("members-unsubscribed-no-token")),
                Farewell::Refused(why) => {
                    print::line(words.say_with("members-unsubscribed-refused", &[("why", why.into())]));
                }
            }
        }
        Ok(Outcome::Good)
    }

    fn describe(&self, row: &MemberRow) -> Map<String, Value> {
        let member = &row.member;
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("open_id", json!(member.open_id));
        put("name", json!(member.name));
        put("state", json!(member.state));
        put("reason", json!(member.reason));
        put("reason_detail", json!(member.reason_detail));
        put("days_left", json!(self.days_left(row)));
        put("scopes_granted", json!(member.granted().collect::<Vec<_>>()));
        put("scopes_missing", json!(self.missing(row)));
        put("owned", json!(row.owned));
        put("archived", json!(row.archived));
        put("refresh_failures", json!(row.failures));
        put("patrol_error", json!(member.patrol_error));
        put("subscription_reason", json!(member.subscription_reason));
        put("subscription_error", json!(member.subscription_error));
        for (name, at_ms) in [
            ("state_at", Some(member.state_at)),
            ("authorised_at", member.authorised_at),
            ("authorised_until", authorised_until(row)),
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

    fn days_left(&self, row: &MemberRow) -> Option<i64> {
        authorised_until(row).map(|until| self.moments.days_until(until))
    }

    /// Needed scopes that this member has not granted; of nobody who has never granted any.
    fn missing(&self, row: &MemberRow) -> Vec<&'static str> {
        if row.member.authorised_at.is_none() {
            return Vec::new();
        }
        self.features.missing(row.member.granted())
    }
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

fn authorised_until(row: &MemberRow) -> Option<i64> {
    row.member.authorised_at.map(|at| at.saturating_add(LONGEST_GRANT_MS))
}

fn is_confirmed(question: &str) -> Result<bool> {
    print!("{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}
