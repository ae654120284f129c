//! An archive over a fresh catalogue and the platform's double, with a clock to turn.

use std::sync::Arc;
use std::time::Duration;

use archive::audit::{Deed, Verb};
use archive::catalog::{Catalog, Sighting};
use archive::discover::{Inbox, Rounds, sight};
use archive::fetch::{Engine, Holds, TransferSettings, Transfers};
use archive::members::{Ask, Authoriser, Courier, Features, Grants, Seal, Welcome};
use archive::model::{Clock, ManualClock, Member, MinuteToken, OpenId, Scope, Track};
use archive::queue::{Queue, TaskKind};
use archive::store::{DEFAULT_TEMPLATE, KeepFree, Store, Template};
use archive::{Archive, BackfillSince, Concurrency, PatrolSettings, Waits};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::databases::Fresh;
use crate::platform::Platform;

/// 2026-11-23 10:00 UTC.
pub(crate) const NOW_MS: i64 = 1_795_428_000_000;
pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Something that whoever sits at the machine does.
pub(crate) fn deed(verb: Verb, subject: &str) -> Deed {
    Deed {
        actor: person("root"),
        verb,
        subject: subject.to_owned(),
        detail: None,
        from: "command line".to_owned(),
        at_ms: NOW_MS,
    }
}

/// Whose grant opens the company's own record.
pub(crate) const ADMINISTRATOR: &str = "ou_admin";

pub(crate) const FEATURES: Features = Features { transcripts: true, summaries: true };

pub(crate) struct Installation {
    pub(crate) archive: Arc<Archive>,
    pub(crate) platform: Platform,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tracker: TaskTracker,
    downloads: TempDir,
    _data: TempDir,
}

impl Installation {
    pub(crate) async fn new(fresh: &Fresh) -> Self {
        Self::over(fresh.catalog.clone(), Platform::start().await, Arc::new(ManualClock::at(NOW_MS))).await
    }

    /// One that looks for these recordings, so far back.
    pub(crate) fn looking_for(mut self, scope: Scope, since: BackfillSince) -> Self {
        let archive = Arc::get_mut(&mut self.archive).expect("nothing has been started yet");
        (archive.scope, archive.backfill_since) = (scope, since);
        self
    }

    /// Ends all work and waits until it has ended.
    pub(crate) async fn stop(&self) {
        self.archive.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }

    /// Another process on the same catalogue, platform and time.
    pub(crate) async fn beside(&self, fresh: &Fresh) -> Self {
        Self::over(fresh.again().await, self.platform.clone(), Arc::clone(&self.clock)).await
    }

    async fn over(catalog: Catalog, platform: Platform, clock: Arc<ManualClock>) -> Self {
        let client = client(&platform.base, "cli_test", "secret");
        let (archive, downloads, data) = open(catalog, client, &clock).await;
        Self { archive, platform, clock, tracker: TaskTracker::new(), downloads, _data: data }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.archive.catalog
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.archive.queue
    }

    pub(crate) fn grants(&self) -> &Grants {
        &self.archive.grants
    }

    pub(crate) fn downloads(&self) -> &std::path::Path {
        self.downloads.path()
    }

    pub(crate) fn inbox(&self) -> Inbox {
        let archive = &self.archive;
        let (clock, arrived) = (Arc::clone(&archive.clock), Arc::clone(&archive.events_arrived));
        Inbox::open(archive.catalog.clone(), clock, arrived, &self.tracker)
    }

    /// The whole way from the code to a stored grant.
    pub(crate) async fn authorise(&self, open_id: &str, name: &str) -> Welcome {
        let authoriser = Authoriser::new(self.grants().clone(), self.queue().clone(), FEATURES);
        let code = self.platform.code_of(open_id, name);
        authoriser
            .finish(
                &code,
                "http://localhost/auth/callback",
                &"verifier".into(),
                Ask::Own,
                Some("zh"),
                "10.0.0.1",
            )
            .await
            .unwrap()
    }

    pub(crate) async fn member(&self, open_id: &str) -> Member {
        self.catalog().member(&person(open_id)).await.unwrap().expect("a member")
    }

