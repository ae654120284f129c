//! The patrol's part of `status`: who is looked at how often, by the plan that the company as it stands leads to.

use anyhow::Result;
use archive::catalog::Catalog;
use archive::discover::{Allowance, Members, Need, Plan, Survey};
use archive::model::{Clock as _, SystemClock};
use serde_json::{Value, json};
use web::words::Words;

use crate::config::Config;
use crate::print::Moments;

/// The plan, and what it rests on.
pub struct Patrol {
    members: Members,
    allowance: Allowance,
    plan: Plan,
    never_seen: usize,
    /// Unix ms.
    longest_unseen: Option<i64>,
}

impl Patrol {
    /// As the catalogue and the configuration have it.
    pub async fn of(catalog: &Catalog, config: &Config) -> Result<Self> {
        let survey = Survey::of(catalog, SystemClock.now_ms()).await?;
        let searches = feishu::searches_a_minute(config.feishu.rate_factor);
        let allowance = Allowance::of(&config.patrol, config.archive.scope, searches);
        let members = survey.members();
        Ok(Self {
            members,
            allowance,
            plan: Plan::of(members, &allowance),
            never_seen: survey.never_seen(),
            longest_unseen: survey.longest_unseen(),
        })
    }

    /// How many members there are to look at.
    pub fn count(&self) -> usize {
        self.members.iter().sum()
    }

    /// Whether the share is not enough to see everybody in time.
    pub fn is_stretched(&self) -> bool {
        self.plan.is_stretched
    }

    /// How often the one is seen who is seen least, for people.
    pub fn slowest(&self, words: Words) -> String {
        period(self.plan.every_ms(Need::Quiet), words)
    }

    /// Lines for people: the key of each and what it says.
    pub fn rows(&self, moments: &Moments, words: Words) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        for (need, members) in Need::ALL.iter().zip(self.members).filter(|(_, members)| *members > 0) {
            let every = period(self.plan.every_ms(*need), words);
            let variables =
                [("members", members.into()), ("need", words.need(*need).into()), ("every", every.into())];
            rows.push(("status-indent", words.say_with("status-patrol-plan", &variables)));
        }
        if self.longest_unseen.is_some() {
            let seen = moments.say_with_distance(self.longest_unseen, words);
            rows.push(("status-indent", words.say_with("status-patrol-unseen", &[("moment", seen.into())])));
        }
        if self.never_seen > 0 {
            let count = [("count", self.never_seen.into())];
            rows.push(("status-indent", words.say_with("status-patrol-never", &count)));
        }
        if self.is_stretched() {
            rows.push(("status-indent", words.say("status-patrol-stretched")));
        }
        rows
    }

    /// For programs.
    pub fn describe(&self, moments: &Moments) -> Value {
        let needs = Need::ALL.iter().zip(self.members).map(|(need, members)| {
            let plan = json!({ "members": members, "every_ms": self.plan.every_ms(*need) });
            (need.as_str().to_owned(), plan)
        });
        let mut answer = json!({
            "needs": needs.collect::<serde_json::Map<_, _>>(),
            "searches_a_minute": self.allowance.searches_a_minute,
            "searches_a_look": self.allowance.searches_a_look,
            "is_stretched": self.is_stretched(),
            "never_seen": self.never_seen,
        });
        if let Value::Object(object) = &mut answer {
            moments.put(object, "longest_unseen_at", self.longest_unseen);
        }
        answer
    }
}

/// A length of time in its largest sensible unit.
fn period(ms: i64, words: Words) -> String {
    const MINUTE_MS: i64 = 60_000;
    const HOUR_MS: i64 = 60 * MINUTE_MS;
    const HOURS_MS: i64 = 4 * HOUR_MS;
    let (key, unit_ms) = match ms {
        ..MINUTE_MS => ("period-seconds", 1_000),
        MINUTE_MS..HOURS_MS => ("period-minutes", MINUTE_MS),
        HOURS_MS.. => ("period-hours", HOUR_MS),
    };
    words.say_with(key, &[("count", ((ms + unit_ms / 2) / unit_ms).into())])
}
