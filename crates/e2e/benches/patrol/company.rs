//! A company of any size for days within minutes: the stand-in and the archive's own work on discovery in one
//! process, over real sockets and a real catalogue, on time that stands still until everything that is under way
//! has come to rest.
//!
//! Fetching is left out, and the renewal of grants: what is looked at here is when a recording becomes known, and
//! what that costs in calls.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use archive::catalog::{Catalog, Db};
use archive::discover::{Inbox, Rounds};
use archive::fetch::{Engine, Holds, TransferSettings, Transfers};
use archive::members::{Ask, Authoriser, Courier, Features, Grants, Seal};
use archive::model::{Clock, OpenId, Scope};
use archive::queue::Queue;
use archive::store::{DEFAULT_TEMPLATE, KeepFree, Store, Template};
use archive::{Archive, BackfillSince, Concurrency, PatrolSettings, Waits};
use feishu_sim::scenario::Person;
use feishu_sim::{Scenario, Sim};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Monday, 2026-11-23, 00:00 in Beijing; simulated days begin there.
pub(crate) const MIDNIGHT_MS: i64 = 1_795_363_200_000;
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// What time moves by.
const STEP: Duration = Duration::from_millis(250);
/// Turns of the runtime without anything under way after which nothing more is to come.
const CALM: usize = 4;
/// The platform answers after so long, ms.
const LATENCY_MS: u64 = 200;
const FEATURES: Features = Features { transcripts: true, summaries: true };
const REDIRECT: &str = "http://127.0.0.1/auth/callback";
const FOR_EVER_SECONDS: i64 = 365 * 86_400;

/// What company it is.
pub(crate) struct Setting {
    /// Members; the first is an administrator, and the last ones have no working subscription.
    pub(crate) members: usize,
    pub(crate) untold: usize,
    /// Whether the administrator opens the company's own record.
    pub(crate) with_record: bool,
    /// The patrol's share of the searches.
    pub(crate) share: f64,
    /// How far back everybody's history is gone through, if at all.
    pub(crate) history: Option<Duration>,
    /// When it all begins, unix ms.
    pub(crate) begins_ms: i64,
}

pub(crate) struct Company {
    pub(crate) archive: Arc<Archive>,
    pub(crate) sim: Sim,
    inbox: Inbox,
    control: reqwest::Client,
    /// The open_id of the first who has no working subscription.
    first_untold: String,
    tracker: TaskTracker,
    _folder: TempDir,
    /// Time moves only when it is moved: the runtime leaves it alone while this blocks one of its threads.
    _stands_still: mpsc::Sender<()>,
}

/// The runtime's time as the archive's.
struct RuntimeClock {
    began_ms: i64,
    began: Instant,
}

impl Clock for RuntimeClock {
    fn now_ms(&self) -> i64 {
        self.began_ms + i64::try_from(self.began.elapsed().as_millis()).expect("some days")
    }
}

/// Runs `work` where time stands still until it is moved.
pub(crate) fn on_standing_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}

/// The open_id of a member by number.
pub(crate) fn person(number: usize) -> String {
    format!("ou_{number:05}")
}