    /// Starts one worker, of this kind only, so that what the others would do stays to be seen.
    pub(crate) fn work_on(&self, kind: TaskKind) {
        let only = |it: TaskKind| usize::from(it == kind);
        let at_once = Concurrency {
            recordings: only(TaskKind::Archive),
            patrols: only(TaskKind::Patrol),
            meetings: only(TaskKind::Meeting),
            backfills: only(TaskKind::Backfill),
            attended: only(TaskKind::Attended),
            subscriptions: only(TaskKind::Subscription),
            reconciles: only(TaskKind::Reconcile),
        };
        self.archive.spawn_workers(&self.tracker, at_once);
    }

    /// Starts the work on stored events.
    pub(crate) fn work_on_events(&self) {
        self.archive.spawn_event_work(&self.tracker);
    }

    /// How many events are stored and not yet worked through.
    pub(crate) async fn events_waiting(&self) -> i64 {
        self.catalog().overview().await.unwrap().events_waiting
    }

    /// How many tasks of a kind there are.
    pub(crate) async fn tasks(&self, kind: TaskKind) -> usize {
        self.queue().list(kind, 100_000).await.unwrap().len()
    }

    pub(crate) async fn sight(&self, sighting: &Sighting) {
        sight_in(self.catalog(), sighting, self.clock.now_ms()).await;
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        self.archive.stop.cancel();
    }
}

pub(crate) async fn sight_in(catalog: &Catalog, sighting: &Sighting, now_ms: i64) {
    let mut tx = catalog.db().begin().await.unwrap();
    sight(&mut tx, sighting, now_ms).await.unwrap();
    tx.commit().await.unwrap();
}

/// Until something is so; the bound is there to fail at last, not to measure.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..6_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}

pub(crate) fn person(open_id: &str) -> OpenId {
    OpenId::parse(open_id).unwrap()
}

pub(crate) fn minute(number: usize) -> MinuteToken {
    MinuteToken::parse(&format!("obcn{number:020}")).unwrap()
}

/// A plain sighting of one track, through one member or nobody.
pub(crate) fn seen(minute_token: MinuteToken, track: Track, member: Option<&str>) -> Sighting {
    let member = member.map(person);
    Sighting { minute_token, track, member, owner: None, meeting_id: None, title: None }
}

/// An archive over this catalogue and platform; its folder of files and its data folder.
pub(crate) async fn open(
    catalog: Catalog,
    client: feishu::Client,
    clock: &Arc<ManualClock>,
) -> (Arc<Archive>, TempDir, TempDir) {
    let downloads = tempfile::tempdir().unwrap();
    let shared: Arc<dyn Clock> = Arc::clone(clock) as _;
    let queue = Queue::new(catalog.clone(), Arc::clone(&shared), "node");
    let seal = Arc::new(Seal::new(&[7; 32]));
    let data = tempfile::tempdir().unwrap();
    let courier =
        Courier::in_process(data.path().join("renewals"), &client, &seal, Arc::clone(&shared)).unwrap();
    let archive = Archive {
        grants: Grants::new(catalog.clone(), &client, Arc::clone(&shared), seal, courier),
        catalog,
        queue,
        client,
        store: Store::open(downloads.path().into()).await.unwrap().keeping_free(KeepFree::NOTHING),
        engine: Engine::new(TransferSettings::default(), Arc::clone(&shared), jiff::tz::TimeZone::UTC),
        clock: shared,
        template: Template::parse(DEFAULT_TEMPLATE).unwrap(),
        zone: jiff::tz::TimeZone::UTC,
        features: FEATURES,
        scope: Scope::Owned,
        backfill_since: BackfillSince::Before(Duration::from_hours(720)),
        patrol_settings: PatrolSettings {
            interval: Duration::from_mins(5),
            overlap: Duration::from_hours(24),
            share: 0.8,
        },
        rounds: Rounds::default(),
        administrators: vec![person(ADMINISTRATOR)],
        waits: Waits::default(),
        transfers: Transfers::default(),
        holds: Holds::default(),
        events_arrived: Arc::default(),
        stop: CancellationToken::new(),
    };
    (Arc::new(archive), downloads, data)
}

pub(crate) fn client(base: &str, app_id: &str, app_secret: &str) -> feishu::Client {
    let base: url::Url = base.parse().unwrap();
    feishu::Client::new(feishu::Settings {
        app: feishu::AppCredentials { app_id: app_id.to_owned(), app_secret: app_secret.into() },
        open_base: base.clone(),
        accounts_base: base,
        allow_private_media: true,
        user_agent: "test".to_owned(),
        rate_factor: 1_000.0,
    })
    .unwrap()
}
