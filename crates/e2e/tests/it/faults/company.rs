//! A company whose platform fails to order, and what must hold of its archive in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use e2e::{Installation, Platform, Vault};
use feishu_sim::Scenario;
use feishu_sim::scenario::Person;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

use crate::proof::{all_files, assert_holds, media_files};

/// Rows run side by side, and each look is a process.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Long enough for a loaded machine; reaching it means that it will not come at all.
const LONGEST_LOOK: Duration = Duration::from_mins(2);
/// The shortest wait between two attempts: a second, less its jitter.
const SHORTEST_WAIT_SECONDS: f64 = 0.8;

/// Where a recording stands, and why.
pub(super) type Standing = (String, Option<String>);

pub(super) struct Company {
    pub(super) platform: Platform,
    pub(super) installation: Installation,
    vault: Option<Vault>,
    announced: Instant,
}

/// The two who record.
pub(super) const PEOPLE: [&str; 2] = ["王芳", "李娜"];

/// Its people by name, nothing recorded yet.
fn scenario(people: &[&str]) -> Scenario {
    let mut scenario = Scenario::named("empty").unwrap();
    scenario.people =
        people.iter().map(|name| Person { name: (*name).to_owned(), ..Person::default() }).collect();
    scenario
}

/// An installation that waits as little as it can be told to, and finds nothing but by events.
fn impatient(platform: &Platform) -> Installation {
    Installation::new(platform.ready())
        .with("RETRY_TROUBLE", "1s/2s")
        .with("RETRY_NOT_READY", "1s/2s")
        .with("FEISHU_ANSWER_TIMEOUT", "2s")
        .with("TRANSFER_STALL", "1s")
        .by_events_alone()
}

impl Company {
    /// Both have authorised, and have been looked at once. A file comes over one connection, so that each
    /// request can be foretold.
    pub(super) async fn open() -> Self {
        Self::of(&PEOPLE, "1").await
    }

    /// These people, and this many connections for a file at most.
    pub(super) async fn of(people: &[&str], connections: &str) -> Self {
        let company = Self::unauthorised(people, connections).await;
        for name in people {
            company.authorise(name).await;
        }
        company
            .look("the first looks at everybody", |company| company.installation.has_looked().then_some(()))
            .await;
        company
    }

    /// Nobody has authorised yet.
    pub(super) async fn unauthorised(people: &[&str], connections: &str) -> Self {
        let platform = Platform::start(scenario(people)).await;
        let installation = impatient(&platform).with("TRANSFER_CONNECTIONS_PER_FILE", connections);
        let mut company = Self { platform, installation, vault: None, announced: Instant::now() };
        company.begin().await;
        company
    }

    async fn begin(&mut self) {
        let vault = block_in_place(|| self.installation.serve());
        self.platform.post_events_to(&vault.site).await;
        self.vault = Some(vault);
    }

    fn end(&mut self) {
        let vault = self.vault.take().expect("a running program");
        assert_eq!(block_in_place(|| vault.terminate()), Some(0));
    }

    /// Ends the program, lets something happen, and starts it again.
    pub(super) async fn restart(&mut self, meanwhile: impl AsyncFnOnce(&Platform)) {
        self.end();
        meanwhile(&self.platform).await;
        self.begin().await;
    }

    /// Starts the program again with another setting.
    pub(super) async fn restart_with(&mut self, name: &str, value: &str) {
        self.end();
        self.installation.set(name, value);
        self.begin().await;
    }

    pub(super) async fn authorise(&self, name: &str) {
        assert!(self.clicks(name).await.is_success());
    }

    /// This person goes through the pages; what the last of them says.
    pub(super) async fn clicks(&self, name: &str) -> StatusCode {
        let site = &self.vault.as_ref().expect("a running program").site;
        self.platform.authorise(site, &self.platform.person(name)).await.status
    }

    /// This person withdraws what they agreed to, and the program has heard of it.
    pub(super) async fn withdraw_grant(&self, name: &str) {
        let person = self.platform.person(name);
        self.platform.post(&format!("_sim/people/{person}/revoke"), json!({ "by": "user" })).await;
        self.look("the end of the grant", |company| {
            let shown = company.json(&["members", "show", &person, "--json"]);
            (shown["state"] == "must_authorise").then_some(())
        })
        .await;
    }

    /// A recording of this person, announced to nobody yet.
    pub(super) async fn record(&self, owner: &str, bytes: u64) -> String {
        self.platform.record(owner, "周会", bytes).await
    }

    pub(super) async fn announce(&mut self, tokens: &[&str]) {
        self.announced = Instant::now();
        for token in tokens {
            self.platform.announce(token).await;
        }
    }

    /// Orders a fault for calls of `api` about `token`; for ever without `times`.
    pub(super) async fn order(&self, api: &str, token: &str, times: Option<u32>, fault: &Value) {
        let order = json!({ "api": api, "minute_token": token, "times": times, "fault": fault });
        self.platform.post("_sim/faults", order).await;
    }

    /// Orders a fault for the next call of `api`, whatever it is about.
    pub(super) async fn order_for_all(&self, api: &str, fault: &Value) {
        self.platform.post("_sim/faults", json!({ "api": api, "times": 1, "fault": fault })).await;
    }

    /// From now on all is well.
    pub(super) async fn withdraw_faults(&self) {
        self.platform.delete("_sim/faults").await;
    }