impl Company {
    /// A company whose members have all just authorised, and whose work goes on.
    pub(crate) async fn start(setting: &Setting) -> Self {
        let (stands_still, waits) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || waits.recv());
        let sim =
            Sim::start(scenario(setting), ([127, 0, 0, 1], 0).into()).await.expect("the stand-in listens");
        let folder = in_memory();
        let clock: Arc<dyn Clock> =
            Arc::new(RuntimeClock { began_ms: setting.begins_ms, began: Instant::now() });
        let archive = Arc::new(archive(setting, &sim, &folder, Arc::clone(&clock)).await);
        let tracker = TaskTracker::new();
        let inbox =
            Inbox::open(archive.catalog.clone(), clock, Arc::clone(&archive.events_arrived), &tracker);
        let redirect = reqwest::redirect::Policy::none();
        let control = reqwest::Client::builder().no_proxy().redirect(redirect).build().expect("a client");
        let company = Self {
            archive,
            sim,
            inbox,
            control,
            first_untold: person(setting.members - setting.untold),
            tracker,
            _folder: folder,
            _stands_still: stands_still,
        };
        company.refuse_subscriptions(setting).await;
        company.archive.spawn_event_work(&company.tracker);
        company.archive.spawn_workers(
            &company.tracker,
            Concurrency {
                recordings: 0,
                patrols: 1,
                meetings: 1,
                backfills: usize::from(setting.history.is_some()),
                attended: usize::from(setting.history.is_some()),
                subscriptions: 1,
                reconciles: 1,
            },
        );
        // Of some other kind; it shows that there is a way for them.
        company.hear("the first".to_owned(), "contact.user.updated_v3", json!({})).await;
        company.authorise_all(setting).await;
        company
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.archive.clock.now_ms()
    }

    /// Lets everything that is due happen, and then a moment pass.
    pub(crate) async fn step(&self) {
        let mut calm = 0;
        while calm < CALM {
            tokio::task::yield_now().await;
            calm = if self.catalog_works() { 0 } else { calm + 1 };
        }
        advance(STEP).await;
    }

    /// The catalogue's work is done by threads of which the runtime knows nothing.
    fn catalog_works(&self) -> bool {
        match self.archive.catalog.db() {
            Db::Sqlite { writer, reader, .. } => {
                writer.size() as usize > writer.num_idle() || reader.size() as usize > reader.num_idle()
            }
            Db::Postgres(_) => unreachable!("it is SQLite"),
        }
    }

    /// An order to the stand-in.
    pub(crate) async fn order(&self, path: &str, body: &Value) {
        let url = format!("{}/_sim/{path}", self.sim.base());
        let answer = self.control.post(url).json(body).send().await.expect("the stand-in answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap_or_default());
    }

    /// An event reaches us.
    pub(crate) async fn hear(&self, id: String, kind: &str, body: Value) {
        let event = feishu::Event {
            id,
            kind: kind.to_owned(),
            created_ms: Some(self.now_ms()),
            tenant_key: None,
            body,
        };
        self.inbox.accept(event).await.expect("the event is stored");
    }

    /// Calls so far by API, and how many the platform found too many.
    pub(crate) async fn calls(&self) -> (BTreeMap<String, u64>, u64) {
        let url = format!("{}/_sim/counters", self.sim.base());
        let counters = self.control.get(url).send().await.expect("the stand-in answers");
        let counters: Value = counters.json().await.expect("JSON");
        let apis = counters["apis"].as_object().expect("an object").iter();
        let count = |counts: &Value| counts["calls"].as_u64().unwrap_or_default();
        let calls = apis.map(|(api, counts)| (api.clone(), count(counts))).collect();
        (calls, counters["over_limit"].as_u64().expect("a count"))
    }

    /// For how long whoever was not looked at for longest has not been, ms: of all members, and of those
    /// without a working subscription, for whom it is never renewed. None while somebody has never been looked at.
    pub(crate) async fn unseen_ms(&self) -> [Option<i64>; 2] {
        let row: Option<(i64, Option<i64>, Option<i64>)> = self
            .archive
            .catalog
            .db()
            .row(
                "SELECT COUNT(*) - COUNT(patrolled_at), MIN(patrolled_at),
                    MIN(CASE WHEN open_id >= $1 THEN patrolled_at END) FROM members",
                vec![self.first_untold.as_str().into()],
            )
            .await
            .expect("the catalogue answers");
        match row {
            Some((0, all, untold)) => [all, untold].map(|seen| seen.map(|at| self.now_ms() - at)),
            _ => [None, None],
        }
    }

    /// When each recording became known, unix ms.
    pub(crate) async fn known(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT minute_token, found_at FROM recordings";
        let rows: Vec<(String, i64)> =
            self.archive.catalog.db().rows(sql, Vec::new()).await.expect("the catalogue answers");
        rows.into_iter().collect()
    }

    pub(crate) async fn stop(self) {
        self.archive.stop.cancel();
        self.tracker.close();
        drop(self.inbox);
        // A look that is under way may be waiting for its turn, and time goes on only when it is told to.
        while !self.tracker.is_empty() {
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        self.archive.catalog.db().close().await;
        self.sim.shutdown().await;
    }

    async fn refuse_subscriptions(&self, setting: &Setting) {
        for number in setting.members - setting.untold..setting.members {
            let refusal =
                json!({ "kind": "code", "code": 2_091_005, "status": 403, "msg": "permission deny" });
            let order = json!({ "api": "minutes.subscription", "open_id": person(number), "times": 1_000_000,
                "fault": refusal });
            self.order("faults", &order).await;
        }
    }

    async fn authorise_all(&self, setting: &Setting) {
        const AT_ONCE: usize = 16;
        let mut doors = JoinSet::new();
        for door in 0..AT_ONCE {
            let authoriser =
                Authoriser::new(self.archive.grants.clone(), self.archive.queue.clone(), FEATURES);
            let (control, members) = (self.control.clone(), setting.members);
            let with_record = setting.with_record;
            doors.spawn(async move {
                for number in (door..members).step_by(AT_ONCE) {
                    let ask = if number == 0 && with_record { Ask::CompanyRecord } else { Ask::Own };
                    authorise(&control, &authoriser, &person(number), ask).await;
                }
            });
        }
        while !doors.is_empty() {
            self.step().await;
            while let Some(done) = doors.try_join_next() {
                done.expect("everybody gets in");
            }
        }
    }
}

/// One person agrees on the platform's page, and their code becomes a grant.
async fn authorise(control: &reqwest::Client, authoriser: &Authoriser, open_id: &str, ask: Ask) {
    let started = authoriser.start(REDIRECT, ask);
    let mut form: Vec<(String, String)> = started.url.query_pairs().into_owned().collect();
    form.push(("open_id".to_owned(), open_id.to_owned()));
    form.push(("decision".to_owned(), "allow".to_owned()));
    let mut page = started.url.clone();
    page.set_query(None);
    let answer = control.post(page).form(&form).send().await.expect("the page answers");
    let back = answer.headers().get("location").expect("a way back").to_str().expect("an address");
    let back: url::Url = back.parse().expect("an address");
    let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    authoriser.finish(&code, REDIRECT, &started.verifier, ask, None, "10.0.0.1").await.expect("a grant");
}

fn scenario(setting: &Setting) -> Scenario {
    let mut scenario = Scenario { now_ms: Some(setting.begins_ms), seed: Some(1), ..Scenario::default() };
    scenario.people = (0..setting.members)
        .map(|number| Person {
            open_id: person(number),
            name: format!("员工{number}"),
            meeting_admin: number == 0,
            ..Person::default()
        })
        .collect();
    scenario.app.access_token_seconds = FOR_EVER_SECONDS;
    scenario.app.refresh_token_seconds = FOR_EVER_SECONDS;
    scenario.knobs.latency_ms = LATENCY_MS;
    scenario.knobs.date_skew_ms = Some(0);
    scenario
}

/// Where no disk is waited for.
fn in_memory() -> TempDir {
    let here = std::path::Path::new("/dev/shm");
    if here.is_dir() { tempfile::tempdir_in(here) } else { tempfile::tempdir() }.expect("a folder")
}

async fn archive(setting: &Setting, sim: &Sim, folder: &TempDir, clock: Arc<dyn Clock>) -> Archive {
    let db = Db::open_sqlite(&folder.path().join("catalogue.db")).await.expect("the catalogue opens");
    let catalog = Catalog::new(db);
    let ready = sim.ready();
    let base: url::Url = ready.api_base.parse().expect("an address");
    let client = feishu::Client::new(feishu::Settings {
        app: feishu::AppCredentials {
            app_id: ready.app_id.clone(),
            app_secret: ready.app_secret.as_str().into(),
        },
        open_base: base.clone(),
        accounts_base: base,
        allow_private_media: true,
        user_agent: "simulation".to_owned(),
        rate_factor: 1.0,
    })
    .expect("a client");
    let seal = Arc::new(Seal::new(&[7; 32]));
    let renewals = folder.path().join("renewals");
    let courier = Courier::in_process(renewals, &client, &seal, Arc::clone(&clock)).expect("a courier");
    let store = Store::open(folder.path().join("archive").as_path().into()).await.expect("a store");
    Archive {
        grants: Grants::new(catalog.clone(), &client, Arc::clone(&clock), seal, courier),
        queue: Queue::new(catalog.clone(), Arc::clone(&clock), "node"),
        catalog,
        client,
        store: store.keeping_free(KeepFree::NOTHING),
        engine: Engine::new(TransferSettings::default(), Arc::clone(&clock), TimeZone::UTC),
        clock,
        template: Template::parse(DEFAULT_TEMPLATE).expect("a template"),
        zone: TimeZone::UTC,
        features: FEATURES,
        scope: Scope::Owned,
        backfill_since: BackfillSince::Before(setting.history.unwrap_or_default()),
        patrol_settings: PatrolSettings {
            interval: Duration::from_mins(5),
            overlap: Duration::from_hours(24),
            share: setting.share,
        },
        rounds: Rounds::default(),
        administrators: vec![OpenId::parse(&person(0)).expect("an open_id")],
        waits: Waits::default(),
        transfers: Transfers::default(),
        holds: Holds::default(),
        events_arrived: Arc::default(),
        stop: CancellationToken::new(),
    }
}
