//! A large archive, made straight into catalogue and folder: fetching all of it would take a day.

use std::path::PathBuf;
use std::sync::Arc;

use archive::audit::{Deed, Verb};
use archive::catalog::{Arg, Catalog, Db, FinishedFile};
use archive::members::{Arrival, Sessions};
use archive::model::{ArtifactKind, MinuteToken, OpenId, SystemClock};
use e2e::{Installation, Platform};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use secrecy::ExposeSecret as _;

use crate::Size;
use crate::language::Language;

/// 2026-11-23.
const NEWEST_MS: i64 = 1_795_428_000_000;
const TWO_YEARS_MS: i64 = 63_072_000_000;
/// Of a meeting.
const ATTENDED_BY: usize = 6;
const FOLDERS: usize = 100;
const FAMILY_NAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"];
const GIVEN_NAMES: [&str; 12] = ["芳", "伟", "娜", "敏", "静", "磊", "军", "洋", "勇", "艳", "杰", "一鸣"];

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

fn token(number: usize) -> String {
    format!("obcn{number:020}")
}

fn open_id(number: usize) -> String {
    format!("ou_{number:032}")
}

impl Filled {
    pub(crate) async fn new(size: Size, is_searched: bool) -> Self {
        let platform = Platform::named("small").await;
        let (auditor, administrator) = (open_id(1), open_id(2));
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
        self.catalog.artifact_done(&token, ArtifactKind::Media, &file, NEWEST_MS).await.expect("noted");
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
        at_ms: NEWEST_MS,
    };
    sessions.begin(arrival, &deed).await.expect("a session").expose_secret().to_owned()
}

async fn fill(catalog: &Catalog, installation: &Installation, language: &Language, size: Size) {
    let mut dice = StdRng::seed_from_u64(3);
    let folder = |number: usize| format!("f{}", number % FOLDERS);
    for number in 0..FOLDERS {
        std::fs::create_dir_all(installation.downloads().join(folder(number))).expect("a folder");
    }
    let mut tx = catalog.db().begin().await.expect("a transaction");
    for number in 0..size.people {
        let name = format!("{}{}", FAMILY_NAMES[number % 10], GIVEN_NAMES[number / 10 % 12]);
        let sql = "INSERT INTO members (open_id, name, state, state_at) VALUES ($1, $2, 'must_authorise', 0)";
        tx.execute(sql, vec![Arg::from(open_id(number)), Arg::from(name)]).await.expect("a member");
    }
    for number in 0..size.recordings {
        // One of a hundred recordings belongs to the one who reads.
        let owner = if number % 100 == 0 { 0 } else { dice.random_range(0..size.people) };
        let made_ms = NEWEST_MS - dice.random_range(0..TWO_YEARS_MS);
        let length_ms = dice.random_range(300_000..7_200_000_i64);
        let text = [token(number), open_id(owner), language.title(number), folder(number)].map(Arg::from);
        let mut values = Vec::from(text);
        values.extend([made_ms, length_ms].map(Arg::from));
        let sql = "INSERT INTO recordings (minute_token, state, owner_id, title, dir, stem, created_ms, duration_ms,
                found_at, state_at, archived_at, metadata)
             VALUES ($1, 'archived', $2, $3, $4, 'x', $5, $6, $5, $5, $5, '{}')";
        tx.execute(sql, values).await.expect("a recording");
        for _ in 0..ATTENDED_BY {
            let person = open_id(dice.random_range(0..size.people));
            let sql = "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at)
                 VALUES ($1, 'patrol', $2, 0, 0) ON CONFLICT DO NOTHING";
            tx.execute(sql, vec![Arg::from(token(number)), Arg::from(person)]).await.expect("a sighting");
        }
        let media = if number % 8 == 0 { "x.m4a" } else { "x.mp4" };
        artifact(&mut tx, number, "media", media, 300_000_000).await;
        if number < size.transcripts {
            let name = format!("{number}.srt");
            let srt = language.transcript(number);
            let path: PathBuf = installation.downloads().join(folder(number)).join(&name);
            std::fs::write(path, &srt).expect("written");
            artifact(&mut tx, number, "transcript_srt", &name, srt.len()).await;
        }
        let sql = "INSERT INTO unindexed (minute_token) VALUES ($1)";
        tx.execute(sql, vec![Arg::from(token(number))]).await.expect("a mark");
    }
    tx.commit().await.expect("committed");
}

async fn artifact(tx: &mut archive::catalog::Tx, number: usize, kind: &str, name: &str, bytes: usize) {
    let mut values =
        Vec::from([token(number), kind.to_owned(), name.to_owned(), "00".repeat(32)].map(Arg::from));
    values.extend([i64::try_from(bytes).unwrap_or(0), NEWEST_MS].map(Arg::from));
    let sql =
        "INSERT INTO artifacts (minute_token, kind, state, file_name, sha256, bytes, done_at, verified_at)
         VALUES ($1, $2, 'done', $3, $4, $5, $6, $6)";
    tx.execute(sql, values).await.expect("an artifact");
}