    /// What a command prints, while the stand-in goes on in this process.
    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        block_in_place(|| self.installation.json(arguments))
    }

    /// Where every recording stands.
    pub(super) fn standings(&self) -> BTreeMap<String, Standing> {
        let list = self.json(&["recordings", "list", "--limit", "1000", "--json"]);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = list["recordings"].as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|found| {
                let standing = (text(&found["state"]).expect("a state"), text(&found["reason"]));
                (text(&found["minute_token"]).expect("a token"), standing)
            })
            .collect()
    }

    /// Waits until all recordings there are stand as said.
    pub(super) async fn stand(&self, expected: &[(&str, &str, Option<&str>)]) {
        let expected: BTreeMap<_, _> = expected
            .iter()
            .map(|(token, state, reason)| {
                ((*token).to_owned(), ((*state).to_owned(), reason.map(str::to_owned)))
            })
            .collect();
        self.look(&format!("{expected:?}"), |company| (company.standings() == expected).then_some(())).await;
    }

    /// Waits until everything that was recorded is archived with all its parts.
    pub(super) async fn everything_arrives(&self) {
        let all: BTreeSet<String> = self.platform.minutes_quickly().await.iter().map(token_of).collect();
        let archived = ("archived".to_owned(), None);
        self.look("every recording", |company| {
            let standings = company.standings();
            let is_archived = |token: &String| standings.get(token) == Some(&archived);
            (standings.len() == all.len() && all.iter().all(is_archived)).then_some(())
        })
        .await;
        for token in &all {
            self.arrives(token).await;
        }
    }

    /// Waits until all parts of a recording are here.
    pub(super) async fn arrives(&self, token: &str) {
        self.look(&format!("every part of {token}"), |company| {
            company.parts(token).values().all(|state| state.0 == "done").then_some(())
        })
        .await;
    }

    /// Where the parts of a recording stand that have to come.
    pub(super) fn parts(&self, token: &str) -> BTreeMap<String, Standing> {
        let shown = self.json(&["recordings", "show", token, "--json"]);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let parts = shown["artifacts"].as_array().cloned().unwrap_or_default();
        parts
            .iter()
            .filter(|part| part["kind"] != "sidecar" && part["kind"] != "cover")
            .map(|part| {
                (text(&part["kind"]).unwrap(), (text(&part["state"]).unwrap(), text(&part["reason"])))
            })
            .collect()
    }

    /// The calls of `api` about a recording so far.
    pub(super) async fn calls(&self, api: &str, token: &str) -> Vec<Value> {
        let path = format!("_sim/requests?api={api}&minute_token={token}&limit=5000");
        self.platform.get(&path).await["requests"].as_array().cloned().unwrap_or_default()
    }

    /// How often `api` was called so far.
    pub(super) async fn calls_in_all(&self, api: &str) -> u64 {
        self.platform.get("_sim/counters").await["apis"][api]["calls"].as_u64().unwrap_or(0)
    }

    /// How often somebody can have tried since the announcement who waits between two attempts.
    pub(super) fn attempts_at_most(&self) -> usize {
        let seconds = self.announced.elapsed().as_secs_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen at most")]
        let waits = (seconds / SHORTEST_WAIT_SECONDS) as usize;
        waits + 2
    }

    /// Bytes of this recording that the media host gave out.
    pub(super) async fn served(&self, token: &str) -> u64 {
        let minute = self.platform.get(&format!("_sim/minutes/{token}")).await;
        minute["served"]["bytes"].as_u64().expect("a count")
    }

    /// Nothing of this recording goes by a final name.
    pub(super) fn assert_no_file_of(&self, token: &str) {
        assert!(!media_files(&self.installation.downloads()).contains_key(token));
    }

    /// Files of this recording that are not finished.
    pub(super) fn unfinished(&self, token: &str) -> usize {
        let of_it = |path: &std::path::PathBuf| {
            let name = path.to_string_lossy();
            name.contains(token) && name.contains(".part")
        };
        all_files(&self.installation.downloads()).iter().filter(|path| of_it(path)).count()
    }

    /// Ends the program and holds its archive against the truth: these recordings byte for byte and nothing else,
    /// no token handed to the media host, no limit overrun, nothing that broke down.
    pub(super) async fn ends_with(mut self, kept: impl Fn(&Value) -> bool) {
        self.end();
        let truth = self.platform.minutes().await;
        assert_holds(&self.installation.downloads(), truth.iter().filter(|minute| kept(minute)));
        let counters = self.platform.get("_sim/counters").await;
        assert_eq!(counters["media_authorization_leaks"], 0);
        let calls = self.platform.get("_sim/requests?limit=5000").await;
        let overrun = |call: &&Value| call["code"] == 99_991_400 && call["fault"].is_null();
        assert_eq!(calls["requests"].as_array().unwrap().iter().find(overrun), None);
        let log = self.installation.log();
        for bad in ["panicked", "broke down", "internal error"] {
            assert!(!log.contains(bad), "{bad}");
        }
    }

    /// Everything has arrived, and stays when the program ends.
    pub(super) async fn ends_whole(self) {
        self.everything_arrives().await;
        self.ends_with(|_| true).await;
    }

    /// Looks until there is something to see.
    pub(super) async fn look<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(began.elapsed() < LONGEST_LOOK, "never came: {what}; but {:#?}", self.standings());
            sleep(LOOK_EVERY).await;
        }
    }
}

pub(super) fn token_of(minute: &Value) -> String {
    minute["token"].as_str().expect("a token").to_owned()
}
