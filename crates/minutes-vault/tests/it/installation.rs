//! A folder with settings in which the program is run, and a catalogue seeded through the archive crate.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use archive::catalog::{Arg, Catalog, Db, FinishedFile};
use archive::model::{ArtifactKind, MinuteToken};
use archive::store::Store;
use serde_json::Value;
use tempfile::TempDir;

/// Owned by Wang Fang and archived, with a video and a transcript.
pub(crate) const ARCHIVED: &str = "obcnarchived000000000001";
/// Its owner has not authorised; its title is an attack on terminals.
pub(crate) const NO_GRANT: &str = "obcnnogrant0000000000002";
pub(crate) const WANG_FANG: &str = "ou_wangfang";
pub(crate) const DAY_MS: i64 = 86_400_000;
pub(crate) const FOLDER: &str = "王芳/2026-06";
pub(crate) const VIDEO: &str = "周会 [obcnarchived000000000001].mp4";

/// A real recording of some seconds.
pub(crate) const CLIP: &[u8] = include_bytes!("../../../feishu-sim/src/media/clips/bars.mp4");

pub(crate) struct Installation {
    folder: TempDir,
}

impl Installation {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn video(&self) -> PathBuf {
        self.at("downloads").join(FOLDER).join(VIDEO)
    }

    /// The program without any setting of ours.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minutes-vault"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MINUTES_VAULT_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env("LC_ALL", "en_US.UTF-8");
        command
    }

    /// Runs the program with what it needs; nothing listens where it looks for the platform.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let settings = [
            ("MINUTES_VAULT_FEISHU_APP_ID", "cli_a"),
            ("MINUTES_VAULT_FEISHU_APP_SECRET", "app-secret"),
            ("MINUTES_VAULT_FEISHU_OPEN_BASE_URL", "http://127.0.0.1:1"),
            ("MINUTES_VAULT_SERVER_LISTEN", "127.0.0.1:0"),
        ];
        said(self.bare(arguments).envs(settings).output().unwrap())
    }

    /// Runs it and reads its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let said = self.run(arguments);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{said:?}"))
    }

    pub(crate) async fn catalog(&self) -> Catalog {
        std::fs::create_dir_all(self.at("data")).unwrap();
        Catalog::new(Db::open_sqlite(&self.at("data/catalogue.db")).await.unwrap())
    }

    /// Two recordings, one member.
    pub(crate) async fn seed(&self) {
        let catalog = self.catalog().await;
        let authorised_at = now_ms() - 65 * DAY_MS - DAY_MS / 2;
        let execute = async |sql: &'static str, args: Vec<Arg>| {
            catalog.db().execute(sql, args).await.unwrap();
        };
        execute(
            "INSERT INTO members (open_id, name, state, state_at, authorised_at, scopes) VALUES ($1, '王芳', 'active', $2, $2,
                'offline_access minutes:minutes.basic:read minutes:minutes.search:read minutes:minutes.media:export')",
            vec![WANG_FANG.into(), authorised_at.into()],
        )
        .await;
        execute(
            "INSERT INTO recordings (minute_token, state, owner_id, title, created_ms, dir, stem, found_at)
             VALUES ($1, 'archived', $2, '周会', 1780000000000, $3, 'x', 1)",
            vec![ARCHIVED.into(), WANG_FANG.into(), FOLDER.into()],
        )
        .await;
        execute(
            "INSERT INTO recordings (minute_token, state, reason, owner_id, title, found_at)
             VALUES ($1, 'no_grant', 'no_grant', 'ou_other', $2, 2)",
            vec![NO_GRANT.into(), "预算会\u{1b}[2J\u{202e}\nhidden".into()],
        )
        .await;
        for (token, kind, reason) in
            [(NO_GRANT, "media", "no_grant"), (ARCHIVED, "transcript_srt", "export_denied")]
        {
            execute(
                "INSERT INTO artifacts (minute_token, kind, state, reason) VALUES ($1, $2, 'pending', $3)",
                vec![token.into(), kind.into(), reason.into()],
            )
            .await;
        }
        execute(
            "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at) VALUES ($1, 'patrol', $2, 1, 1)",
            vec![ARCHIVED.into(), WANG_FANG.into()],
        )
        .await;
        let store = Store::open(self.at("downloads")).await.unwrap();
        let token = MinuteToken::parse(ARCHIVED).unwrap();
        for (kind, name, content) in [
            (ArtifactKind::Media, VIDEO, CLIP),
            (ArtifactKind::TranscriptTxt, "周会 [obcnarchived000000000001].txt", "王芳：大家好".as_bytes()),
        ] {
            let committed = store.put_small(Path::new(FOLDER), name, content).await.unwrap();
            let file = FinishedFile {
                via: Some(WANG_FANG.to_owned()),
                ..FinishedFile::new(name.to_owned(), committed.bytes, committed.sha256)
            };
            catalog.artifact_done(&token, kind, &file, 1).await.unwrap();
        }
        catalog.db().close().await;
    }
}

/// What the program said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn said(output: Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn now_ms() -> i64 {
    archive::model::Clock::now_ms(&archive::model::SystemClock)
}
