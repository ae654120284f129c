//! A company's archive after a year, made straight into catalogue and folder: fetching all of it would take a day. What
//! the program would write of such a year is written as it would write it, and nothing of it comes due while it is
//! measured.

use std::sync::Arc;
use std::time::Duration;

use archive::audit::{Deed, Verb};
use archive::catalog::{Arg, Catalog, Db, FinishedFile};
use archive::members::{Arrival, Sessions};
use archive::model::{ArtifactKind, Clock as _, MinuteToken, OpenId, SystemClock};
use e2e::{Installation, Platform};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use secrecy::ExposeSecret as _;

use crate::language::Language;
use crate::{Size, deeds, discovery, people, recordings, retention};

pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
pub(crate) const YEAR_MS: i64 = 365 * DAY_MS;
/// Of the people; the first reads as a member does.
pub(crate) const AUDITOR: usize = 1;
pub(crate) const ADMINISTRATOR: usize = 2;

/// An installation whose archive is full, and three of its people.
pub(crate) struct Filled {
    pub(crate) installation: Installation,
    pub(crate) catalog: Catalog,
    pub(crate) language: Language,
    /// What the browser of somebody with many recordings holds.
    pub(crate) member: String,
    pub(crate) auditor: String,
    pub(crate) administrator: String,
    _platform: Platform,
}

pub(crate) fn token(number: usize) -> String {
    format!("obcn{number:020}")
}

pub(crate) fn open_id(number: usize) -> String {
    format!("ou_{number:032}")
}

pub(crate) fn whole(count: usize) -> i64 {
    i64::try_from(count).expect("no more than fits")
}

impl Filled {
    pub(crate) async fn new(size: Size, is_searched: bool) -> Self {
        let platform = Platform::named("small").await;
        let (auditor, administrator) = (open_id(AUDITOR), open_id(ADMINISTRATOR));
        let installation = Installation::new(platform.ready()).with("COMPANY_AUDITORS", &auditor);
        let installation = installation.with("COMPANY_ADMINISTRATORS", &administrator);
        // It makes the folders, the catalogue and the archive's mark.
        installation.serve().kill();
        let path = installation.folder().join("data/catalogue.db");
        let catalog = Catalog::new(Db::open_sqlite(&path).await.expect("a catalogue"));
        let language = Language::new(size.transcripts);
        fill(&catalog, &installation, &language, size).await;
        if !is_searched {
            catalog.db().execute("DELETE FROM unindexed", Vec::new()).await.expect("no marks");
        }
        // The write-ahead log is folded in, so that it does not count as part of the catalogue.
        catalog.db().close().await;
        let catalog = Catalog::new(Db::open_sqlite(&path).await.expect("the same catalogue"));
        let sessions = Sessions::new(catalog.clone(), Arc::new(SystemClock));
        let member = sign_in(&sessions, &open_id(0)).await;
        let auditor = sign_in(&sessions, &auditor).await;
        let administrator = sign_in(&sessions, &administrator).await;
        Self { installation, catalog, language, member, auditor, administrator, _platform: platform }
    }

    /// Until the program's start is over: it asks for everybody's subscription once more.
    pub(crate) async fn settled(&self) {
        let sql = "SELECT COUNT(*) FROM tasks WHERE kind = 'subscription'";
        while self.catalog.db().row::<(i64,)>(sql, Vec::new()).await.expect("a count") != Some((0,)) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) fn catalogue_bytes(&self) -> u64 {
        let folder = self.installation.folder().join("data");
        ["catalogue.db", "catalogue.db-wal"]
            .iter()
            .map(|name| std::fs::metadata(folder.join(name)).map_or(0, |metadata| metadata.len()))
            .sum()
    }

    /// Makes the first recording's media a file of so many bytes; its address.
    pub(crate) async fn large_file(&self, bytes: usize) -> String {
        let content: Vec<u8> = StdRng::seed_from_u64(7).random_iter().take(bytes).collect();
        std::fs::write(self.installation.downloads().join("large.mp4"), content).expect("written");
        let file = FinishedFile::new("large.mp4".to_owned(), bytes as u64, "00".repeat(32));
        let token = MinuteToken::parse(&token(0)).expect("a token");
        let sql = "UPDATE recordings SET dir = '' WHERE minute_token = $1";
        self.catalog.db().execute(sql, vec![Arg::from(&token)]).await.expect("a place");
        let now_ms = SystemClock.now_ms();
        self.catalog.artifact_done(&token, ArtifactKind::Media, &file, now_ms).await.expect("noted");
        format!("/recordings/{token}/media")
    }
}

async fn sign_in(sessions: &Sessions, open_id: &str) -> String {
    let actor = OpenId::parse(open_id).expect("an open_id");
    let arrival =
        Arrival { open_id: &actor, name: "王芳", from: "127.0.0.1", agent: "bench", instead_of: None };
    let deed = Deed {
        actor: actor.clone(),
        verb: Verb::SignedIn,
        subject: open_id.to_owned(),
        detail: None,
        from: "127.0.0.1".to_owned(),
        at_ms: SystemClock.now_ms(),
    };
    sessions.begin(arrival, &deed).await.expect("a session").expose_secret().to_owned()
}

async fn fill(catalog: &Catalog, installation: &Installation, language: &Language, size: Size) {
    let now_ms = SystemClock.now_ms();
    people::fill(catalog, size, now_ms).await;
    recordings::fill(catalog, &installation.downloads(), language, size, now_ms).await;
    deeds::fill(catalog, language, size, now_ms).await;
    retention::fill(catalog, size, now_ms).await;
    discovery::fill(catalog, now_ms).await;
}
